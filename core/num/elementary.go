package num

import "math"

// The functions of this file give the same bits on every machine: natively on
// amd64 and arm64, and as WebAssembly in every browser. They use only
// operations that IEEE 754 rounds in one way (+, −, ×, ÷ and exact changes of
// bits), never math.Exp or math.Log, which are assembly on some processors.
//
// A Go compiler may fuse a product and a sum into one rounding, on some
// processors, also where the product is a variable of an earlier line or the
// argument of a call that is inlined. So every product that meets a sum is
// written float64(a*b), which is always rounded. A test reads the machine code.
//
// Error bounds are proven in the comments and checked against math/big.

// Exp returns e^x.
//
// Its relative error is below 2.3e-16 for |x| < 700 and below 6e-16 beyond;
// subnormal results are off by at most one unit of 2^-1074. e^x above the
// largest float64 is +Inf, below half the smallest is 0; NaN stays NaN.
func Exp(x float64) float64 {
	switch {
	case math.Abs(x) < ExpRange:
		return ExpWithin(x)
	case x > 2*ExpRange:
		return math.Inf(1)
	case x < -2*ExpRange:
		return 0
	}
	root := ExpWithin(float64(x / 2))
	return root * root
}

const (
	ExpRange = 700 // |x| for which exp holds

	toGrid = 0x1.71547652b82fep+8 // 256/ln 2, rounded
	// Adding this rounds a number below 2^51 to a whole one, which then stands
	// in the lowest bits.
	roundingShift = 0x1.8p52

	// ln2/256 = gridHigh + gridLow. gridHigh has 34 bits, so its product with a
	// whole number below 2^18 is exact.
	gridHigh = 0x1.62e42fef8p-9
	gridLow  = 0x1.1cf79abc9e3b4p-44

	// The cubic coefficient of e^r: Taylor's 1/6 and, in place of the missing
	// r⁵/120, the multiple c·a²·r³/120 that is nearest to it on |r| ≤ a =
	// ln2/512. The extremes of |r⁵ − c·a²·r³|, at r² = 3c·a²/5 and at r = a,
	// are equal where (2c/5)(3c/5)^(3/2) = 1 − c, so c = 0.868.
	expCubic   = 1.0/6 + 0.868*1.832778e-6/120
	expQuartic = 1.0 / 24
)

// exp returns e^x for |x| < 700. It is written to stay within the compiler's
// budget for inlining (80 nodes, all used), because under WebAssembly a call costs
// several times what the function does. Being inlined, it must not be handed a
// bare product: exp(float64(a*b)).
//
//	e^x = 2^(k/256) e^r,   k = round(256x/ln 2),   |r| ≤ ln2/512 = .00136
//
// Error, relative to e^x: x − k·gridHigh is exact (exact product, Sterbenz's
// lemma), so r is off by less than 2^-62; the polynomial leaves out at most
// .14·a⁵/120 + a⁶/720 < 6e-18; roundings inside it are scaled by |r| and stay
// below 1e-18; the table entry and the last sum each add 2^-53. In all less than
// 2.3e-16, or about one unit in the last place.
func ExpWithin(x float64) float64 {
	z := float64(x*toGrid) + roundingShift
	k := math.Float64bits(z)
	z -= roundingShift
	r := x - float64(z*gridHigh) - float64(z*gridLow)
	t := math.Float64frombits(expTable[k%256] + k<<44)
	return t + float64(t*(r+float64(r*r*(0.5+float64(r*(expCubic+float64(r*expQuartic)))))))
}

// ExpSum sets dst[i] = e^(x[i] − shift) and returns their sum, added in order.
// dst and x have one length and may be the same slice. With shift = max(x) the
// results are at most 1 and the sum is between 1 and len(x).
func ExpSum(dst, x []float64, shift float64) float64 {
	dst = dst[:len(x)]
	sum := 0.0
	for i, v := range x {
		v -= shift
		e := 0.0
		if math.Abs(v) < ExpRange {
			e = ExpWithin(v)
		} else {
			e = Exp(v)
		}
		dst[i] = e
		sum += e
	}
	return sum
}

// sumExp returns what expSum returns and stores nothing.
func sumExp(x []float64, shift float64) float64 {
	sum := 0.0
	for _, v := range x {
		v -= shift
		if math.Abs(v) < ExpRange {
			sum += ExpWithin(v)
		} else {
			sum += Exp(v)
		}
	}
	return sum
}

// Log returns the natural logarithm of x, with a relative error below 4e-16.
// Log(0) is −Inf, Log(+Inf) is +Inf, the logarithm of a negative number or of
// NaN is NaN.
func Log(x float64) float64 {
	switch {
	case x != x || x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	case x > math.MaxFloat64:
		return x
	}
	k := 0.0
	if x < 0x1p-1022 {
		x *= 0x1p54
		k = -54
	}
	// x = 2^n m with m in [√½, √2): the bits of √½ taken off, what is left over
	// in the exponent field is n, of either sign.
	bits := math.Float64bits(x)
	n := int64(bits-sqrtHalfBits) >> 52
	m := math.Float64frombits(bits - uint64(n)<<52)
	return logNear(m-1, k+float64(n))
}

const (
	sqrtHalfBits = 0x3fe6a09e667f3bcd // the bits of √½

	// ln 2 = ln2High + ln2Low. ln2High has 33 bits: its product with an exponent
	// is exact.
	ln2High = 0x1.62e42fefp-1
	ln2Low  = 0x1.473de6af278edp-34
)

// logNear returns k ln 2 + log(1+f) for whole |k| ≤ 1100 and √½ ≤ 1+f ≤ √2,
// where k = 0 or the result is at least ln √2 in size.
//
//	log(1+f) = 2 artanh s = 2s + s·R(s²),   s = f/(2+f),   |s| ≤ .1716
//	R(z) = 2z/3 + 2z²/5 + … + 2z¹⁰/21
//
// The first term left out is below 1e-18 of the result. 2s is written as
// f − f²/2 + s·f²/2, which keeps the rounding of s out of the large term. The
// correction E = f²/2 − s(f²/2 + R) is at most a fifth of log(1+f) and is known
// to .25 × 2^-53; it, the sum with f (2^-54) and the last sum (2^-53 of the
// result) add up to less than 4e-16 of a result that is at least ln √2, and to
// less than 2e-16 where k = 0.
func logNear(f, k float64) float64 {
	s := f / (2 + f)
	z := s * s
	w := z * z
	odd := float64(z * (2.0/3 + float64(w*(2.0/7+float64(w*(2.0/11+float64(w*(2.0/15+float64(w*(2.0/19))))))))))
	even := float64(w * (2.0/5 + float64(w*(2.0/9+float64(w*(2.0/13+float64(w*(2.0/17+float64(w*(2.0/21))))))))))
	half := float64(0.5 * float64(f*f))
	tail := float64(s*(half+(odd+even))) + float64(k*ln2Low)
	return float64(k*ln2High) - ((half - tail) - f)
}

// Log1pUnit returns log(1+e) for 0 ≤ e ≤ 1, with a relative error below 5e-16.
func Log1pUnit(e float64) float64 {
	if e > math.Sqrt2-1 {
		return logNear(0.5*(e-1), 1)
	}
	return logNear(e, 0)
}

// Sigmoid returns the logistic function σ(u) = 1/(1 + e^−u), with a relative
// error below 6e-16 in both tails: σ(−u) = e^−u σ(u) is never taken as 1 − σ(u).
func Sigmoid(u float64) float64 {
	e := Exp(-math.Abs(u))
	s := 1 / (1 + e)
	if u < 0 {
		return e * s
	}
	return s
}

// Softplus returns log(1 + e^u) = −log σ(−u), with a relative error below 8e-16
// for every u: it tends to e^u on the left and to u on the right, and neither
// overflows.
func Softplus(u float64) float64 {
	return SoftplusGiven(u, Exp(-math.Abs(u)))
}

// softplus returns Softplus(u), given e = e^−|u|.
func SoftplusGiven(u, e float64) float64 {
	if u > 0 {
		return u + Log1pUnit(e)
	}
	return Log1pUnit(e)
}

// SigmoidSoftplus returns σ(u) and log(1 + e^u) for the price of one
// exponential. They are the same numbers that Sigmoid and Softplus return.
func SigmoidSoftplus(u float64) (s, sp float64) {
	e := Exp(-math.Abs(u))
	s = 1 / (1 + e)
	if u < 0 {
		s *= e
	}
	return s, SoftplusGiven(u, e)
}
