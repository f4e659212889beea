package core

import "encoding/json"

// checkDestination checks the minimiser of an expected loss against the place
// where its descent is headed, and where the trainer has the loss against that.
func checkDestination(h goldenHeader, raw json.RawMessage) (c goldenResult) {
	if c := checkMinimiser(h, raw); len(c.wrong) > 0 {
		return c
	}
	var v struct {
		goldenMinimiser
		Out numbers
	}
	if !c.decode(raw, &v) {
		return c
	}
	c.id = v.ID
	l := c.bind(v.Objective, v.In.HP)
	if c.skip != "" || len(c.wrong) > 0 {
		return c
	}
	logRef := logs(v.In.RefProbs)
	d := FindDestination(Course{Loss: l, LogRef: logRef, Votes: expectedPairs(v.In.Preference, v.In.PairWeight)})
	if !d.Finite {
		c.wrong = append(c.wrong, "no finite place was found, but "+string(d.Kind))
		return c
	}
	ratio := make([]float64, len(logRef))
	for k := range ratio {
		ratio[k] = d.LogPi[k] - logRef[k]
	}
	c.compare("", numbers{"pi": exps(d.LogPi), "log_ratio": ratio, "kl": {d.KL}, "loss": {d.Loss}}, v.Out, minimised)
	c.compare("", numbers{"gradient": {d.Gradient}}, numbers{"gradient": {0}}, minimised)
	return c
}
