package scenes

import (
	"math"
	"strconv"
)

// minus is the sign of typography, as wide as a plus: a hyphen is not.
const minus = "−"

// Fixed writes x with a fixed number of decimals, a typographic minus, and no
// minus before a zero.
func Fixed(x float64, decimals int) string {
	switch {
	case math.IsNaN(x):
		return "–"
	case math.IsInf(x, 1):
		return "∞"
	case math.IsInf(x, -1):
		return minus + "∞"
	}
	s := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	if x < 0 && !isZero(s) {
		return minus + s
	}
	return s
}

// Digits writes x with so many significant digits, as a plain decimal where that
// is readable and as a power of ten elsewhere.
func Digits(x float64, digits int) string {
	a := math.Abs(x)
	if a == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return Fixed(x, 0)
	}
	if a < 1e-5 || a >= 1e6 {
		return power(x)
	}
	before := int(math.Floor(math.Log10(a))) + 1
	return Fixed(x, max(0, digits-before))
}

// Signed is Fixed with a plus before what is above zero.
func Signed(x float64, decimals int) string {
	s := Fixed(x, decimals)
	if x > 0 && !isZero(s) {
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
		return "<0.1"
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
		return power(x)
	case a < 1:
		return Fixed(x, 3)
	case a < 10:
		return Fixed(x, 2)
	case a < 100:
		return Fixed(x, 1)
	}
	return Fixed(x, 0)
}

func power(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Fixed(x, 0)
	}
	e := int(math.Floor(math.Log10(math.Abs(x))))
	m := x / math.Pow(10, float64(e))
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

func isZero(s string) bool {
	for _, c := range s {
		if c != '0' && c != '.' {
			return false
		}
	}
	return true
}
