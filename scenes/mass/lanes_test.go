package mass

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
	"dpoplayground/scenes/words"
)

// randomLanes are two to four runs on one prompt.
func randomLanes(r *rand.Rand, words words.Words) []Lane {
	first := randomMass(r)
	first.Font = []float32{0, 16, 24}[r.IntN(3)]
	lanes := make([]Lane, 2+r.IntN(3))
	for i := range lanes {
		m := *first
		m.Replies = append([]Reply(nil), first.Replies...)
		policy, optimum := scenetest.RandomSimplex(r, len(m.Replies)), scenetest.RandomSimplex(r, len(m.Replies))
		for k := range m.Replies {
			m.Replies[k].Policy, m.Replies[k].Optimum = policy[k], optimum[k]
		}
		m.Reached = picture.Reached(r.IntN(3))
		g := NewGrains()
		g.Reset(policyOf(&m))
		name := fmt.Sprintf("run %d", i)
		lanes[i] = Lane{Name: name, Title: name + ", " + scenetest.RandomText(r), View: NewView(words), Mass: &m, Grains: g}
	}
	return lanes
}

func TestLanesAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	words := scenetest.TestWords(t)
	s, p := &Lanes{}, &picture.Picture{}
	for n := range 600 {
		lanes := randomLanes(r, words)
		least := max(150, 50+13*float32(len(lanes[0].Mass.Replies)))
		w, h := 320+r.Float32()*1080, float32(len(lanes))*(least+120*r.Float32())
		s.Draw(p, lanes, 0, w, h)
		what := fmt.Sprintf("[lanes %d: %d of %d replies, %gx%g]", n, len(lanes), len(lanes[0].Mass.Replies), w, h)
		scenetest.Inspect(t, p, what)
		checkLanes(t, p, lanes, what)
	}
}

// checkLanes holds every lane to its own strip of the picture, to targets of its
// own, and all of them to one scale.
func checkLanes(t *testing.T, p *picture.Picture, lanes []Lane, what string) {
	t.Helper()
	seen := map[int]bool{}
	each := p.H / float32(len(lanes))
	for _, target := range p.Targets {
		lane, own := LaneOf(target.ID)
		if seen[target.ID] || lane >= len(lanes) || own >= len(lanes[0].Mass.Replies) {
			t.Fatalf("%s: a target with ID %d", what, target.ID)
		}
		seen[target.ID] = true
		if target.Y < each*float32(lane) || target.Y+target.H > each*float32(lane+1)+0.01 {
			t.Fatalf("%s: a target of lane %d at %g to %g", what, lane, target.Y, target.Y+target.H)
		}
		if lane > 0 != strings.HasPrefix(target.Name, lanes[lane].Name+": ") {
			t.Fatalf("%s: lane %d has a target %q", what, lane, target.Name)
		}
	}
	if len(seen) != len(lanes)*len(lanes[0].Mass.Replies) {
		t.Fatalf("%s: %d targets", what, len(seen))
	}
	for i := range lanes {
		if !strings.Contains(p.Desc, lanes[i].Name) {
			t.Fatalf("%s: the description leaves out %s: %s", what, lanes[i].Name, p.Desc)
		}
	}
}

// The same probability is as long a bar in every lane, whatever else is in it.
func TestLanesShareTheScale(t *testing.T) {
	words := scenetest.TestWords(t)
	low, high := bicycle(6), bicycle(6)
	for i := range high.Replies {
		high.Replies[i].Policy = 0.02
	}
	low.Replies[0].Policy, high.Replies[0].Policy = 0.2, 0.9
	high.Replies[1].Policy, low.Replies[1].Policy = 0.15, 0.15
	lanes := []Lane{{Name: "a", Title: "a", View: NewView(words), Mass: low}, {Name: "b", Title: "b", View: NewView(words), Mass: high}}
	s, p := &Lanes{}, &picture.Picture{}
	s.Draw(p, lanes, 0, 800, 440)
	var bars [][]picture.Mark
	for _, m := range p.Marks {
		if m.Kind == picture.KindRect && m.Ink == picture.InkPolicy && m.Alpha == 0.55 {
			if lane := int(m.Y / 220); lane == len(bars) {
				bars = append(bars, nil)
			}
			bars[len(bars)-1] = append(bars[len(bars)-1], m)
		}
	}
	if len(bars) != 2 || len(bars[0]) != 6 || len(bars[1]) != 6 {
		t.Fatalf("bars in %d lanes", len(bars))
	}
	if a, b := bars[0][1].W, bars[1][1].W; a != b || a < 5 {
		t.Errorf("15 %% is %g pixels long in one lane and %g in the other", a, b)
	}
}

func TestLanesAllocateNothingWhereNothingChanges(t *testing.T) {
	lanes := randomLanes(rand.New(rand.NewPCG(5, 6)), scenetest.TestWords(t))
	s, p := &Lanes{}, &picture.Picture{}
	s.Draw(p, lanes, 0, 900, 600)
	if n := testing.AllocsPerRun(20, func() { s.Draw(p, lanes, 0, 900, 600) }); n > 0 {
		t.Errorf("a frame in which nothing changes makes %v allocations", n)
	}
}
