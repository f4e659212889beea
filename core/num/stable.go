package num

// Functions that losses need where the plain expression loses its digits or
// overflows half-way.

// SigmoidSlope returns σ′(u) = σ(u)σ(−u).
func SigmoidSlope(u float64) float64 {
	e := Exp(-max(u, -u))
	s := 1 / (1 + e)
	return float64(e * s * s)
}

// Expm1 returns e^x − 1 with a small relative error for every x. With u = e^x
// rounded, (u−1)/log u hardly depends on the rounding, and x times it is e^x − 1
// (Kahan; Higham, Accuracy and Stability of Numerical Algorithms, §1.14.1).
func Expm1(x float64) float64 {
	u := Exp(x)
	switch {
	case u == 1:
		return x
	case x < -40 || x > 40:
		return u - 1
	}
	return float64((u - 1) * (x / Log(u)))
}

// ExpGap returns e^a − e^b. It is 0 for a = b, also where e^a overflows.
func ExpGap(a, b float64) float64 {
	switch {
	case a == b:
		return 0
	case a > b:
		return float64(-Exp(a) * Expm1(b-a))
	}
	return float64(Exp(b) * Expm1(a-b))
}

// Product returns a·b, and 0 where a is 0 and b infinite: there a has
// underflowed like e^−e^x while b is only e^x.
func Product(a, b float64) float64 {
	if a == 0 {
		return 0
	}
	return float64(a * b)
}
