package scenetest

import (
	"fmt"
	"strings"
	"testing"

	"dpoplayground/scenes/picture"
)

// Inspect holds a picture to what every picture must be: its coordinates are
// numbers inside the frame, no two texts overlap, and it says something.
func Inspect(t *testing.T, p *picture.Picture, what string) {
	t.Helper()
	if p.Title == "" || p.Desc == "" || strings.Contains(p.Title+p.Desc, "[") && !strings.Contains(what, "[") {
		t.Fatalf("%s: title %q, description %q", what, p.Title, p.Desc)
	}
	inside := func(b picture.Bar, slack float32, kind string) {
		if !(b.X >= -slack && b.Y >= -slack && b.X+b.W <= p.W+slack && b.Y+b.H <= p.H+slack && b.W >= 0 && b.H >= 0) {
			t.Fatalf("%s: %s at %+v is not inside %g×%g", what, kind, b, p.W, p.H)
		}
	}
	for _, m := range p.Marks {
		switch m.Kind {
		case picture.KindRect:
			inside(picture.Bar{m.X - m.Stroke/2, m.Y - m.Stroke/2, m.W + m.Stroke, m.H + m.Stroke}, 0, "a rectangle")
		case picture.KindDisc, picture.KindDiamond:
			inside(picture.Bar{m.X - m.R, m.Y - m.R, 2 * m.R, 2 * m.R}, m.Stroke, "a marker")
		}
	}
	for _, q := range p.Points {
		inside(picture.Bar{q.X, q.Y, 0, 0}, 0, "a point")
	}
	boxes := make([]picture.Bar, len(p.Labels))
	for i := range p.Labels {
		boxes[i] = p.Labels[i].Box()
		inside(boxes[i], 0.5, fmt.Sprintf("label %q", p.Labels[i].Text))
		for k := range i {
			if boxes[i].Overlaps(boxes[k], 1) {
				t.Fatalf("%s: labels %q at %+v and %q at %+v overlap", what, p.Labels[k].Text, boxes[k], p.Labels[i].Text, boxes[i])
			}
		}
	}
	for _, g := range p.Targets {
		inside(picture.Bar{g.X, g.Y, g.W, g.H}, 0, "a target")
		if g.Name == "" {
			t.Fatalf("%s: a target without a name", what)
		}
	}
}
