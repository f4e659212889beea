package mass

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// rowMarks is what the picture shows of one reply: where its bar, its post and its
// marker are, and its percentage.
type rowMarks struct {
	bar          picture.Mark
	post, marker float32 // x; the marker's middle, or -1
	number       picture.Label
}

// rowsOf reads a picture back into its replies.
func rowsOf(p *picture.Picture) []rowMarks {
	rows := make([]rowMarks, len(p.Targets))
	for i := range rows {
		rows[i].marker, rows[i].post = -1, -1
	}
	row := func(y float32) *rowMarks {
		for i, g := range p.Targets {
			if y >= g.Y && y < g.Y+g.H {
				return &rows[i]
			}
		}
		return &rowMarks{}
	}
	for _, m := range p.Marks {
		switch {
		case m.Kind == picture.KindRect && m.Ink == picture.InkPolicy:
			row(m.Y + m.H/2).bar = m
		case m.Kind == picture.KindLine && m.Dash > 0 && m.Ink == picture.InkOptimum:
			row(p.Points[m.To-1].Y - 1).post = p.Points[m.From].X
		case m.Kind == picture.KindDiamond && m.Ink == picture.InkOptimum:
			row(m.Y).marker = m.X
		}
	}
	for _, l := range p.Labels {
		if l.Bold {
			row(l.Y + l.Box().H/2).number = l
		}
	}
	return rows
}

// The axis goes from 0 to 100 % whatever the run has reached, so that a bar is as
// long as its probability: bars, posts and markers of any state lie where the same
// probabilities of another do.
func TestAxisIsFixed(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	p, v := &picture.Picture{}, NewView(scenetest.TestWords(t))
	for n := range 1500 {
		m := randomMass(r)
		m.Font, m.Focus = float32(r.IntN(32)), -1
		m.Reached = picture.Reached(r.IntN(2) * int(picture.Unknown))
		w, h := 320+r.Float32()*1080, 260+r.Float32()*540
		one := *m
		one.Replies = append([]Reply(nil), m.Replies...)
		for i := range one.Replies {
			one.Replies[i].Policy, one.Replies[i].Reference = 1, 0
		}
		v.Draw(p, &one, nil, 0, w, h)
		whole := rowsOf(p)[0]
		v.Draw(p, m, nil, 0, w, h)
		for i, row := range rowsOf(p) {
			at := func(q float64) float32 { return whole.post + float32(q)*whole.bar.W }
			near := func(got float32, q float64, what string) {
				if d := got - at(q); d > 0.1 || d < -0.1 {
					t.Fatalf("mass %d, reply %d: %s of %g is at %g, want %g", n, i, what, q, got, at(q))
				}
			}
			near(row.bar.X+row.bar.W, m.Replies[i].Policy, "the bar")
			near(row.post, m.Replies[i].Reference, "the post")
			if m.Reached == picture.Reachable {
				near(row.marker, m.Replies[i].Optimum, "the marker")
			}
		}
		if whole.bar.W < 0.3*w {
			t.Fatalf("100 %% is only %g of %g pixels", whole.bar.W, w)
		}
	}
}

// A percentage stands right of its bar and of its reference's post, level with
// the bar, in its own row.
func TestPercentStandsAtItsBar(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 26))
	p, v := &picture.Picture{}, NewView(scenetest.TestWords(t))
	for n := range 1500 {
		m := randomMass(r)
		m.Font = float32(r.IntN(32))
		v.Draw(p, m, nil, 0, 320+r.Float32()*1080, 260+r.Float32()*540)
		for i, row := range rowsOf(p) {
			box, g := row.number.Box(), p.Targets[i]
			if row.number.Text == "" || box.X < row.bar.X+row.bar.W || box.X < row.post {
				t.Fatalf("mass %d, reply %d: %q at %+v, the bar ends at %g and the post is at %g", n, i, row.number.Text, box, row.bar.X+row.bar.W, row.post)
			}
			if off := box.Y + box.H/2 - row.bar.Y - row.bar.H/2; off > 1 || off < -1 || box.Y < g.Y-1 || box.Y+box.H > g.Y+g.H+1 {
				t.Fatalf("mass %d, reply %d: %q at %+v is not level with bar %+v in row %+v", n, i, row.number.Text, box, row.bar, g)
			}
		}
	}
}

// The texts of the selected pair are in the colours of a chosen and a rejected
// reply, and nothing else of the picture is.
func TestColoursMeanChosenAndRejected(t *testing.T) {
	for _, w := range []float32{362, 900} {
		for _, pair := range [][2]int{{0, 4}, {5, 1}, {-1, -1}, {2, 2}} {
			m := bicycle(6)
			m.PairChosen, m.PairRejected = pair[0], pair[1]
			p := drawMass(t, m, w, 420)
			for _, mark := range p.Marks {
				if mark.Ink == picture.InkChosen || mark.Ink == picture.InkRejected {
					t.Fatalf("a mark has ink %d", mark.Ink)
				}
			}
			got, want := map[picture.Ink]string{}, map[picture.Ink]string{}
			for _, l := range p.Labels {
				if l.Ink == picture.InkChosen || l.Ink == picture.InkRejected {
					got[l.Ink] += l.Text
				}
			}
			if pair[0] != pair[1] {
				want[picture.InkChosen], want[picture.InkRejected] = m.Replies[pair[0]].Text, m.Replies[pair[1]].Text
			}
			if !maps.Equal(got, want) {
				t.Errorf("width %g, pair %v: %v, want %v", w, pair, got, want)
			}
		}
	}
}

// A larger font on the page makes no text of the picture smaller.
func TestFontNeverShrinksText(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	v := NewView(scenetest.TestWords(t))
	for n := range 1500 {
		m := randomMass(r)
		w, h := 320+r.Float32()*1580, 260+r.Float32()*800
		small, large := &picture.Picture{}, &picture.Picture{}
		m.Font = []float32{0, 16}[r.IntN(2)]
		v.Draw(small, m, nil, 0, w, h)
		m.Font = max(16, m.Font) + float32(r.IntN(14))
		v.Draw(large, m, nil, 0, w, h)
		scenetest.Inspect(t, large, fmt.Sprintf("[mass %d font %g]", n, m.Font))
		if a, b := sizes(small), sizes(large); a[0] > b[0] || a[1] > b[1] || a[2] > b[2] {
			t.Fatalf("mass %d at %gx%g: sizes %v became %v at font %g", n, w, h, a, b, m.Font)
		}
	}
}

// sizes are the smallest fonts of the bold, soft and other labels.
func sizes(p *picture.Picture) [3]float32 {
	s := [3]float32{1e9, 1e9, 1e9}
	for _, l := range p.Labels {
		k := 2
		if l.Bold {
			k = 0
		} else if l.Ink == picture.InkSoft {
			k = 1
		}
		if k < 2 || l.Ink == picture.InkText {
			s[k] = min(s[k], l.Size)
		}
	}
	return s
}

// Where there is room the page's font gives the sizes.
func TestMassFontSizes(t *testing.T) {
	for _, c := range []struct{ font, w, h, percent, tick, text float32 }{
		{16, 640, 400, 15.7, 12, 13}, {20, 900, 560, 20, 12, 0.82 * 20}, {26, 1150, 600, 26, 12, 0.82 * 26},
	} {
		m := bicycle(6)
		m.Font = c.font
		if s := sizes(drawMass(t, m, c.w, c.h)); s[0] < c.percent || s[1] < c.tick || s[2] < c.text {
			t.Errorf("font %g at %gx%g: percent, tick, text are %v", c.font, c.w, c.h, s)
		}
	}
}

// Pointing at a reply writes its optimum beside the marker.
func TestFocusWritesTheOptimum(t *testing.T) {
	for _, w := range []float32{362, 607} {
		m := begin()
		count := func() (n int) {
			for _, l := range drawMass(t, m, w, 500).Labels {
				if strings.Contains(l.Text, "57%") {
					n++
				}
			}
			return n
		}
		before := count()
		m.Focus = 0
		if after := count(); before != 0 || after != 1 {
			t.Errorf("width %g: 57%% is written %d times without focus, %d times with", w, before, after)
		}
	}
}
