package words

import (
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/serve/catalogue"
)

// english is the program's own catalogue.
func english(t *testing.T) Words {
	t.Helper()
	text, err := catalogue.English()
	if err != nil {
		t.Fatal(err)
	}
	w, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestForms: a count has the form that the catalogue's rule gives it.
func TestForms(t *testing.T) {
	w, err := Parse("@plural = 3 n 1 = 0 n 10 % 2 ≥ n 10 % 4 ≤ & n 100 % 12 < n 100 % 14 > | & 1 2 ? ?\nkrok = {n} kroków\nkrok@0 = {n} krok\nkrok@1 = {n} kroki\ninne = inne\n")
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{0: "krok", 1: "krok@0", 2: "krok@1", 5: "krok", 12: "krok", 22: "krok@1", 112: "krok", -1: "krok@0"} {
		if got := w.Form("krok", n); got != want {
			t.Errorf("of %d the form is %q, want %q", n, got, want)
		}
		if got := w.Form("inne", n); got != "inne" {
			t.Errorf("a sentence of one form has the form %q", got)
		}
	}
	if got := (Words{"a": "x"}).Form("a", 1); got != "a" {
		t.Errorf("without a rule the form is %q", got)
	}
	english := english(t)
	for n, want := range map[int]string{0: "After 0 steps", 1: "After 1 step", 2: "After 2 steps"} {
		if got := english.Say(english.Form("honest.now", n), "step", Count(float64(n))); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestNumbersOfALanguage: the catalogue says how numbers are written, and every
// way to write one follows it.
func TestNumbersOfALanguage(t *testing.T) {
	before := numerals
	defer func() { numerals = before }()
	write := func() string {
		return strings.Join([]string{Fixed(-1234.5, 1), Digits(0.01234, 2), Signed(0.004, 1), Signed(2.5, 1), Percent(0.0301), Percent(1e-9),
			Short(3.14159), Short(2.5e-7), Decimal(0.125), General(0.0625, 2), Count(1234), Count(-1234567), Count(999), Count(1.5)}, " | ")
	}
	for _, c := range []struct{ decimal, group, grouped, want string }{
		{".", "\u202f", "4", "−1234.5 | 0.012 | 0.0 | +2.5 | 3.0 | <0.1 | 3.14 | 2.5·10⁻⁷ | 0.125 | 0.062 | 1\u202f234 | −1\u202f234\u202f567 | 999 | 1.50"},
		{",", ".", "4", "−1234,5 | 0,012 | 0,0 | +2,5 | 3,0 | <0,1 | 3,14 | 2,5·10⁻⁷ | 0,125 | 0,062 | 1.234 | −1.234.567 | 999 | 1,50"},
		{",", "\u00a0", "5", "−1234,5 | 0,012 | 0,0 | +2,5 | 3,0 | <0,1 | 3,14 | 2,5·10⁻⁷ | 0,125 | 0,062 | 1234 | −1\u00a0234\u00a0567 | 999 | 1,50"},
	} {
		UseNumbers(Words{"number.decimal": c.decimal, "number.group": c.group, "number.grouped": c.grouped})
		if got := write(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	numerals = before
	plain := write()
	UseNumbers(english(t))
	if got := write(); got != plain {
		t.Errorf("the English catalogue writes %s, not %s", got, plain)
	}
}

// TestPseudoLanguages: every sentence of the page grows, and keeps its places as
// often as they must be filled.
func TestPseudoLanguages(t *testing.T) {
	w := english(t)
	for kind, least := range map[string]float64{"long": 1.2, "double": 2} {
		pseudo, ok := Pseudo(w, kind)
		if !ok || len(pseudo) != len(w) {
			t.Fatalf("%s: %d sentences of %d", kind, len(pseudo), len(w))
		}
		before, after := 0, 0
		for key, sentence := range w {
			before, after = before+len(sentence), after+len(pseudo[key])
			for _, p := range w.Phrase(key) {
				if p.place != "" && !strings.Contains(pseudo[key], "{"+p.place+"}") {
					t.Errorf("%s: %q has lost {%s}", kind, pseudo[key], p.place)
				}
			}
		}
		if float64(after) < least*float64(before) {
			t.Errorf("%s: %d bytes became %d", kind, before, after)
		}
		if pseudo["number.decimal"] != "." || pseudo.Form("honest.now", 1) != "honest.now@0" {
			t.Errorf("%s changes what is no sentence", kind)
		}
	}
	if got := doubleVowels("After {steps} steps, I say “{name}”"); got != "Aafteer {steps} steeps, Ii saay “{name}”" {
		t.Errorf("got %q", got)
	}
	if _, ok := Pseudo(w, "wide"); ok {
		t.Error("there is a pseudo-language wide")
	}
}

// TestPowersCarry: a mantissa that rounds up to ten is a one of the next power.
func TestPowersCarry(t *testing.T) {
	for x, want := range map[float64]string{9.999e-5: "1.0·10⁻⁴", -9.97e7: "−1.0·10⁸", 9.94e-5: "9.9·10⁻⁵", 1e-5: "1.0·10⁻⁵", 2.5e9: "2.5·10⁹"} {
		if got := Short(x); got != want {
			t.Errorf("%g is written %s, want %s", x, got, want)
		}
	}
}

// A visible number is written as Percent writes it.
func TestVisiblePercent(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	ps := []float64{0, 1, 1e-12, 0.0004, 0.0006, 0.05, 0.0994, 0.0996, 0.5, 0.994, 0.9951, 0.9999, 1 - 1e-12}
	for range 20000 {
		ps = append(ps, r.Float64(), r.Float64()*0.1, 1-r.Float64()*0.01)
	}
	for _, p := range ps {
		if got, want := PercentText(VisiblePercent(p)), Percent(p); got != want {
			t.Fatalf("%v is written %s, Percent writes %s", p, got, want)
		}
	}
}
