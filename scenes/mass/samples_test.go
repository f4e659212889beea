package mass

import (
	"fmt"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// TestSamples writes pictures to look at: SAMPLES=folder go test -run Samples.
func TestSamples(t *testing.T) {
	write := scenetest.Samples(t)
	write("flight", flight(t))
	for _, size := range [][3]float32{{607, 440, 16}, {900, 560, 20}, {1150, 600, 16}, {1150, 600, 26}, {362, 500, 16}, {320, 260, 16}} {
		for name, m := range sampleMasses() {
			m.Font = size[2]
			write(fmt.Sprintf("%s-font%g", name, m.Font), drawMass(t, m, size[0], size[1]))
		}
	}
}

// flight is the mass view while grains are under way.
func flight(t *testing.T) *picture.Picture {
	m, g, p, v := bicycle(6), NewGrains(), &picture.Picture{}, NewView(scenetest.TestWords(t))
	g.Reset(policyOf(m))
	v.Draw(p, m, g, 0, 620, 400)
	for i, x := range []float64{.2, .2, .1, .2, .2, .1} {
		m.Replies[i].Policy = x
	}
	g.Move(policyOf(m), nil, 100)
	v.Draw(p, m, g, 200, 620, 400)
	return p
}

func sampleMasses() map[string]*Mass {
	sure := bicycle(6)
	for i := range sure.Replies {
		sure.Replies[i].Policy, sure.Replies[i].Optimum = 1e-9, 0
	}
	sure.Replies[0].Policy, sure.Replies[0].Optimum = 1-5e-9, 1
	sure.Reached, sure.Focus = picture.NeverReached, 2
	two := bicycle(2)
	two.PairChosen, two.PairRejected = 1, 0
	start := bicycle(6)
	for i := range start.Replies {
		start.Replies[i].Policy = start.Replies[i].Reference
	}
	start.Reached, start.PairChosen = picture.Unknown, -1
	return map[string]*Mass{"six": bicycle(6), "two": two, "twelve": bicycle(12), "sure": sure, "start": start,
		"begin": begin(), "passing": passing(), "arrived": arrived()}
}

// passing has optima close above and below the tops of the bars.
func passing() *Mass {
	m := bicycle(6)
	for i, d := range []float64{0.03, -0.02, 0.02, 0.035, 0.01, 0.05} {
		m.Replies[i].Optimum = m.Replies[i].Policy + d
	}
	m.Focus = 0
	return m
}

// arrived is a run at its optimum.
func arrived() *Mass {
	m := bicycle(6)
	for i := range m.Replies {
		m.Replies[i].Policy = m.Replies[i].Optimum
	}
	return m
}
