package picture_test

import (
	"strings"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// A captioned picture is the picture and, below all of it, what it shows and the
// link; a link that is too long to be seen whole is whole in the description.
func TestCaption(t *testing.T) {
	q := massPicture(t)
	for _, link := range []string{"http://127.0.0.1/#v=1", "https://example.org/#v=1&a=" + strings.Repeat("word+", 1500)} {
		var p picture.Picture
		p.Caption(q, "Mass, after 40 steps", link, 16)
		scenetest.Inspect(t, &p, "captioned")
		if len(p.Labels) != len(q.Labels)+2 || p.W != q.W || p.H <= q.H || p.H > q.H+200 {
			t.Fatalf("%d labels in %v×%v", len(p.Labels), p.W, p.H)
		}
		for _, l := range p.Labels[len(q.Labels):] {
			if b := l.Box(); b.Y < q.H || b.Y+b.H > p.H {
				t.Errorf("%q stands at %+v, outside the caption", l.Text, b)
			}
		}
		if p.Title != q.Title || !strings.HasSuffix(p.Desc, link) {
			t.Errorf("%q, %q", p.Title, p.Desc)
		}
	}
}
