package words

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"dpoplayground/scenes/picture"
)

// numerals is how the catalogue's language writes numbers.
var numerals = struct {
	decimal string // before decimals
	group   string // between thousands of a Count
	grouped int    // fewest digits that are parted so
}{".", "\u202f", 4}

// UseNumbers makes this package write numbers as a catalogue says, under the
// keys that begin with number. It is called once, before anything is written.
func UseNumbers(w Words) {
	if sign, ok := w["number.decimal"]; ok {
		numerals.decimal = sign
	}
	if sign, ok := w["number.group"]; ok {
		numerals.group = sign
	}
	if digits, err := strconv.Atoi(w["number.grouped"]); err == nil {
		numerals.grouped = max(digits, 4)
	}
}

// localised puts the language's sign in the place of a decimal point.
func localised(s string) string {
	if numerals.decimal == "." {
		return s
	}
	return strings.Replace(s, ".", numerals.decimal, 1)
}

// Decimal writes x as a plain decimal with all its digits.
func Decimal(x float64) string { return localised(strconv.FormatFloat(x, 'f', -1, 64)) }

// General writes x with at most so many significant digits (all of them for −1)
// and no zeros at the end.
func General(x float64, digits int) string {
	return localised(strconv.FormatFloat(x, 'g', digits, 64))
}

// Count writes a whole number with the language's sign between thousands, a
// thin space in English, and a fraction with two decimals.
func Count(x float64) string {
	if x != math.Trunc(x) {
		return Fixed(x, 2)
	}
	s := Fixed(x, 0)
	digits := len(strings.TrimPrefix(s, Minus))
	if digits < numerals.grouped {
		return s
	}
	first := len(s) - digits
	for at := len(s) - 3; at > first; at -= 3 {
		s = s[:at] + numerals.group + s[at:]
	}
	return s
}

// Minus is the sign of typography, as wide as a plus: a hyphen is not.
const Minus = "−"

// Fixed writes x with a fixed number of decimals, a typographic minus, and no
// minus before a zero.
func Fixed(x float64, decimals int) string {
	switch {
	case math.IsNaN(x):
		return "–"
	case math.IsInf(x, 1):
		return "∞"
	case math.IsInf(x, -1):
		return Minus + "∞"
	}
	s := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	if x < 0 && !IsZero(s) {
		s = Minus + s
	}
	return localised(s)
}

// Digits writes x with so many significant digits, as a plain decimal where that
// is readable and as a power of ten elsewhere.
func Digits(x float64, digits int) string {
	a := math.Abs(x)
	if a == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return Fixed(x, 0)
	}
	if a < 1e-5 || a >= 1e6 {
		return Power(x)
	}
	before := int(math.Floor(math.Log10(a))) + 1
	return Fixed(x, max(0, digits-before))
}

// Signed is Fixed with a plus before what is above zero.
func Signed(x float64, decimals int) string {
	s := Fixed(x, decimals)
	if x > 0 && !IsZero(s) {
		return "+" + s
	}
	return s
}

// Percent writes a probability as a percentage: whole from 10 % up, one
// decimal below, and "<0.1" rather than a zero that would not be true.
func Percent(p float64) string {
	switch {
	case p == 0:
		return "0"
	case p < 0.0005:
		return localised("<0.1")
	case p < 0.0995:
		return Fixed(100*p, 1)
	case p > 0.995 && p < 1:
		return Fixed(math.Min(100*p, 99.9), 1)
	}
	return Fixed(100*p, 0)
}

// Short writes x with three significant digits where that is readable, and as
// a power of ten elsewhere.
func Short(x float64) string {
	a := math.Abs(x)
	switch {
	case a == 0:
		return "0"
	case a < 1e-4 || a >= 1e6:
		return Power(x)
	case a < 1:
		return Fixed(x, 3)
	case a < 10:
		return Fixed(x, 2)
	case a < 100:
		return Fixed(x, 1)
	}
	return Fixed(x, 0)
}

func Power(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Fixed(x, 0)
	}
	e := int(math.Floor(math.Log10(math.Abs(x))))
	m := x / math.Pow(10, float64(e))
	if carried := strconv.FormatFloat(math.Abs(m), 'f', 1, 64); carried == "10.0" {
		m, e = m/10, e+1
	}
	return Fixed(m, 1) + "·10" + superscript(e)
}

func superscript(n int) string {
	digits := []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")
	out := ""
	if n < 0 {
		out, n = "⁻", -n
	}
	for _, d := range strconv.Itoa(n) {
		out += string(digits[d-'0'])
	}
	return out
}

func IsZero(s string) bool {
	s = strings.Replace(s, numerals.decimal, ".", 1)
	return strings.Trim(s, "0.") == ""
}

// Noise is what rounding may leave of a 0.
const Noise = 1e-12

// Numbers are told apart by what is visible of them. A visible percentage is
// in tenths of a percent, as Percent would round it: tenths below ten and next
// to a hundred, whole above; 0 for nothing and -1 for less than a tenth.
func VisiblePercent(p float64) int {
	switch {
	case p == 0:
		return 0
	case p < 0.0005:
		return -1
	case p < 0.0995 || p > 0.995 && p < 1:
		return max(min(int(math.RoundToEven(1000*p)), 999), 1)
	}
	return 10 * int(math.RoundToEven(100*p))
}

func PercentText(visible int) string {
	switch {
	case visible < 0:
		return Percent(1e-9)
	case visible > 0 && visible < 100 || visible > 990 && visible < 1000:
		return Fixed(float64(visible)/10, 1)
	}
	return strconv.Itoa(visible / 10)
}

// Brief keeps what is said aloud to a bearable length.
func Brief(text string) string {
	const most = 160
	if len(text) <= most {
		return text
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + picture.Ellipsis
}
