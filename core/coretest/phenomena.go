package coretest

import (
	"dpoplayground/core/data"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// trained returns a trainer after n steps from the reference.
func Trained(p *data.Problem, cfg train.Config, n int) *train.Trainer {
	t := train.NewTrainer(p, cfg)
	t.Advance(n)
	return t
}

// logRatio returns d = z − log π_ref of one arm.
func LogRatio(p train.Policy, arm int) float64 {
	d := [1]float64{}
	p.AddLogRatios(d[:], arm)
	return d[0]
}

// boltzmann returns π_ref·e^(r/β)/Z.
func Boltzmann(reference, rewards []float64, beta float64) []float64 {
	x := oracle.Logs(reference)
	for k := range x {
		x[k] += rewards[k] / beta
	}
	return oracle.Exps(oracle.LogNormalised(x))
}
