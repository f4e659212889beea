package read_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// The oracle knows definitions only: digits as they are printed, chains of
// preferences by transitive closure, and a plain stepper of textbook losses.

// digits is what a policy shows beside a KL.
func digits(p, ref []float64) (out []string) {
	kl := 0.0
	for k := range p {
		if p[k] > 0 {
			kl += p[k] * (math.Log(p[k]) - math.Log(ref[k]))
		}
		out = append(out, strconv.FormatFloat(100*p[k], 'f', 1, 64), strconv.FormatFloat(100*p[k], 'f', 0, 64))
	}
	return append(out, strconv.FormatFloat(math.Abs(kl), 'f', 3, 64))
}

func exps(logs []float64) []float64 {
	out := make([]float64, len(logs))
	for k, x := range logs {
		out[k] = math.Exp(x)
	}
	return out
}

// closure returns which replies chains of preferences lead to, and which are joined
// at all, by Warshall's algorithm.
func closure(l *core.Lab) (beats, joined [][]bool) {
	from, _ := l.Problem.Range(l.Prompt())
	k := l.Arms()
	beats, joined = make([][]bool, k), make([][]bool, k)
	for i := range beats {
		beats[i], joined[i] = make([]bool, k), make([]bool, k)
		beats[i][i], joined[i][i] = true, true
	}
	for _, p := range l.Problem.Tallies {
		a, b := p.A-from, p.B-from
		if a < 0 || a >= k {
			continue
		}
		joined[a][b], joined[b][a] = true, true
		beats[a][b] = beats[a][b] || p.ForA > 0
		beats[b][a] = beats[b][a] || p.ForB > 0
	}
	for _, g := range [][][]bool{beats, joined} {
		for m := range k {
			for i := range k {
				for j := range k {
					g[i][j] = g[i][j] || g[i][m] && g[m][j]
				}
			}
		}
	}
	return beats, joined
}

func groups(joined [][]bool) (n int) {
	for i := range joined {
		first := true
		for j := range i {
			first = first && !joined[i][j]
		}
		if first {
			n++
		}
	}
	return n
}

// slopeOf returns φ′ of a loss of the margin m, from its paper; ok is false for losses
// that are not written here.
func slopeOf(l *core.Lab) (slope func(m float64) float64, ok bool) {
	s := &l.Experiment.Settings
	beta, eps, gamma := s[core.Beta], s[core.Smoothing], s[core.Gamma]
	sigma := func(u float64) float64 { return 1 / (1 + math.Exp(-u)) }
	switch s.Objective().Key {
	case "dpo", "cdpo":
		return func(m float64) float64 { return beta * (sigma(beta*m) - (1 - eps)) }, true
	case "rdpo":
		return func(m float64) float64 {
			return -beta * ((1-eps)*sigma(-beta*m) + eps*sigma(beta*m)) / (1 - 2*eps)
		}, true
	case "simpo":
		return func(m float64) float64 { return beta * (sigma(beta*m-gamma) - (1 - eps)) }, true
	case "ipo":
		return func(m float64) float64 { return 2 * (m - 1/(2*beta)) }, true
	}
	return nil, false
}

// longRun takes plain full-batch steps of gradient descent from the start and
// returns the largest slope at their end, of what it was at the beginning.
func longRun(l *core.Lab, slope func(float64) float64, rate float64, steps int) float64 {
	from, _ := l.Problem.Range(l.Prompt())
	ref := l.Reference()
	z, g := make([]float64, l.Arms()), make([]float64, l.Arms())
	for k := range z {
		if l.Experiment.Start != nil {
			z[k] = l.Experiment.Start[k]
		}
		if !l.Experiment.Settings.Objective().Reference {
			z[k] += ref[k]
		}
	}
	total := 0.0
	for _, p := range l.Problem.Tallies {
		total += p.ForA + p.ForB
	}
	first, now := 0.0, 0.0
	for i := range steps {
		clear(g)
		for _, p := range l.Problem.Tallies {
			a, b := p.A-from, p.B-from
			if a < 0 || a >= len(z) {
				continue
			}
			d := (p.ForA*slope(z[a]-z[b]) - p.ForB*slope(z[b]-z[a])) / total
			g[a] += d
			g[b] -= d
		}
		now = 0
		for k := range z {
			now = max(now, math.Abs(g[k]))
			z[k] -= rate * g[k]
		}
		if first = max(first, now); now < 1e-12*first {
			break
		}
		_ = i
	}
	if first == 0 {
		return 0
	}
	return now / first
}

// gradientAt differentiates the mean loss of all votes by differences at logits, and
// returns the largest slope over one and the loss. ok is false for
// losses that are not a sum over votes, have kinks there, or read more than votes.
func gradientAt(l *core.Lab, z []float64) (largest float64, ok bool) {
	s := &l.Experiment.Settings
	o, loss := s.Objective(), s.Loss(l.Beta())
	if !plainLoss(l) || o.Reply != nil || o.Sorted != objective.Unsorted || o.Key == "hinge" || o.Key == "dpop" || len(l.Problem.Thumbs) > 0 || !l.Heard() {
		return 0, false
	}
	from, _ := l.Problem.Range(l.Prompt())
	tokens, ref := l.Problem.TokensOf(l.Prompt()), l.Reference()
	value := func(z []float64) (sum float64) {
		top, all := slices.Max(z), 0.0
		for _, x := range z {
			all += math.Exp(x - top)
		}
		score := func(k int) float64 {
			x := z[k] - top - math.Log(all)
			if o.Reference {
				x -= ref[k]
			}
			if o.Lengths && tokens != nil {
				x /= tokens[k]
			}
			return x
		}
		for _, p := range l.Problem.TalliesOf(l.Prompt()) {
			a, b := score(p.A-from), score(p.B-from)
			for _, v := range [2][3]float64{{p.ForA, a, b}, {p.ForB, b, a}} {
				one := 0.0
				if v[0] == 0 {
					continue
				}
				if o.Margin != nil {
					one = loss.Margin.Loss(v[1] - v[2])
				} else {
					one, _, _ = loss.Pair(v[1], v[2])
				}
				sum += v[0] * one / l.Problem.Total
			}
		}
		return sum
	}
	const h = 1e-5 // curvature changes within τ/β, which is .005 at the least here
	scale := 1 + math.Abs(value(z))
	for k := range z {
		up, down := slices.Clone(z), slices.Clone(z)
		up[k], down[k] = z[k]+h, z[k]-h
		largest = max(largest, math.Abs(value(up)-value(down))/(2*h*scale))
	}
	return largest, !math.IsNaN(largest)
}

// plainLoss tells that the long run's losses are this lab's: one length, a table, all votes.
func plainLoss(l *core.Lab) bool {
	s := &l.Experiment.Settings
	for _, r := range l.Problem.Prompts[l.Prompt()].Replies {
		if r.Tokens > 1 && s.Objective().Lengths {
			return false
		}
	}
	return s[core.How] == core.LearnDirectly && s[core.PolicyChoice] == train.TabularPolicy && s[core.RefEvery] == 0
}

// check holds what a claimant answers of a lab to the oracle, and returns what is
// wrong. before are the policies of the last steps.
func (c *claimant) check(l *core.Lab, before [][]float64) (wrong []string) {
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	ref := exps(l.Reference())
	finite := c.finite(l)
	converged := c.converged(l)
	if finite == facts.Yes && converged != facts.Unknown {
		same := true
		want := digits(exps(l.Optimum.LogPi), ref)
		for _, p := range before[max(0, len(before)-9):] {
			for i, d := range digits(p, ref) {
				same = same && d == want[i]
			}
		}
		if same != (converged == facts.Yes) {
			fail("converged %v, and the digits agree: %v", converged, same)
		}
	} else if converged == facts.Yes {
		fail("converged without a finite optimum")
	}
	beats, joined := closure(l)
	if got := c.parts(l); got != groups(joined) {
		fail("%d groups, want %d", got, groups(joined))
	}
	from, _ := l.Problem.Range(l.Prompt())
	oneWay, compared := false, 0
	for _, p := range l.Problem.TalliesOf(l.Prompt()) {
		compared++
		a, b := p.A-from, p.B-from
		oneWay = oneWay || !beats[a][b] || !beats[b][a]
	}
	a, b, ok := c.oneSided(l)
	if ok != oneWay || ok && (beats[b][a] || !beats[a][b]) {
		fail("one-sided %d over %d: %v, want %v", a, b, ok, oneWay)
	}
	if finite == facts.Yes {
		if g, ok := gradientAt(l, l.Optimum.LogPi); ok && !(g < 1e-5) {
			fail("%s: the gradient at the optimum is %g", l.Experiment.Settings.Objective().Key, g)
		}
	}
	slope, written := slopeOf(l)
	if o := l.Experiment.Settings.Objective(); written && plainLoss(l) && l.Heard() {
		key, eps := o.Key, l.Experiment.Settings[core.Smoothing]
		if logistic := key == "dpo" || key == "cdpo" || key == "simpo"; logistic && finite != facts.Unknown && compared > 0 {
			if want := !oneWay || eps > 0; want != (finite == facts.Yes) {
				fail("%s ε %v: finite %v, one way %v", key, eps, finite, oneWay)
			}
		}
	}
	if c.converges(l) == facts.Yes {
		switch rate := l.Experiment.Settings.EffectiveRate(l.Beta()); {
		case finite != facts.Yes:
			fail("converges without a finite optimum")
		case written && plainLoss(l):
			if left := longRun(l, slope, rate, 400_000); !(left < 1e-3) {
				// slow is not divergent: four times as many steps go on
				if more := longRun(l, slope, rate, 1_600_000); !(more < 0.9*left) {
					fail("converges at rate %v, and after 1,600,000 plain steps %g of the slope is left (%g after 400,000)", rate, more, left)
				}
			}
		}
	}
	c.checkRest(l, finite, fail)
	c.checkLimit(l, fail)
	c.checkLabels(l, fail)
	c.checkReward(l, oneWay, fail)
	c.checkMotion(l, before, fail)
	return wrong
}

// restOf returns the largest slope of the mean loss where the policy stands, of the
// size that one preference can give, from the textbook's loss.
func restOf(l *core.Lab) (share float64, ok bool) {
	slope, written := slopeOf(l)
	o := l.Experiment.Settings.Objective()
	if !written || !plainLoss(l) || !l.Heard() || len(l.Problem.Prompts) > 1 {
		return 0, false
	}
	x, g, total := slices.Clone(l.Policy()), make([]float64, l.Arms()), 0.0
	for k, logRef := range l.Reference() {
		if o.Reference {
			x[k] -= logRef
		}
	}
	for _, p := range l.Problem.Tallies {
		h := x[p.A] - x[p.B]
		d := p.ForA*slope(h) - p.ForB*slope(-h)
		g[p.A], g[p.B], total = g[p.A]+d, g[p.B]-d, total+p.ForA+p.ForB
	}
	scale := l.Beta()
	if o.Key == "ipo" {
		scale = 1 / scale
	}
	for _, d := range g {
		share = max(share, math.Abs(d)/total/scale)
	}
	return share, true
}

// checkRest holds rest to the gradient: 0 to nine digits of its size.
func (c *claimant) checkRest(l *core.Lab, finite facts.Answer, fail func(string, ...any)) {
	rests := c.rests(l)
	if rests && finite != facts.Yes {
		fail("it rests without a finite optimum")
	}
	if g, ok := gradientAt(l, l.Policy()); ok && rests && !(g < 1e-6) {
		fail("it rests, and the gradient is %g", g)
	}
	if g, ok := restOf(l); ok && finite == facts.Yes && (rests && g > 1e-8 || !rests && g < 1e-11) {
		fail("it rests: %v, and the gradient is %g of its size", rests, g)
	}
}

// checkLimit looks for the reply that leads at the optimum or limit, and holds a
// limit of preferences to the losses that have one.
func (c *claimant) checkLimit(l *core.Lab, fail func(string, ...any)) {
	reply, share, ok := c.leading(l)
	if ok != l.HasOptimum() {
		fail("a reply leads: %v, and where the run is headed is known: %v", ok, l.HasOptimum())
	}
	if ok {
		p := exps(l.Optimum.LogPi)
		if math.Abs(share-slices.Max(p)) > 1e-9 || math.Abs(p[reply]-share) > 1e-9 {
			fail("reply %d leads with %v, and %v is the most of %v", reply, share, slices.Max(p), p)
		}
	}
	s := &l.Experiment.Settings
	logistic := []string{"dpo", "cdpo", "rdpo", "simpo", "sigmoid_norm", "dpo_reference_free"}
	if key := s.Objective().Key; c.limit(l) && (s[core.How] != core.LearnDirectly || s[core.PolicyChoice] != train.TabularPolicy || !slices.Contains(logistic, key)) {
		fail("%s is said to end in the limit of preferences", key)
	}
}

// checkLabels counts preferences one by one.
func (c *claimant) checkLabels(l *core.Lab, fail func(string, ...any)) {
	both, right, all := false, 0.0, 0.0
	for i, prompt := range l.Problem.Prompts {
		from, to := l.Problem.Range(i)
		votes := map[[2]int]float64{}
		for _, p := range l.Problem.Tallies {
			if p.A >= from && p.A < to {
				votes[[2]int{p.A - from, p.B - from}] += p.ForA
				votes[[2]int{p.B - from, p.A - from}] += p.ForB
			}
		}
		for pair, n := range votes {
			both = both || n > 0 && votes[[2]int{pair[1], pair[0]}] > 0
			more := prompt.Replies[pair[0]].Reward - prompt.Replies[pair[1]].Reward
			if all += n; more > 0 {
				right += n
			} else if math.IsNaN(more) {
				right = math.NaN()
			}
		}
	}
	if got := c.disagree(l.Problem); got != both {
		fail("preferences disagree: %v, want %v", got, both)
	}
	if got, want := c.agreement(l.Problem), right/all; !(math.Abs(got-want) < 1e-9) && !(math.IsNaN(got) && math.IsNaN(want)) {
		fail("%v of the preferences choose the better reply, want %v", got, want)
	}
}

// checkMotion measures the last steps anew.
func (c *claimant) checkMotion(l *core.Lab, before [][]float64, fail func(string, ...any)) {
	m := c.motion(l)
	n := len(before) - 1
	if m.Steps != n {
		fail("%d steps are measured, want %d", m.Steps, n)
		return
	}
	move := func(i, j int) (d float64) {
		for k := range before[i] {
			d = d + max(0, before[j][k]-before[i][k])
		}
		return d
	}
	path, steps := 0.0, []float64{}
	for i := range n {
		steps = append(steps, move(i, i+1))
		path += steps[i]
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-7 } // logits of a million are rounded to 1e-9
	if n > 0 && (!near(path, m.Path) || !near(move(0, n), m.Net)) {
		fail("path %v net %v, want %v and %v", m.Path, m.Net, path, move(0, n))
	}
	half := func(list []float64) (most float64) {
		for _, x := range list {
			most = max(most, x)
		}
		return most
	}
	back := 0 // steps that some reply turns back at
	for i := 1; i < n; i++ {
		for k := range before[i] {
			if (before[i+1][k]-before[i][k])*(before[i][k]-before[i-1][k]) < 0 {
				back++
				break
			}
		}
	}
	if m.Oscillates(l) == facts.Yes {
		if n < 8 || back < n/4 || half(steps[n/2:]) < 0.000499 || half(steps[n/2:]) < half(steps[:n/2])*(1-1e-5)-1e-9 || facts.Samples(l) {
			fail("oscillates: %d of %d turn back, largest %g, then %g", back, n, half(steps[:n/2]), half(steps[n/2:]))
		}
	}
	if m.Jitters() == facts.Yes && (n < 8 || path < 3.999*move(0, n) || path < 0.000499*float64(n)) {
		fail("jitters: path %v net %v", path, move(0, n))
	}
	if m.Approaches() == facts.Yes {
		goal := exps(l.Optimum.LogPi)
		for i := range n {
			d, e := 0.0, 0.0
			for k := range goal {
				d += math.Abs(before[i][k] - goal[k])
				e += math.Abs(before[i+1][k] - goal[k])
			}
			if !(e < d+1e-12) {
				fail("comes closer, and step %d of %d does not", i+1, n)
				break
			}
		}
	}
}

// checkReward holds what is said of a reward to the Bradley–Terry likelihood's slope
// at the reward model's scores. oneWay tells that preferences of the shown prompt lead
// one way only.
func (c *claimant) checkReward(l *core.Lab, oneWay bool, fail func(string, ...any)) {
	learner := l.RLHF()
	if learner == nil || l.Experiment.Settings[core.Fresh] > 0 {
		return
	}
	status, one := c.status(learner), len(l.Problem.Prompts) == 1
	if (status == rlhf.RewardCustom) != (learner.Model == nil) {
		fail("the reward is %s, and there is a model: %v", status, learner.Model != nil)
	}
	if learner.Model == nil {
		return
	}
	s, total := learner.Model.Score(), 0.0
	slope := make([]float64, len(s))
	for _, p := range l.Problem.Tallies {
		d := p.ForA/(1+math.Exp(s[p.A]-s[p.B])) - p.ForB/(1+math.Exp(s[p.B]-s[p.A]))
		slope[p.A], slope[p.B], total = slope[p.A]+d, slope[p.B]-d, total+p.ForA+p.ForB
	}
	most, outwards, size := 0.0, 0.0, 0.0
	for k := range s {
		most = max(most, math.Abs(slope[k])/max(1, total))
		outwards += slope[k] * s[k]
		size = max(size, math.Abs(s[k]))
	}
	switch status {
	case rlhf.RewardExact:
		if !(most < 1e-8) || one && oneWay {
			fail("the fit is exact, and the slope is %g", most)
		}
	case rlhf.RewardUnbounded:
		if one && !oneWay {
			fail("the fit has no end, and preferences lead both ways")
		}
	case rlhf.RewardPenalised:
		if size > 1e-9 && !(outwards > 0) {
			fail("a penalty is said to keep scores small, and larger ones fit no better")
		}
	case rlhf.RewardUnfinished:
		if one && oneWay && l.Experiment.Settings[core.RewardL2] == 0 {
			fail("the fit is on its way to a best one, and preferences lead one way only")
		}
	}
}
