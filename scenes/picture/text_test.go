package picture

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestEveryInkHasAName(t *testing.T) {
	seen := map[string]bool{}
	for i := InkNone; i < inkCount; i++ {
		if n := i.Name(); n == "" || seen[n] {
			t.Errorf("ink %d is called %q", i, n)
		} else {
			seen[n] = true
		}
	}
	if InkAccent.Name() != "accent" || InkPaper.Name() != "paper" {
		t.Error("names have slipped")
	}
}

func TestShortNumbers(t *testing.T) {
	for x, want := range map[float32]string{0: "0", 1: "1", -1.5: "-1.5", 0.05: ".05", 12.349: "12.35", -0.001: "0", 1e30: "10000000000", float32(math.NaN()): "0", 100: "100", 0.999: "1"} {
		if got := string(appendShort(nil, x)); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}

// Whatever the text, its lines fit, they follow each other, and only spaces
// are left out between them.
func TestWrapping(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		text, width, lines := randomText(r), 20+200*r.Float32(), 1+r.IntN(6)
		w := Wrap(text, 12, false, width, lines)
		if w.N > lines {
			t.Fatalf("%d lines of at most %d", w.N, lines)
		}
		at := 0
		for i := range w.N {
			if gap := text[at:w.from[i]]; strings.Trim(gap, " \t\r\n") != "" {
				t.Fatalf("%q was dropped from %q", gap, text)
			}
			line := text[w.from[i]:w.to[i]]
			if wide := TextWidth(line, 12, false); wide > width+0.01 && len([]rune(line)) > 1 {
				t.Fatalf("%q is %g wide in %g", line, wide, width)
			}
			at = w.to[i]
		}
		if rest := strings.Trim(text[at:], " \t\r\n"); !w.cut && rest != "" {
			t.Fatalf("%q is lost from %q", rest, text)
		}
	}
}

func TestWidthsOfScripts(t *testing.T) {
	latin, wide := TextWidth("nnnn", 10, false), TextWidth("日本語文", 10, false)
	if wide < 1.5*latin || wide > 2*latin {
		t.Errorf("four ideographs take %g, four letters %g: want about twice", wide, latin)
	}
	if a, b := TextWidth("e\u0301", 10, false), TextWidth("e", 10, false); a != b {
		t.Errorf("an accent takes room: %g, %g", a, b)
	}
}

// randomText is up to 400 characters of many scripts, and of none.
func randomText(r *rand.Rand) string {
	alphabet := []rune("aaaeeiounrstlmWM  ,.-—äé日本語한글🙂😀\u0301\u200d<&>\"'\x00\n\ufffe{}%")
	out := make([]rune, r.IntN([]int{1, 8, 40, 400}[r.IntN(4)])+1)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}
