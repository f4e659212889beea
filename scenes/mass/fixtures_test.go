package mass

import (
	"math/rand/v2"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// bicycle is an everyday prompt with K replies.
func bicycle(k int) *Mass {
	texts := []string{"Patch kit, step by step", "Take it to a shop", "Pump and hope", "Depends. Which tyre?", "Buy a new bike", "Not my problem",
		"Sealant, then ride gently home and look for the thorn", "Call a friend with a car", "Walk", "自転車屋さんに持って行ってください", "Donaudampfschifffahrtsgesellschaftskapitän", ""}
	ref := []float64{.17, .2, .16, .22, .15, .1, .05, .03, .02, .02, .01, .01}
	policy := []float64{.46, .21, .09, .17, .05, .02, .011, .004, 1e-9, .002, .001, .003}
	optimum := []float64{.52, .2, .07, .16, .035, .015, .01, .001, 0, .001, .001, .002}
	m := &Mass{Prompt: "My bike tyre is flat. What do I do?", Step: 200, PairChosen: 0, PairRejected: min(4, k-1), Focus: -1}
	for i := range k {
		m.Replies = append(m.Replies, Reply{Text: texts[i], Policy: policy[i] / scenetest.Total(policy[:k]), Reference: ref[i] / scenetest.Total(ref[:k]), Optimum: optimum[i] / scenetest.Total(optimum[:k]), ID: 100 + i})
	}
	if k == 12 {
		m.Replies[11].Rest, m.Replies[11].RestCount = true, 1234
	}
	return m
}

// begin is step 0, with the optimum far above the policy.
func begin() *Mass {
	m := bicycle(6)
	for i := range m.Replies {
		m.Replies[i].Policy = m.Replies[i].Reference
	}
	m.Replies[0].Optimum, m.Replies[1].Optimum = 0.57, 0.15
	m.Step = 0
	return m
}

// randomMass is any legal state: lengths of text, numbers of replies, extreme
// probabilities.
func randomMass(r *rand.Rand) *Mass {
	k := 1 + r.IntN(12)
	m := &Mass{Prompt: scenetest.RandomText(r), Step: r.IntN(10000), Reached: picture.Reached(r.IntN(3)), PairChosen: r.IntN(k+1) - 1, PairRejected: r.IntN(k+1) - 1, Focus: r.IntN(k+1) - 1}
	policy, reference, optimum := scenetest.RandomSimplex(r, k), scenetest.RandomSimplex(r, k), scenetest.RandomSimplex(r, k)
	for i := range k {
		m.Replies = append(m.Replies, Reply{Text: scenetest.RandomText(r), Policy: policy[i], Reference: reference[i], Optimum: optimum[i], ID: i, Rest: r.IntN(12) == 0, RestCount: r.IntN(60000)})
	}
	return m
}

func policyOf(m *Mass) []float64 {
	out := make([]float64, len(m.Replies))
	for i := range out {
		out[i] = m.Replies[i].Policy
	}
	return out
}

func drawMass(t testing.TB, m *Mass, w, h float32) *picture.Picture {
	g := NewGrains()
	g.Reset(policyOf(m))
	p := &picture.Picture{}
	NewView(scenetest.TestWords(t)).Draw(p, m, g, 0, w, h)
	return p
}
