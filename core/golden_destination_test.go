package core_test

import (
	"encoding/json"

	"dpoplayground/core/coretest"
	"dpoplayground/core/optimum"
	"dpoplayground/internal/oracle"
)

// checkDestination checks the minimiser of an expected loss against the place
// where its descent is headed, and where the trainer has the loss against that.
func checkDestination(h goldenHeader, raw json.RawMessage) (c coretest.GoldenResult) {
	if c := checkMinimiser(h, raw); len(c.Wrong) > 0 {
		return c
	}
	var v struct {
		goldenMinimiser
		Out coretest.Numbers
	}
	if !c.Decode(raw, &v) {
		return c
	}
	c.Id = v.ID
	l := c.Bind(v.Objective, v.In.HP)
	if c.Skip != "" || len(c.Wrong) > 0 {
		return c
	}
	logRef := oracle.Logs(v.In.RefProbs)
	d := coretest.FindDestination(optimum.Course{Loss: l, LogRef: logRef, Votes: expectedPairs(v.In.Preference, v.In.PairWeight)})
	if !d.Finite {
		c.Wrong = append(c.Wrong, "no finite place was found, but "+string(d.Kind))
		return c
	}
	ratio := make([]float64, len(logRef))
	for k := range ratio {
		ratio[k] = d.LogPi[k] - logRef[k]
	}
	c.Compare("", coretest.Numbers{"pi": oracle.Exps(d.LogPi), "log_ratio": ratio, "kl": {d.KL}, "loss": {d.Loss}}, v.Out, minimised)
	c.Compare("", coretest.Numbers{"gradient": {d.Gradient}}, coretest.Numbers{"gradient": {0}}, minimised)
	return c
}
