package num

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/internal/oracle"
)

func samples(t *testing.T) int {
	if testing.Short() {
		return 500
	}
	return 5000
}

// TestExpTable recomputes 2^(j/256) with math/big, by square roots and products.
func TestExpTable(t *testing.T) {
	root := oracle.NewBig(2)
	for range 8 {
		root.Sqrt(root)
	}
	power := oracle.NewBig(1)
	for j, got := range expTable {
		want, _ := power.Float64()
		if got+uint64(j)<<44 != math.Float64bits(want) {
			t.Errorf("expTable[%d] stands for %v, want 2^(%d/256) = %v", j,
				math.Float64frombits(got+uint64(j)<<44), j, want)
		}
		power.Mul(power, root)
	}
}

func TestExpAgainstBig(t *testing.T) {
	o, worst := oracle.New(), 0.0
	for _, x := range oracle.Arguments(samples(t), 699.9) {
		if math.Abs(x) >= 700 {
			continue
		}
		over := oracle.Excess(Exp(x), o.Exp(oracle.NewBig(x)), 2.3e-16)
		if worst = math.Max(worst, over); over > 1 {
			t.Errorf("Exp(%v) = %v is %.2f times the proven bound off", x, Exp(x), over)
		}
	}
	t.Logf("largest error: %.3g relative", worst*2.3e-16)
}

func TestExpAtTheEnds(t *testing.T) {
	o := oracle.New()
	r := rand.New(rand.NewPCG(3, 4))
	for range samples(t) / 5 {
		for _, x := range []float64{700 + 9.78*r.Float64(), -700 - 46*r.Float64()} {
			if over := oracle.Excess(Exp(x), o.Exp(oracle.NewBig(x)), 6e-16); over > 1 {
				t.Errorf("Exp(%v) = %v is %.2f times the bound off", x, Exp(x), over)
			}
		}
	}
	// e^x is finite up to log(MaxFloat64) = 709.782712893383973096…, and rounds
	// to the least subnormal down to log(2^-1075) = -745.133219101941…
	for x, want := range map[float64]bool{709.782712893384: false, 709.7827128933841: true} {
		if math.IsInf(Exp(x), 1) != want {
			t.Errorf("Exp(%v) = %v", x, Exp(x))
		}
	}
	if Exp(-745.13) != 5e-324 || Exp(-745.14) != 0 {
		t.Errorf("Exp(-745.13), Exp(-745.14) = %v, %v, want 5e-324, 0", Exp(-745.13), Exp(-745.14))
	}
}

func TestLogAgainstBig(t *testing.T) {
	o, worst := oracle.New(), 0.0
	for _, x := range oracle.Arguments(samples(t), 2) {
		for _, x := range []float64{math.Abs(x), 1 + x*0x1p-20, math.Ldexp(1.5+x/4, int(511*x))} {
			if x <= 0 || x == 1 || math.IsInf(x, 1) || math.IsNaN(x) {
				continue
			}
			over := oracle.Excess(Log(x), o.Log(oracle.NewBig(x)), 4e-16)
			if worst = math.Max(worst, over); over > 1 {
				t.Errorf("Log(%v) = %v is %.2f times the proven bound off", x, Log(x), over)
			}
		}
	}
	t.Logf("largest error: %.3g relative", worst*4e-16)
}

func TestSigmoidAndSoftplusAgainstBig(t *testing.T) {
	o := oracle.New()
	for _, u := range oracle.Arguments(samples(t)/2, 760) {
		s, sp := SigmoidSoftplus(u)
		if s != Sigmoid(u) || sp != Softplus(u) {
			t.Fatalf("SigmoidSoftplus(%v) = %v, %v differs from Sigmoid %v and Softplus %v", u, s, sp, Sigmoid(u), Softplus(u))
		}
		if over := oracle.Excess(s, o.Sigmoid(u), 6e-16); math.Abs(u) < 1e6 && over > 1 {
			t.Errorf("Sigmoid(%v) = %v is %.2f times the bound off", u, s, over)
		}
		if over := oracle.Excess(sp, o.Softplus(u), 8e-16); math.Abs(u) < 1e6 && over > 1 {
			t.Errorf("Softplus(%v) = %v is %.2f times the bound off", u, sp, over)
		}
	}
}

func TestElementaryLimits(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name      string
		f         func(float64) float64
		x, expect float64
	}{
		{"Exp", Exp, 0, 1}, {"Exp", Exp, inf, inf}, {"Exp", Exp, -inf, 0}, {"Exp", Exp, nan, nan},
		{"Exp", Exp, 1e308, inf}, {"Exp", Exp, -1e308, 0},
		{"Log", Log, 1, 0}, {"Log", Log, 0, -inf}, {"Log", Log, math.Copysign(0, -1), -inf},
		{"Log", Log, -5e-324, nan}, {"Log", Log, -inf, nan}, {"Log", Log, inf, inf}, {"Log", Log, nan, nan},
		{"Sigmoid", Sigmoid, 0, 0.5}, {"Sigmoid", Sigmoid, inf, 1}, {"Sigmoid", Sigmoid, -inf, 0},
		{"Sigmoid", Sigmoid, 1e308, 1}, {"Sigmoid", Sigmoid, -1e308, 0}, {"Sigmoid", Sigmoid, nan, nan},
		{"Softplus", Softplus, 0, math.Ln2}, {"Softplus", Softplus, inf, inf}, {"Softplus", Softplus, -inf, 0},
		{"Softplus", Softplus, 1e308, 1e308}, {"Softplus", Softplus, -1e308, 0}, {"Softplus", Softplus, nan, nan},
	} {
		if got := c.f(c.x); got != c.expect && !(got != got && c.expect != c.expect) {
			t.Errorf("%s(%v) = %v, want %v", c.name, c.x, got, c.expect)
		}
	}
}

func TestExpSum(t *testing.T) {
	x := []float64{3, 2.5, -0.25, -690, -698, -720, -1e300, math.Inf(-1), 3}
	dst := make([]float64, len(x))
	sum, want := ExpSum(dst, x, 3), 0.0
	for i, v := range x {
		want += Exp(v - 3)
		if dst[i] != Exp(v-3) {
			t.Errorf("dst[%d] = %v, want Exp(%v) = %v", i, dst[i], v-3, Exp(v-3))
		}
	}
	if sum != want || sumExp(x, 3) != want || want < 2 {
		t.Errorf("expSum = %v, sumExp = %v, want %v", sum, sumExp(x, 3), want)
	}
	if again := ExpSum(x, x, 3); again != want || x[1] != dst[1] {
		t.Errorf("in place: sum %v, want %v; x = %v, want %v", again, want, x, dst)
	}
}

// TestElementaryBits holds every platform to the same bits. The number was
// produced on amd64; natively elsewhere and under WebAssembly it must be the
// same, or a shared link would not replay.
func TestElementaryBits(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	h := fnv.New64a()
	for range 50000 {
		u := 800 * (2*r.Float64() - 1)
		v := math.Ldexp(1+r.Float64(), r.IntN(2100)-1074)
		s, sp := SigmoidSoftplus(u / 8)
		for _, x := range []float64{Exp(u), Log(v), s, sp} {
			h.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(x)))
		}
	}
	if got, want := h.Sum64(), uint64(0x5542c9e400ae7bda); got != want {
		t.Errorf("hash of the results is %#x, want %#x", got, want)
	}
}

func benchmarkFunction(b *testing.B, f func(float64) float64) {
	r := rand.New(rand.NewPCG(7, 8))
	x := make([]float64, 1024)
	for i := range x {
		x[i] = 0.01 + 20*r.Float64()
	}
	sum := 0.0
	for b.Loop() {
		for _, v := range x {
			sum += f(v)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/value")
	if math.IsNaN(sum) {
		b.Fatal("not a number")
	}
}

func BenchmarkExp(b *testing.B) { benchmarkFunction(b, Exp) }

func BenchmarkMathExp(b *testing.B) { benchmarkFunction(b, math.Exp) }

func BenchmarkLog(b *testing.B) { benchmarkFunction(b, Log) }

func BenchmarkMathLog(b *testing.B) { benchmarkFunction(b, math.Log) }

func BenchmarkSoftplus(b *testing.B) { benchmarkFunction(b, Softplus) }

func BenchmarkMathSoftplus(b *testing.B) {
	benchmarkFunction(b, func(u float64) float64 { return math.Max(u, 0) + math.Log1p(math.Exp(-math.Abs(u))) })
}

func BenchmarkExpSum(b *testing.B) {
	x, dst := make([]float64, 1024), make([]float64, 1024)
	for i := range x {
		x[i] = -float64(i) / 50
	}
	for b.Loop() {
		ExpSum(dst, x, 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/value")
}
