package mass

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// columnMarks is what a picture of columns shows of one reply: where its bar, its
// outline and its marker end, and where its percentage stands.
type columnMarks struct {
	bar, outline, marker float32 // y; the marker's middle, or -1
	middle               float32 // x
	half                 float32 // of the marker's height
	number               picture.Label
}

// columnsOf reads a picture of columns back into its replies.
func columnsOf(p *picture.Picture) []columnMarks {
	marks := make([]columnMarks, len(p.Targets))
	bars, outlines, markers, numbers := 0, 0, 0, 0
	for i := range marks {
		marks[i].marker = -1
	}
	for _, m := range p.Marks {
		switch {
		case m.Kind == picture.KindRect && m.Ink == picture.InkPolicy:
			marks[bars].bar, marks[bars].middle = m.Y, m.X+m.W/2
			bars++
		case m.Kind == picture.KindRect && m.Ink == picture.InkReference:
			marks[outlines].outline = m.Y
			outlines++
		case m.Kind == picture.KindDiamond && m.Ink == picture.InkOptimum:
			marks[markers].marker, marks[markers].half = m.Y, m.R
			markers++
		}
	}
	for _, l := range p.Labels {
		if l.Bold {
			marks[numbers].number = l
			numbers++
		}
	}
	return marks
}

func isColumns(p *picture.Picture) bool { return p.Targets[0].H == p.H-4 }

// digits is what a percentage's digits cover: on their baseline, three quarters
// of the font size high.
func digits(l *picture.Label) picture.Bar {
	b := l.Box()
	return picture.Bar{b.X, b.Y + 0.22*l.Size, b.W, 0.75 * l.Size}
}

// A percentage belongs to its bar at first sight: it stands on the bar, or on
// the reference's outline if that ends close above the bar, and it is nearer to
// what it stands on than to the optimum's marker, unless that is close to the
// bar's end anyway.
func TestPercentStandsOnItsBar(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	p, v := &picture.Picture{}, NewView(scenetest.TestWords(t))
	checked := 0
	for n := range 3000 {
		m := randomMass(r)
		m.Font = float32(r.IntN(32))
		v.Draw(p, m, nil, 0, 320+r.Float32()*1080, 260+r.Float32()*540)
		if !isColumns(p) {
			continue
		}
		for i, c := range columnsOf(p) {
			foot := c.number.Y + picture.LineHeight*c.number.Size
			above, em := c.bar-foot, c.number.Size
			onOutline := max(c.outline-foot, foot-c.outline) < 0.5*em && above < 3.2*em
			if above < 0 || above > 0.5*em && !onOutline {
				t.Fatalf("mass %d, reply %d: %q stands %g above its bar and %g above the outline, at %g px", n, i, c.number.Text, above, c.outline-foot, em)
			}
			if c.marker >= 0 && c.bar-c.marker > 5*em && min(above, max(c.outline-foot, foot-c.outline)) >= c.number.Y-c.marker {
				t.Fatalf("mass %d, reply %d: %q is nearer to the marker than to what it stands on", n, i, c.number.Text)
			}
			checked++
		}
	}
	if checked < 3000 {
		t.Errorf("only %d columns were seen", checked)
	}
}

// A row's percentage is above its own bar, or left of it.
func TestPercentIsInItsRow(t *testing.T) {
	for _, k := range []int{2, 6, 12} {
		p := drawMass(t, bicycle(k), 362, 500)
		for i, c := range columnsOf(p) {
			g, box := p.Targets[i], c.number.Box()
			if box.Y < g.Y-1 || box.Y+box.H > g.Y+g.H {
				t.Errorf("%d rows: %q at %+v is not in row %+v", k, c.number.Text, box, g)
			}
			if k < 12 && !(box.Y < c.bar && c.bar-box.Y-box.H < c.number.Size) {
				t.Errorf("%d rows: %q at %+v is not close above its bar at %g", k, c.number.Text, box, c.bar)
			}
		}
	}
}

// As a bar rises past its marker and its outline, in steps of a fifth of a
// pixel, its percentage drops back from the outline once at most and otherwise
// only glides, and the marker never covers its digits.
func TestPercentGlidesPastTheMarker(t *testing.T) {
	p, v := &picture.Picture{}, NewView(scenetest.TestWords(t))
	for _, w := range []float32{600, 760, 1150} {
		for _, optimum := range []float64{0.2, 0.3, 0.34, 0.4, 0.55} {
			m := bicycle(6)
			m.Peak, m.Replies[2].Reference, m.Replies[2].Optimum = 0.6, 0.35, optimum
			jumps, last, labels := 0, picture.Label{}, 0
			for q := 0.1001; q < 0.59; q += 0.0004 {
				m.Replies[2].Policy = q
				v.Draw(p, m, nil, 0, w, 440)
				c := columnsOf(p)[2]
				if marker := (picture.Bar{c.middle - c.half, c.marker - c.half, 2 * c.half, 2 * c.half}); digits(&c.number).Overlaps(marker, 0) {
					t.Fatalf("width %g, policy %g, optimum %g: the marker %+v covers %q %+v", w, q, optimum, marker, c.number.Text, digits(&c.number))
				}
				jump := c.number.Y - last.Y
				if last.Size > 0 && max(jump, -jump) > 1 {
					jumps++
				}
				if glide := c.number.X + c.number.W - last.X - last.W; last.Text == c.number.Text && labels == len(p.Labels) && jump*jump < 1 && max(glide, -glide) > 8 {
					t.Fatalf("width %g, policy %g, optimum %g: the percentage leapt by %g", w, q, optimum, glide)
				}
				last, labels = c.number, len(p.Labels)
			}
			if jumps > 1 {
				t.Errorf("width %g, optimum %g: %d jumps", w, optimum, jumps)
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
