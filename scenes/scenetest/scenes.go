package scenetest

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"dpoplayground/scenes/mass"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/serve/catalogue"
)

// testWords is a catalogue of these tests, kept apart from the program's.
func TestWords(t testing.TB) words.Words { return WordsOf(t, "testdata/words.txt") }

// pageWords is the program's own catalogue.
func PageWords(t testing.TB) words.Words {
	t.Helper()
	text, err := catalogue.English()
	if err != nil {
		t.Fatal(err)
	}
	words, err := words.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	read.NameObjectives(words)
	return words
}

func WordsOf(t testing.TB, path string) words.Words {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := words.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// bicycle is an everyday prompt with K replies.
func Bicycle(k int) *mass.Mass {
	texts := []string{"Patch kit, step by step", "Take it to a shop", "Pump and hope", "Depends. Which tyre?", "Buy a new bike", "Not my problem",
		"Sealant, then ride gently home and look for the thorn", "Call a friend with a car", "Walk", "自転車屋さんに持って行ってください", "Donaudampfschifffahrtsgesellschaftskapitän", ""}
	ref := []float64{.17, .2, .16, .22, .15, .1, .05, .03, .02, .02, .01, .01}
	policy := []float64{.46, .21, .09, .17, .05, .02, .011, .004, 1e-9, .002, .001, .003}
	optimum := []float64{.52, .2, .07, .16, .035, .015, .01, .001, 0, .001, .001, .002}
	m := &mass.Mass{Prompt: "My bike tyre is flat. What do I do?", Step: 200, PairChosen: 0, PairRejected: min(4, k-1), Focus: -1}
	for i := range k {
		m.Replies = append(m.Replies, mass.Reply{Text: texts[i], Policy: policy[i] / Total(policy[:k]), Reference: ref[i] / Total(ref[:k]), Optimum: optimum[i] / Total(optimum[:k]), ID: 100 + i})
	}
	if k == 12 {
		m.Replies[11].Rest, m.Replies[11].RestCount = true, 1234
	}
	return m
}

func Total(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}

func PolicyOf(m *mass.Mass) []float64 {
	out := make([]float64, len(m.Replies))
	for i := range out {
		out[i] = m.Replies[i].Policy
	}
	return out
}

func DrawMass(t testing.TB, m *mass.Mass, w, h float32) *picture.Picture {
	g := mass.NewGrains()
	g.Reset(PolicyOf(m))
	p := &picture.Picture{}
	mass.NewView(TestWords(t)).Draw(p, m, g, 0, w, h)
	return p
}

// begin is step 0, with the optimum far above the policy.
func Begin() *mass.Mass {
	m := Bicycle(6)
	for i := range m.Replies {
		m.Replies[i].Policy = m.Replies[i].Reference
	}
	m.Replies[0].Optimum, m.Replies[1].Optimum = 0.57, 0.15
	m.Step = 0
	return m
}

// randomMass is any legal state: lengths of text, numbers of replies, extreme
// probabilities.
func RandomMass(r *rand.Rand) *mass.Mass {
	k := 1 + r.IntN(12)
	m := &mass.Mass{Prompt: RandomText(r), Step: r.IntN(10000), Reached: picture.Reached(r.IntN(3)), PairChosen: r.IntN(k+1) - 1, PairRejected: r.IntN(k+1) - 1, Focus: r.IntN(k+1) - 1}
	policy, reference, optimum := RandomSimplex(r, k), RandomSimplex(r, k), RandomSimplex(r, k)
	for i := range k {
		m.Replies = append(m.Replies, mass.Reply{Text: RandomText(r), Policy: policy[i], Reference: reference[i], Optimum: optimum[i], ID: i, Rest: r.IntN(12) == 0, RestCount: r.IntN(60000)})
	}
	return m
}

// randomSimplex draws a distribution that is flat, peaked or a point mass.
func RandomSimplex(r *rand.Rand, k int) []float64 {
	temperature := []float64{0, 1, 10, 400}[r.IntN(4)]
	out := make([]float64, k)
	for i := range out {
		out[i] = math.Exp(temperature * (r.Float64() - 1))
	}
	sum := Total(out)
	for i := range out {
		out[i] /= sum
	}
	return out
}

func RandomText(r *rand.Rand) string {
	alphabet := []rune("aaaeeiounrstlmWM  ,.-—äé日本語한글🙂😀\u0301\u200d<&>\"'\x00\n\ufffe{}%")
	out := make([]rune, r.IntN([]int{1, 8, 40, 400}[r.IntN(4)])+1)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}
