package objective_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/internal/oracle"
)

// A precisePair is a pair of replies in 300-bit numbers: log-probabilities of
// the chosen and the rejected one under policy and reference, and tokens.
type precisePair struct{ pc, pr, rc, rr, lc, lr *big.Float }

// Arithmetic that reads like a formula.
func plus(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(oracle.Precise).Add(a, b) }

func minus(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(oracle.Precise).Sub(a, b) }

func times(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(oracle.Precise).Mul(a, b) }

func over(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(oracle.Precise).Quo(a, b) }

func minusOf(a *big.Float) *big.Float { return new(big.Float).Neg(a) }

func times64(a float64, b *big.Float) *big.Float { return times(oracle.NewBig(a), b) }

// precise is the oracle with the functions that losses are made of.
type precise struct{ oracle.Oracle }

func (o precise) sig(x *big.Float) *big.Float {
	return over(oracle.NewBig(1), plus(oracle.NewBig(1), o.Exp(minusOf(x))))
}

func (o precise) logSig(x *big.Float) *big.Float {
	return minusOf(o.Log(plus(oracle.NewBig(1), o.Exp(minusOf(x)))))
}

// preciseLosses are the formulas of the vectors' README, written down naively:
// with 300 bits nothing is lost for the arguments of the test.
var preciseLosses = map[string]func(o precise, v precisePair, p objective.HyperParams) *big.Float{
	"dpo": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		return minusOf(o.logSig(v.u(p)))
	},
	"cdpo": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		return o.flipped(v.u(p), 1-p.Epsilon, p.Epsilon)
	},
	"rdpo": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		return over(o.flipped(v.u(p), 1-p.Epsilon, -p.Epsilon), oracle.NewBig(1-2*p.Epsilon))
	},
	"dpo_reference_free": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		return minusOf(o.logSig(times64(p.Beta, minus(v.pc, v.pr))))
	},
	"sigmoid_norm": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		return minusOf(o.logSig(times64(p.Beta, v.perToken())))
	},
	"ipo": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		e := minus(minus(v.x(), v.y()), over(oracle.NewBig(1), oracle.NewBig(2*p.Beta)))
		return times(e, e)
	},
	"ipo_norm": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		e := minus(v.perToken(), over(oracle.NewBig(1), oracle.NewBig(2*p.Beta)))
		return times(e, e)
	},
	"hinge": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		loss := minus(oracle.NewBig(1), v.u(p))
		if loss.Sign() < 0 {
			return oracle.NewBig(0)
		}
		return loss
	},
	"exo_pair": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		q := o.sig(v.u(p))
		r := minus(oracle.NewBig(1), q)
		return plus(times(q, o.Log(over(q, oracle.NewBig(1-p.Epsilon)))), times(r, o.Log(over(r, oracle.NewBig(p.Epsilon)))))
	},
	"discopop": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		u := v.u(p)
		m := o.sig(over(u, oracle.NewBig(p.Tau)))
		return plus(times(minusOf(o.logSig(u)), minus(oracle.NewBig(1), m)), times(o.Exp(minusOf(u)), m))
	},
	"simpo": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		u := minus(times64(p.Beta, minus(over(v.pc, v.lc), over(v.pr, v.lr))), oracle.NewBig(p.Gamma))
		return o.flipped(u, 1-p.Epsilon, p.Epsilon)
	},
	"nca_pair": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		a, b := v.rewards(p)
		half := times64(0.5, plus(o.logSig(minusOf(a)), o.logSig(minusOf(b))))
		return minusOf(plus(o.logSig(a), half))
	},
	"bco_pair": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		a, b := v.rewards(p)
		delta := oracle.NewBig(p.Delta)
		return minusOf(plus(o.logSig(minus(a, delta)), o.logSig(minus(delta, b))))
	},
	"sppo_hard": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		target := over(oracle.NewBig(1), oracle.NewBig(2*p.Beta))
		c, r := minus(v.x(), target), plus(v.y(), target)
		return plus(times(c, c), times(r, r))
	},
	"apo_zero": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		a, b := v.rewards(p)
		return plus(minus(oracle.NewBig(1), o.sig(a)), o.sig(b))
	},
	"apo_down": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		a, b := v.rewards(p)
		return minus(plus(o.sig(a), oracle.NewBig(1)), o.sig(minus(a, b)))
	},
	"dpop": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		penalty := oracle.NewBig(0)
		if v.rc.Cmp(v.pc) > 0 {
			penalty = times64(p.Beta*p.Lambda, minus(v.rc, v.pc))
		}
		return minusOf(o.logSig(minus(v.u(p), penalty)))
	},
	"orpo": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		c, r := over(v.pc, v.lc), over(v.pr, v.lr)
		odds := func(x *big.Float) *big.Float { return over(o.Exp(x), minus(oracle.NewBig(1), o.Exp(x))) }
		return minus(minusOf(c), times64(p.Beta, o.logSig(o.Log(over(odds(c), odds(r))))))
	},
	"cal_dpo": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		target := over(oracle.NewBig(1), oracle.NewBig(2*p.Beta))
		up, down := minus(v.x(), target), plus(v.y(), target)
		return minus(plus(times(up, up), times(down, down)), o.logSig(minus(v.x(), v.y())))
	},
	"rpo": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		return minusOf(plus(o.logSig(v.u(p)), times64(p.NLL, v.x())))
	},
	"cpo": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		return minusOf(plus(o.logSig(times64(p.Beta, minus(v.pc, v.pr))), times64(p.NLL, v.pc)))
	},
	"mpo": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		a, b := v.rewards(p)
		delta := oracle.NewBig(p.Delta)
		quality := times64(p.BCO, plus(o.logSig(minus(a, delta)), o.logSig(minus(delta, b))))
		preference := times(minus(oracle.NewBig(1), oracle.NewBig(p.BCO)), o.logSig(minus(a, b)))
		return minusOf(plus(plus(preference, quality), times64(p.NLL, v.x())))
	},
	"sft": func(o precise, v precisePair, p objective.HyperParams) *big.Float { return minusOf(v.pc) },
	"fdiv_js": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		return o.leashed(v, p, o.logSig)
	},
	"fdiv_forward_kl": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		return o.leashed(v, p, func(x *big.Float) *big.Float { return minusOf(o.Exp(minusOf(x))) })
	},
	"fdiv_alpha": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		k := minus(oracle.NewBig(p.Alpha), oracle.NewBig(1))
		return o.leashed(v, p, func(x *big.Float) *big.Float { return over(o.Exp(times(k, x)), k) })
	},
	"chi_po": func(o precise, v precisePair, p objective.HyperParams) *big.Float {
		phi := func(x *big.Float) *big.Float { return plus(o.Exp(x), x) }
		u := times64(p.Beta, minus(phi(v.x()), phi(v.y())))
		if most := oracle.NewBig(2 * p.RMax); u.Cmp(most) > 0 {
			u = most
		} else if least := minusOf(most); u.Cmp(least) < 0 {
			u = least
		}
		return minusOf(o.logSig(u))
	},
}

func (v precisePair) x() *big.Float { return minus(v.pc, v.rc) }

func (v precisePair) y() *big.Float { return minus(v.pr, v.rr) }

func (v precisePair) u(p objective.HyperParams) *big.Float {
	return times64(p.Beta, minus(minus(v.pc, v.pr), minus(v.rc, v.rr)))
}

func (v precisePair) rewards(p objective.HyperParams) (a, b *big.Float) {
	return times64(p.Beta, v.x()), times64(p.Beta, v.y())
}

func (v precisePair) perToken() *big.Float { return minus(over(v.x(), v.lc), over(v.y(), v.lr)) }

// flipped returns −own·log σ(u) − other·log σ(−u).
func (o precise) flipped(u *big.Float, own, other float64) *big.Float {
	return minusOf(plus(times64(own, o.logSig(u)), times64(other, o.logSig(minusOf(u)))))
}

func (o precise) leashed(v precisePair, p objective.HyperParams, f func(*big.Float) *big.Float) *big.Float {
	return minusOf(o.logSig(times64(p.Beta, minus(f(v.x()), f(v.y())))))
}

// randomPair draws log-probabilities of two replies of a few to a few dozen
// nats, close to the reference or far from it.
func randomPair(r *rand.Rand) (x [4]float64) {
	far := math.Exp(3 * r.NormFloat64() / 2)
	for i := range 2 {
		x[2+i] = -math.Exp(r.NormFloat64() * 1.5)
		x[i] = -math.Abs(x[2+i] + far*r.NormFloat64()/3)
	}
	return x
}

// randomHypers draws hyper-parameters within the bounds of the table.
func randomHypers(o *objective.Objective, r *rand.Rand) objective.HyperParams {
	p := o.Defaults(math.Exp(2*r.NormFloat64() - 1))
	for _, u := range o.Uses {
		*p.At(u.Hyper) = u.Min + (min(u.Max, 6)-u.Min)*r.Float64()
	}
	return p
}

func (o precise) pair(x [4]float64, tokens [2]float64) precisePair {
	return precisePair{oracle.NewBig(x[0]), oracle.NewBig(x[1]), oracle.NewBig(x[2]), oracle.NewBig(x[3]), oracle.NewBig(tokens[0]), oracle.NewBig(tokens[1])}
}

// slope differentiates a precise loss with respect to one log-probability, by a
// central difference whose error is far below a float64's.
func (o precise) slope(f func(precisePair) *big.Float, v precisePair, of func(*precisePair) **big.Float) float64 {
	h := new(big.Float).SetMantExp(oracle.NewBig(1), -80)
	up, down := v, v
	*of(&up) = plus(*of(&up), h)
	*of(&down) = minus(*of(&down), h)
	d := minus(f(up), f(down))
	slope, _ := over(d, plus(h, h)).Float64()
	return slope
}

// TestObjectivesAgainstBig compares every loss on pairs and both its
// derivatives with formula and central difference in 300 bits. Of a loss without
// a formula here it holds the derivatives against the loss's own differences.
func TestObjectivesAgainstBig(t *testing.T) {
	o, r := precise{oracle.New()}, rand.New(rand.NewPCG(31, 32))
	n := 60
	if testing.Short() {
		n = 8
	}
	checked := 0
	for i := range objective.All() {
		obj := &objective.All()[i]
		if obj.Sorted != objective.Unsorted || obj.Reply != nil {
			continue
		}
		precisely := preciseLosses[obj.Key]
		if precisely == nil {
			t.Logf("%s has no formula in preciseLosses: only its derivatives are tested", obj.Key)
			checkDifferences(t, obj, r, n)
			continue
		}
		checked++
		for range n {
			x, p := randomPair(r), randomHypers(obj, r)
			tokens := [2]float64{float64(1 + r.IntN(9)), float64(1 + r.IntN(9))}
			v := o.pair(x, tokens)
			f := func(v precisePair) *big.Float { return precisely(o, v, p) }
			loss, dc, dr := lossOf(obj.With(p), x, tokens)
			want, _ := f(v).Float64()
			checkNear(t, obj.Key+" loss", x, p, loss, want)
			checkNear(t, obj.Key+" ∂chosen", x, p, dc, o.slope(f, v, func(v *precisePair) **big.Float { return &v.pc }))
			checkNear(t, obj.Key+" ∂rejected", x, p, dr, o.slope(f, v, func(v *precisePair) **big.Float { return &v.pr }))
		}
	}
	if checked != len(preciseLosses) {
		t.Errorf("%d losses were compared with a formula, of %d formulas", checked, len(preciseLosses))
	}
}

// checkDifferences holds a loss's derivatives against its own differences.
func checkDifferences(t *testing.T, obj *objective.Objective, r *rand.Rand, n int) {
	t.Helper()
	for range n {
		x, p := randomPair(r), randomHypers(obj, r)
		tokens := [2]float64{float64(1 + r.IntN(9)), float64(1 + r.IntN(9))}
		l := obj.With(p)
		loss, dc, dr := lossOf(l, x, tokens)
		for i, slope := range [2]float64{dc, dr} {
			const h = 1e-5
			up, down := x, x
			up[i], down[i] = x[i]+h, x[i]-h
			above, _, _ := lossOf(l, up, tokens)
			below, _, _ := lossOf(l, down, tokens)
			want := (above - below) / (2 * h)
			if !(math.Abs(slope-want) <= 1e-5*(1+math.Abs(want))+1e-10*math.Abs(loss)) {
				t.Errorf("%s at %v, %+v: slope %v, but the loss's own difference is %v", obj.Key, x, p, slope, want)
			}
		}
	}
}

// lossOf returns the loss of a pair (pc, pr, rc, rr) and its derivatives with
// respect to the log-probabilities.
func lossOf(l *objective.Loss, x [4]float64, tokens [2]float64) (loss, dc, dr float64) {
	o := l.Objective
	loss, dc, dr = l.Pair(o.Score(x[0], x[2], tokens[0]), o.Score(x[1], x[3], tokens[1]))
	return loss, dc * o.ScoreSlope(tokens[0]), dr * o.ScoreSlope(tokens[1])
}

// checkNear allows for the rounding of the scores, which β and the log-ratio's
// size carry into the exponent.
func checkNear(t *testing.T, what string, x [4]float64, p objective.HyperParams, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-14+1e-12*math.Abs(want)) {
		t.Errorf("%s at %v, %+v = %v, want %v", what, x, p, got, want)
	}
}

// TestReplyLossesAgainstBig does the same for thumbs up and down.
func TestReplyLossesAgainstBig(t *testing.T) {
	o, r := precise{oracle.New()}, rand.New(rand.NewPCG(33, 34))
	for _, key := range []string{"kto", "apo_zero_unpaired"} {
		obj := objective.Named(key)
		for range 40 {
			p, s, z := randomHypers(obj, r), 3*r.NormFloat64(), math.Abs(r.NormFloat64())
			f := func(sign, weight float64) func(precisePair) *big.Float {
				return func(v precisePair) *big.Float {
					u := times64(sign*p.Beta, minus(v.pc, oracle.NewBig(z)))
					return times64(weight, minus(oracle.NewBig(1), o.sig(u)))
				}
			}
			l, v := obj.With(p).Reply, o.pair([4]float64{s}, [2]float64{1, 1})
			for _, side := range []struct {
				call         func(s, z float64) (float64, float64)
				sign, weight float64
			}{{l.Good, 1, p.Desirable}, {l.Bad, -1, p.Undesirable}} {
				precisely := f(side.sign, side.weight)
				loss, slope := side.call(s, z)
				want, _ := precisely(v).Float64()
				checkNear(t, key, [4]float64{s, z}, p, loss, want)
				checkNear(t, key+" slope", [4]float64{s, z}, p, slope,
					o.slope(precisely, v, func(v *precisePair) **big.Float { return &v.pc }))
			}
		}
	}
}

func TestStableFunctionsAgainstBig(t *testing.T) {
	o := precise{oracle.New()}
	for _, x := range oracle.Arguments(500, 690) {
		if math.Abs(x) > 690 {
			continue
		}
		e := minus(o.Exp(oracle.NewBig(x)), oracle.NewBig(1))
		if over := oracle.Excess(num.Expm1(x), e, 1e-15); over > 1 {
			t.Errorf("expm1(%v) = %v is %.2f × 1e-15 off", x, num.Expm1(x), over)
		}
		s := o.Sigmoid(x)
		if over := oracle.Excess(num.SigmoidSlope(x), times(s, o.Sigmoid(-x)), 1.5e-15); over > 1 {
			t.Errorf("sigmoidSlope(%v) = %v is %.2f × 1.5e-15 off", x, num.SigmoidSlope(x), over)
		}
		if math.Abs(x) < 0x1p-200 { // beyond the oracle's digits
			continue
		}
		for _, y := range []float64{0, x, x / 2, x * (1 + 1e-9), -x} {
			gap := minus(o.Exp(oracle.NewBig(x)), o.Exp(oracle.NewBig(y)))
			if over := oracle.Excess(num.ExpGap(x, y), gap, 2e-15); over > 1 {
				t.Errorf("expGap(%v, %v) = %v is %.2f × 2e-15 off", x, y, num.ExpGap(x, y), over)
			}
		}
	}
}
