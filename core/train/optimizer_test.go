package train_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core/coretest"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
)

// TestUpdatesByHand follows each rule for three steps of a constant gradient.
func TestUpdatesByHand(t *testing.T) {
	for _, c := range []struct {
		name     string
		rule     train.UpdateRule
		gradient float64
		want     [3]float64
	}{
		{"sgd", train.NewUpdateRule(train.SGD, 0.1), 2, [3]float64{-0.2, -0.4, -0.6}},
		// v = 1, 1.9, 2.71
		{"momentum", train.NewUpdateRule(train.Momentum, 0.1), 1, [3]float64{-0.1, -0.29, -0.561}},
		// s = .04, .0796, .118804, and ε is .1
		{"rmsprop", train.UpdateRule{Kind: train.RMSprop, Rate: 0.3, Decay: 0.99, Eps: 0.1}, 2, [3]float64{
			-0.6 / 0.3, -0.6/0.3 - 0.6/(math.Sqrt(0.0796)+0.1),
			-0.6/0.3 - 0.6/(math.Sqrt(0.0796)+0.1) - 0.6/(math.Sqrt(0.118804)+0.1)}},
		// The corrected moments are −3 and 9.
		{"adam", train.UpdateRule{Kind: train.Adam, Rate: 0.01, Beta1: 0.5, Beta2: 0.7, Eps: 1}, -3, [3]float64{0.0075, 0.015, 0.0225}},
	} {
		u, x, g := train.NewUpdater(c.rule, 2), []float64{0, 5}, make([]float64, 2)
		for step, want := range c.want {
			g[0] = -c.gradient
			u.Step(x, g)
			if math.Abs(x[0]-want) > 1e-14 || x[1] != 5 || g[0] != 0 {
				t.Errorf("%s, step %d: x = %v, want %v and 5; downhill left at %v", c.name, step+1, x, want, g)
			}
		}
		u.Reset()
		x[0], g[0] = 0, -c.gradient
		if u.Step(x, g); math.Abs(x[0]-c.want[0]) > 1e-14 {
			t.Errorf("%s after a reset: x = %v, want %v", c.name, x[0], c.want[0])
		}
	}
}

// TestUpdaterIsTheTrainers: with the trainer's gradient, SGD gives the trainer's
// logits bit for bit. So do the others, and Adam but for 1 − β₁ and 1 − β₂, which are rounded
// after the subtraction here and before it there.
func TestUpdaterIsTheTrainers(t *testing.T) {
	p := datatest.Random(rand.New(rand.NewPCG(61, 62)), 2, 5, 40)
	for kind, allowed := range []float64{train.SGD: 0, train.Adam: 1e-12, train.Momentum: 0, train.RMSprop: 0} {
		cfg := train.Config{HyperParams: objective.HyperParams{Beta: 0.4, Epsilon: 0.1}, Rate: 0.3, Optimizer: kind, Momentum: 0.9}
		trainer := train.NewTrainer(p, cfg)
		u, x, g := train.NewUpdater(train.NewUpdateRule(kind, 0.3), p.Arms()), make([]float64, p.Arms()), make([]float64, p.Arms())
		for range 50 {
			coretest.AddGradient(trainer, g)
			for i := range g {
				g[i] = -g[i]
			}
			trainer.Advance(1)
			u.Step(x, g)
			for k := range x {
				if !(math.Abs(x[k]-trainer.LogRatio(k)) <= allowed) {
					t.Fatalf("optimizer %d, arm %d: %v, the trainer has %v", kind, k, x[k], trainer.LogRatio(k))
				}
			}
		}
	}
}

func TestUpdaterAllocatesNothing(t *testing.T) {
	for _, kind := range []int{train.SGD, train.Adam, train.Momentum, train.RMSprop} {
		u, x, g := train.NewUpdater(train.NewUpdateRule(kind, 0.1), 8), make([]float64, 8), make([]float64, 8)
		if n := testing.AllocsPerRun(10, func() { u.Step(x, g) }); n != 0 {
			t.Errorf("optimizer %d allocates %v times a step", kind, n)
		}
	}
}
