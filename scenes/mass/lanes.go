package mass

import (
	"strings"

	"dpoplayground/scenes/picture"
)

// Lanes draws the mass views of runs that are compared, one above the other and
// on one scale. It keeps what it has written from frame to frame.
type Lanes struct {
	part  picture.Picture
	names []laneName // by place in the picture
	said  []string   // what the description was made of
	desc  string
}

// A Lane is one of the runs.
type Lane struct {
	Name   string // what run it is
	Title  string // the name and what is to be known of the run, in a line
	View   *View
	Mass   *Mass
	Grains *Grains // or nil, as for View.Draw
}

// laneName is the name of a target, made from its lane's and its own.
type laneName struct{ lane, own, full string }

// laneIDs is how far apart the IDs of targets in two lanes are.
const laneIDs = 1 << 24

// LaneOf takes a target's ID apart: into its lane, from 0, and its ID there.
// In the first lane IDs are what they are without lanes.
func LaneOf(id int) (lane, own int) { return id / laneIDs, id % laneIDs }

// Draw fills p with the lanes in w×h pixels, the first on top. now is the
// grains' clock in milliseconds. The scale is the same for all.
func (s *Lanes) Draw(p *picture.Picture, lanes []Lane, now float64, w, h float32) {
	p.Reset(w, h)
	each := h / float32(len(lanes))
	for i := range lanes {
		y := float32(i) * each
		if i > 0 {
			p.Segment(0, y, w, y, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1})
		}
		head := s.title(p, &lanes[i], y)
		lanes[i].View.Draw(&s.part, lanes[i].Mass, lanes[i].Grains, now, w, each-head)
		from := len(p.Targets)
		p.Append(&s.part, 0, y+head)
		s.claim(p.Targets[from:], i, from, lanes[i].Name)
		s.hear(3*i, lanes[i].Title, s.part.Title, s.part.Desc)
	}
	s.describe(p, 3*len(lanes))
}

// title writes a lane's title, smaller where it would not fit, and returns what
// it takes of the height.
func (s *Lanes) title(p *picture.Picture, l *Lane, y float32) float32 {
	size, wide := max(0.9*l.Mass.Font, 14), p.W-2*picture.PageMargin
	fits := picture.Clamp(0.93*wide/picture.TextWidth(l.Title, 1, true), picture.LeastTick, size)
	p.Text(picture.Label{X: picture.PageMargin, Y: y + 4, W: wide, Text: l.Title, Size: fits, Lines: 1, Bold: true, Ink: picture.InkText})
	return picture.LineHeight*size + 6
}

// claim makes IDs and names of a lane's targets its own. Those of the first
// lane stay as they are.
func (s *Lanes) claim(targets []picture.Target, lane, from int, name string) {
	for len(s.names) < from+len(targets) {
		s.names = append(s.names, laneName{})
	}
	for i := range targets {
		t, n := &targets[i], &s.names[from+i]
		if lane == 0 {
			continue
		}
		if n.lane != name || n.own != t.Name {
			*n = laneName{name, t.Name, name + ": " + t.Name}
		}
		t.ID, t.Name = t.ID+lane*laneIDs, n.full
	}
}

// hear takes in what a lane says.
func (s *Lanes) hear(at int, texts ...string) {
	for len(s.said) < at+len(texts) {
		s.said = append(s.said, "")
	}
	for i, text := range texts {
		if s.said[at+i] != text {
			s.said[at+i], s.desc = text, ""
		}
	}
}

// describe fills the picture's words from what was heard.
func (s *Lanes) describe(p *picture.Picture, n int) {
	if len(s.said) > n {
		s.said, s.desc = s.said[:n], ""
	}
	if s.desc == "" {
		var b strings.Builder
		for i := 0; i < n; i += 3 {
			b.WriteString(s.said[i] + ". " + s.said[i+2] + " ")
		}
		s.desc = strings.TrimSpace(b.String())
	}
	p.Title, p.Desc = s.said[1], s.desc
}
