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

func TestPlanePicturesAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 3))
	p, words := &picture.Picture{}, scenetest.TestWords(t)
	for n := range 800 {
		v := Plane{Theta: [2]float64{math.Pow(10, 40*r.Float64()-20), -math.Pow(10, 40*r.Float64()-20)}, Step: [2]float64{r.NormFloat64() * math.Pow(10, 40*r.Float64()-20), r.NormFloat64()}}
		spread := math.Pow(10, 4*r.Float64()-2)
		k := 1 + r.IntN(12)
		policy, reference := scenetest.RandomSimplex(r, k), scenetest.RandomSimplex(r, k)
		for i := range k {
			v.Replies = append(v.Replies, PlaneReply{scenetest.RandomText(r), spread * r.NormFloat64(), spread * r.NormFloat64(), policy[i], reference[i]})
			v.Pairs = append(v.Pairs, [2]int{r.IntN(k), i})
		}
		v.Draw(p, words, 180+r.Float32()*400, 180+r.Float32()*300)
		scenetest.Inspect(t, p, fmt.Sprintf("[plane %d]", n))
		if len(p.Targets) != len(v.Replies) {
			t.Fatalf("%d targets for %d replies", len(p.Targets), len(v.Replies))
		}
	}
}

// Where a reply is drawn is where At finds its features.
func TestPlaneIsReadAsItIsDrawn(t *testing.T) {
	p, words := &picture.Picture{}, scenetest.TestWords(t)
	v := Plane{Replies: []PlaneReply{{"a", 0.25, -1, 1, 1}, {"b", 1, 0, 0, 0}}}
	v.Draw(p, words, 300, 200)
	for i, q := range p.Targets {
		x, y := v.At(q.X+q.W/2, q.Y+q.H/2, 300, 200)
		if math.Abs(x-v.Replies[i].X) > 1e-5 || math.Abs(y-v.Replies[i].Y) > 1e-5 {
			t.Errorf("%s is read at (%v, %v)", v.Replies[i].Text, x, y)
		}
	}
	if x, y := v.At(-50, 900, 300, 200); x != -v.Edge() || y != -v.Edge() {
		t.Errorf("far outside is (%v, %v)", x, y)
	}
}

// A disc's area is the probability, and the arrow points as θ − θ₀ does.
func TestPlaneShowsProbabilityAndDirection(t *testing.T) {
	p, words := &picture.Picture{}, scenetest.TestWords(t)
	v := Plane{Replies: []PlaneReply{{"a", 0.5, 0.5, 0.8, 0.2}, {"b", -0.5, 0, 0.2, 0.8}}, Theta: [2]float64{-3, 4}}
	v.Draw(p, words, 300, 300)
	var discs []picture.Mark
	var arrow picture.Mark
	for _, m := range p.Marks {
		if m.Kind == picture.KindDisc && m.Ink == picture.InkPolicy {
			discs = append(discs, m)
		}
		if m.Arrow && m.Ink == picture.InkPolicy {
			arrow = m
		}
	}
	if got := discs[0].R * discs[0].R / discs[1].R / discs[1].R; math.Abs(float64(got)-4) > 1e-4 {
		t.Errorf("the areas are as %v, want 4", got)
	}
	from, to := p.Points[arrow.From], p.Points[arrow.To-1]
	if dx, dy := to.X-from.X, from.Y-to.Y; dx >= 0 || math.Abs(float64(dy/dx)+4.0/3) > 1e-3 {
		t.Errorf("the arrow goes by (%v, %v)", dx, dy)
	}
	if !strings.Contains(p.Desc, "a: ") {
		t.Errorf("the description is %q", p.Desc)
	}
}

// The next step's arrow goes on from the end of the weights' own, so that neither
// hides the other where they go the same way.
func TestPlaneNextStepStartsWhereTheWeightsAre(t *testing.T) {
	p, words := &picture.Picture{}, scenetest.TestWords(t)
	v := Plane{Replies: []PlaneReply{{"a", 1, 0, 0.8, 0.2}}, Theta: [2]float64{0, 9.6}, Step: [2]float64{0, 0.01}}
	v.Draw(p, words, 300, 300)
	var arrows []picture.Mark
	for _, m := range p.Marks {
		if m.Arrow {
			arrows = append(arrows, m)
		}
	}
	if len(arrows) != 2 || p.Points[arrows[0].To-1] != p.Points[arrows[1].From] {
		t.Fatalf("the arrows are %+v", arrows)
	}
	if up := p.Points[arrows[1].To-1].Y; up < 0 || up >= p.Points[arrows[1].From].Y {
		t.Errorf("the next step ends at %v", up)
	}
}
