package num

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/internal/oracle"
)

func TestSoftmaxProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 500 {
		z := oracle.RandomLogits(r, 1+r.IntN(30))
		p, lp, q := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(z))
		Softmax(p, z)
		LogSoftmax(lp, z)
		oracle.Near(t, "Σ softmax", oracle.Sum(p), 1, 1e-14)
		oracle.NearAll(t, "log-softmax against an independent one", lp, oracle.LogNormalised(z), 1e-13*(1+oracle.MaxAbs(z)))
		oracle.NearAll(t, "e^log-softmax", oracle.Exps(lp), p, 1e-13*(1+oracle.MaxAbs(z)))
		shift := 100 * r.NormFloat64()
		for k := range z {
			z[k] += shift
		}
		Softmax(q, z)
		oracle.NearAll(t, "softmax of shifted logits", q, p, 1e-13*(1+math.Abs(shift)+oracle.MaxAbs(z)))
	}
}

// KL is not negative either way, is 0 for equal distributions and only for
// them, and agrees with Σ p (log p − log q) taken directly.
func TestKLProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2))
	for range 1000 {
		k := 2 + r.IntN(20)
		p, q := oracle.LogNormalised(oracle.RandomLogits(r, k)), oracle.LogNormalised(oracle.RandomLogits(r, k))
		if got := KL(p, p); got != 0 {
			t.Fatalf("KL(p‖p) = %v for %v", got, p)
		}
		for _, d := range [][2][]float64{{p, q}, {q, p}} {
			want := 0.0
			for i := range p {
				want += math.Exp(d[0][i]) * (d[0][i] - d[1][i])
			}
			got := KL(d[0], d[1])
			oracle.Near(t, "KL", got, want, 1e-12*(1+want))
			if !(got > 0) {
				t.Fatalf("KL = %v for %v and %v", got, d[0], d[1])
			}
		}
		// Very close: second order, Σ p x²/2 with x the centred log-ratio.
		near1, x := append([]float64(nil), p...), 1e-6*r.NormFloat64()
		near1[0] += x
		near1 = oracle.LogNormalised(near1)
		p0 := math.Exp(p[0])
		oracle.Near(t, "KL of neighbours", KL(p, near1), p0*(1-p0)*x*x/2, 1e-5*p0*x*x+1e-22)
	}
}

func TestKLWithZeros(t *testing.T) {
	none := math.Inf(-1)
	oracle.Near(t, "KL((1,0)‖(¼,¾))", KL([]float64{0, none}, oracle.Logs([]float64{1, 3})), math.Log(4), 1e-15)
	if got := KL(oracle.Logs([]float64{1, 3}), []float64{0, none}); !math.IsInf(got, 1) {
		t.Errorf("KL is %v where q is 0 and p is not, want +Inf", got)
	}
	oracle.Near(t, "KL((1,0)‖(1,0))", KL([]float64{0, none}, []float64{0, none}), 0, 0)
}

// Where the policy all but gives up a reply that the reference says often, the
// divergence is still that of what is left: log 3 when one of three is kept.
func TestKLOfAPolicyThatGivesUpReplies(t *testing.T) {
	ref := []float64{-math.Log(3), -math.Log(3), -math.Log(3)}
	for _, lost := range []float64{-300, -700, -743, -745, -1000, math.Inf(-1)} {
		if got := KL([]float64{0, lost, lost}, ref); math.Abs(got-math.Log(3)) > 1e-12 {
			t.Errorf("two of three replies at log-probability %v: KL = %v, want log 3", lost, got)
		}
	}
}
