// Package scenetest is what the tests of several views share: catalogues, random texts
// and distributions, and what every picture must keep to. Only tests import it.
package scenetest

import (
	_ "embed"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/serve/catalogue"
)

// TestWords is a catalogue of these tests, kept apart from the program's.
func TestWords(t testing.TB) words.Words { return parse(t, testWords) }

//go:embed testdata/words.txt
var testWords string

// PageWords is the program's own catalogue.
func PageWords(t testing.TB) words.Words {
	t.Helper()
	text, err := catalogue.English()
	if err != nil {
		t.Fatal(err)
	}
	w := parse(t, text)
	read.NameObjectives(w)
	return w
}

// WordsOf is the catalogue in a file.
func WordsOf(t testing.TB, path string) words.Words {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

func parse(t testing.TB, text string) words.Words {
	t.Helper()
	w, err := words.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// RandomSimplex draws a distribution that is flat, peaked or a point mass.
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

// RandomText is up to 400 characters of many scripts, and of none.
func RandomText(r *rand.Rand) string {
	alphabet := []rune("aaaeeiounrstlmWM  ,.-—äé日本語한글🙂😀\u0301\u200d<&>\"'\x00\n\ufffe{}%")
	out := make([]rune, r.IntN([]int{1, 8, 40, 400}[r.IntN(4)])+1)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}

// Total is the sum of x.
func Total(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}
