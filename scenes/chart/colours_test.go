package chart

import (
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// Twenty lines differ in ink or in pattern, the first four in both; none has the
// colour of chosen or rejected replies.
func TestLinesDiffer(t *testing.T) {
	type look struct {
		ink  picture.Ink
		dash float32
	}
	seen := map[look]int{}
	for i := range 20 {
		style := LineStyle(i, picture.InkNone)
		if style.Ink == picture.InkChosen || style.Ink == picture.InkRejected {
			t.Errorf("line %d has the ink %v", i, style.Ink)
		}
		if k, is := seen[look{style.Ink, style.Dash}]; is {
			t.Errorf("lines %d and %d look the same", k, i)
		}
		for k := range min(i, 4) {
			if other := LineStyle(k, picture.InkNone); i < 4 && (other.Ink == style.Ink || other.Dash == style.Dash) {
				t.Errorf("lines %d and %d share an ink or a pattern", k, i)
			}
		}
		seen[look{style.Ink, style.Dash}] = i
	}
}

// The ledger's sides are told apart by place and lightness, the plane's arrow by its
// head: neither is green or orange, which mean chosen and rejected.
func TestLedgerHasNoColoursOfPairs(t *testing.T) {
	s := &Ledger{Replies: []string{"a", "b"}, Net: []float64{0, 0.2, -0.2, 0}}
	p := &picture.Picture{}
	s.Draw(p, scenetest.PageWords(t), 400, 200)
	rects := 0
	for _, m := range p.Marks {
		if m.Ink == picture.InkChosen || m.Ink == picture.InkRejected {
			t.Errorf("a mark %+v has a pair's colour", m)
		}
		if m.Kind == picture.KindRect {
			rects++
		}
	}
	if rects != 2 {
		t.Errorf("%d bars for one giver and one taker", rects)
	}
}
