// Package oracle is arithmetic to hundreds of bits, and bounds on what may differ from
// it, for tests to hold results to. It shares nothing with the code under test and
// imports the standard library only.
package oracle

import (
	"math"
	"math/big"
	"math/rand/v2"
)

// Precise is the precision of the oracle, in bits. The oracle is math/big with
// textbook series; it shares nothing with the code under test.
const Precise = 300

func NewBig(x float64) *big.Float { return new(big.Float).SetPrec(Precise).SetFloat64(x) }

// bigLn2 returns ln 2 = Σ 1/(n 2^n).
func bigLn2() *big.Float {
	sum := NewBig(0)
	for n := 1; n < Precise+20; n++ {
		term := new(big.Float).SetMantExp(NewBig(1), -n)
		sum.Add(sum, term.Quo(term, NewBig(float64(n))))
	}
	return sum
}

// An Oracle computes e^x and log x to about 280 bits.
type Oracle struct{ ln2 *big.Float }

func New() Oracle { return Oracle{bigLn2()} }

func (o Oracle) Exp(x *big.Float) *big.Float {
	approx, _ := x.Float64()
	k := math.Round(approx / math.Ln2)
	r := new(big.Float).SetPrec(Precise).Mul(NewBig(k), o.ln2)
	r.Sub(x, r)
	r.SetMantExp(r, -8)
	sum, term := NewBig(1), NewBig(1)
	for n := 1; n < 40; n++ {
		term.Mul(term, r)
		term.Quo(term, NewBig(float64(n)))
		sum.Add(sum, term)
	}
	for range 8 {
		sum.Mul(sum, sum)
	}
	return sum.SetMantExp(sum, int(k))
}

// Log refines a float64 estimate twice by Halley's y + 2(x−e^y)/(x+e^y), each
// of which triples the digits.
func (o Oracle) Log(x *big.Float) *big.Float {
	mant := new(big.Float)
	k := x.MantExp(mant)
	m, _ := mant.Float64()
	y := NewBig(math.Log(m))
	y.Add(y, new(big.Float).Mul(NewBig(float64(k)), o.ln2))
	for range 2 {
		e := o.Exp(y)
		up := new(big.Float).SetPrec(Precise).Sub(x, e)
		up.Add(up, up)
		y.Add(y, up.Quo(up, new(big.Float).SetPrec(Precise).Add(x, e)))
	}
	return y
}

// Softplus returns log(1+e^u), by its series where 1+e^u would lose digits.
func (o Oracle) Softplus(u float64) *big.Float {
	e := o.Exp(NewBig(u))
	if u < -60 {
		square := new(big.Float).Mul(e, e)
		return e.Sub(e, square.Quo(square, NewBig(2)))
	}
	return o.Log(e.Add(e, NewBig(1)))
}

func (o Oracle) Sigmoid(u float64) *big.Float {
	e := o.Exp(NewBig(-u))
	return e.Quo(NewBig(1), e.Add(e, NewBig(1)))
}

// Excess returns how far got is from want, in units of bound·|want| (or of the
// smallest subnormal, where that is larger).
func Excess(got float64, want *big.Float, bound float64) float64 {
	if math.IsNaN(got) || math.IsInf(got, 0) {
		return math.Inf(1)
	}
	allowed := new(big.Float).Mul(new(big.Float).Abs(want), NewBig(bound))
	if least := NewBig(0x1p-1074); allowed.Cmp(least) < 0 {
		allowed = least
	}
	err := new(big.Float).SetPrec(Precise).Sub(NewBig(got), want)
	ratio, _ := err.Abs(err).Quo(err, allowed).Float64()
	return ratio
}

// Arguments returns n values that cover [-limit, limit] evenly, and as many
// whose size is spread evenly over powers of two, with ends and oddities.
func Arguments(n int, limit float64) []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	out := []float64{0, math.Copysign(0, -1), 5e-324, -5e-324, 1, -1, limit, -limit,
		math.Ln2 / 512, -math.Ln2 / 512, math.Ln2, -math.Ln2, math.Log(math.Sqrt2 - 1)}
	for range n {
		out = append(out, limit*(2*r.Float64()-1))
		out = append(out, math.Copysign(math.Ldexp(1+r.Float64(), r.IntN(60)-50), r.Float64()-0.5))
	}
	return out
}
