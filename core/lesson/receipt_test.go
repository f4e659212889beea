package lesson_test

import (
	"math/big"
	"strings"
	"testing"

	"dpoplayground/core/coretest"
	"dpoplayground/core/lesson"
)

// The check is the text as a number in base 257, modulo a prime: any one character that
// is another, left out or doubled, and any two neighbours that changed places, change it.
func TestReceiptFindsTypingErrors(t *testing.T) {
	l, faults := lesson.Parse("example.txt", documentedExample(t), coretest.TestPresets())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	line := l.Receipt("example", map[int]string{0: "1", 1: "0.5"}, func(step int) bool { return step == 0 }, "v=1&preset=tyre&seed=7")
	text, check, _ := strings.Cut(line, " check=")
	if want := "dpo1 example 1=2+ 2=0.5- #v=1&preset=tyre&seed=7"; text != want {
		t.Errorf("the receipt is %q, not %q", text, want)
	}
	sum := new(big.Int)
	for _, b := range []byte(text) {
		sum.Add(sum.Mul(sum, big.NewInt(257)), big.NewInt(int64(b)))
	}
	if want := sum.Mod(sum, big.NewInt(65521)).String(); check != want {
		t.Errorf("the check is %s, not %s", check, want)
	}
	for i := range text {
		wrong := []string{text[:i] + "x" + text[i+1:], text[:i] + text[i+1:], text[:i+1] + text[i:]}
		if i > 0 {
			wrong = append(wrong, text[:i-1]+text[i:i+1]+text[i-1:i]+text[i+1:])
		}
		for _, w := range wrong {
			if w != text && lesson.Check(w) == lesson.Check(text) {
				t.Errorf("%q has the check of %q", w, text)
			}
		}
	}
}
