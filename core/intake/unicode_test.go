package intake

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// testdata/nfc.txt has random letters and marks in hexadecimal, and what
// Python's unicodedata.normalize("NFC", …) makes of them.
func TestComposed(t *testing.T) {
	text, err := os.ReadFile("testdata/nfc.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, line := range lines {
		given, want, _ := strings.Cut(line, "\t")
		if got := string(composed([]byte(runesOf(t, given)))); got != runesOf(t, want) {
			t.Errorf("%s: got %+q, want %s", given, got, want)
		}
	}
	if len(lines) < 400 {
		t.Errorf("only %d lines", len(lines))
	}
}

func runesOf(t *testing.T, hex string) string {
	var b strings.Builder
	for _, h := range strings.Fields(hex) {
		r, err := strconv.ParseUint(h, 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteRune(rune(r))
	}
	return b.String()
}
