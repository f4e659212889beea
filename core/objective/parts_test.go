package objective_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core/objective"
)

// slopesOf returns ψ's derivatives by the parts' definition.
func slopesOf(p *objective.Parts, x, y float64) (dx, dy float64) {
	chosen, rejected := objective.Part{Height: x, Slope: 1}, objective.Part{Height: y, Slope: 1}
	if p.Chosen != nil {
		chosen, rejected = p.Chosen(x), p.Chosen(y)
		rejected.Alone = 0
	}
	if p.Rejected != nil {
		rejected = p.Rejected(y)
	}
	dx, dy = chosen.Alone, rejected.Alone
	if p.Link.Slope != nil {
		link := p.Link.Slope(chosen.Height - rejected.Height)
		dx += link * chosen.Slope
		dy -= link * rejected.Slope
	}
	return dx, dy
}

func TestPartsMakeThePair(t *testing.T) {
	r := rand.New(rand.NewPCG(81, 82))
	in := 0
	for i := range objective.All() {
		o := &objective.All()[i]
		for range 300 {
			l := o.With(randomHypers(o, r))
			if l.Parts == nil {
				continue
			}
			x, tokens := randomPair(r), float64(1+r.IntN(4))
			a, b := o.Score(x[0], x[2], tokens), o.Score(x[1], x[3], tokens)
			_, wantX, wantY := l.Pair(a, b)
			gotX, gotY := slopesOf(l.Parts, a, b)
			size := 1 + math.Abs(wantX) + math.Abs(wantY)
			if !(math.Abs(gotX-wantX) <= 1e-12*size) || !(math.Abs(gotY-wantY) <= 1e-12*size) {
				t.Errorf("%s, %+v at %v, %v: %v, %v, want %v, %v", o.Key, l.Params, a, b, gotX, gotY, wantX, wantY)
			}
			in++
		}
	}
	if in < 20*300 {
		t.Errorf("only %d losses are in parts", in)
	}
}
