package chart

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// Any accounts make a sound picture.
func TestLedgersAreSound(t *testing.T) {
	words, r := scenetest.TestWords(t), rand.New(rand.NewPCG(3, 4))
	var p picture.Picture
	for round := range 400 {
		n := 2 + r.IntN(12)
		s := Ledger{From: r.IntN(10), To: 10 + r.IntN(1000), Font: []float32{0, 16, 30}[r.IntN(3)], Net: make([]float64, n*n)}
		for k := range n {
			s.Replies = append(s.Replies, fmt.Sprintf("reply %d %s", k, strings.Repeat("long ", r.IntN(20))))
			for j := range k {
				m := (r.Float64() - 0.5) * math.Pow(10, -6*r.Float64()) / float64(n)
				s.Net[j*n+k], s.Net[k*n+j] = m, -m
			}
		}
		s.Draw(&p, words, []float32{220, 340, 900}[r.IntN(3)], s.Height())
		scenetest.Inspect(t, &p, fmt.Sprintf("round %d", round))
	}
}

// What stands on the left is what stands on the right, and the bands fill the
// bars: nothing is lost on the way.
func TestLedgerIsConserved(t *testing.T) {
	var p picture.Picture
	s := Ledger{Replies: []string{"a", "b", "c"}, To: 10, Net: []float64{0, .2, -.1, -.2, 0, -.05, .1, .05, 0}}
	s.Draw(&p, scenetest.TestWords(t), 340, s.Height())
	want := map[string]float64{"left": .2 + .1 + .05, "right": .1 + .2 + .05}
	for name, side := range map[string][]account{"left": s.left, "right": s.right} {
		sum := 0.0
		for _, a := range side {
			sum += a.amount
			if math.Abs(float64(a.used-a.bar.H)) > 1e-3 {
				t.Errorf("%s: bands take %v of a bar of %v", name, a.used, a.bar.H)
			}
		}
		if math.Abs(sum-want[name]) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, sum, want[name])
		}
	}
	if !strings.Contains(p.Desc, "35") || !strings.Contains(p.Desc, "20") {
		t.Errorf("%q", p.Desc)
	}
}
