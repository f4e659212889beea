package core

import "math"

// Measures are what is read off a policy at one step. Loss, accuracy, margin
// and the two rewards are means over all votes of all prompts; KL and entropy
// are of one prompt.
type Measures struct {
	Loss           float64 // mean DPO loss, nats
	Accuracy       float64 // share of votes with u > 0 for the chosen, strictly: 0 at the reference
	Margin         float64 // mean u = β(log-ratio of chosen − log-ratio of rejected)
	ChosenReward   float64 // mean r̂ = β log(π/π_ref) of the chosen
	RejectedReward float64 // mean r̂ of the rejected
	KL             float64 // KL(π‖π_ref), nats
	Entropy        float64 // −Σ π log π, nats
	Expected       float64 // E_π[r] of the true reward; only where rewards are given
}

// A Meter reads a trainer's policy. It keeps its room, so that reading again
// allocates nothing.
type Meter struct {
	p *Problem
	// LogPi holds log π of every arm, LogRatio log π − log π_ref. They are those
	// of the last Read, or of the last Look for the arms of its prompt.
	LogPi, LogRatio []float64
	now             reading
}

// NewMeter returns a meter for policies of a problem.
func NewMeter(p *Problem) *Meter {
	return &Meter{p: p, LogPi: make([]float64, p.Arms()), LogRatio: make([]float64, p.Arms())}
}

// Look reads the policy for one prompt alone.
func (m *Meter) Look(t *Trainer, prompt int) {
	from, to := m.p.Range(prompt)
	m.place(t, from, to)
	m.normalise(from, to)
}

// place sets the arms' log-ratios and log-probabilities but for log Z.
func (m *Meter) place(t *Trainer, from, to int) {
	ratio := m.LogRatio[from:to]
	for k := range ratio {
		ratio[k] = 0
	}
	t.AddLogRatios(ratio, from)
	for k, d := range ratio {
		m.LogPi[from+k] = m.p.LogRef[from+k] + d
	}
}

// normalise takes log Z off one prompt's arms. The log-ratio is d − log Z and
// not log π − log π_ref, whose rounding would give a pair that nothing has moved
// a margin.
func (m *Meter) normalise(from, to int) {
	logZ := LogSumExp(m.LogPi[from:to])
	for k := from; k < to; k++ {
		m.LogPi[k] -= logZ
		m.LogRatio[k] -= logZ
	}
}

// Read reads the policy for every prompt and returns the measures, KL and
// entropy being those of the given prompt.
func (m *Meter) Read(t *Trainer, prompt int) Measures {
	m.Begin(t, prompt)
	for !m.Work(math.MaxInt) {
	}
	return m.Measures()
}

// A reading is a Read under way.
type reading struct {
	t             *Trainer
	prompt        int
	prompts, done int // prompts and tallies that have been read
	sum           Measures
}

// Begin starts a Read that is done in slices by Work. The trainer must not step
// meanwhile.
func (m *Meter) Begin(t *Trainer, prompt int) {
	m.now = reading{t: t, prompt: prompt}
}

// Work reads on: about n replies or tallies. It tells whether all is read.
func (m *Meter) Work(n int) (done bool) {
	r := &m.now
	for ; n > 0 && r.prompts < len(m.p.Prompts); r.prompts++ {
		m.Look(r.t, r.prompts)
		from, to := m.p.Range(r.prompts)
		n -= to - from
	}
	if n <= 0 {
		return false
	}
	end := len(m.p.Tallies)
	if n < end-r.done {
		end = r.done + n
	}
	m.addVotes(m.p.Tallies[r.done:end])
	r.done = end
	return end == len(m.p.Tallies)
}

// Measures returns what a finished Begin and Work have read.
func (m *Meter) Measures() Measures {
	out, prompt := m.now.sum, m.now.prompt
	if n := m.p.Total; n > 0 {
		out.Loss /= n
		out.Margin /= n
		out.ChosenReward /= n
		out.RejectedReward /= n
		out.Accuracy /= n
	}
	from, to := m.p.Range(prompt)
	out.KL = KL(m.LogPi[from:to], m.p.LogRef[from:to])
	out.Entropy = Entropy(m.LogPi[from:to])
	for k, reply := range m.p.Prompts[prompt].Replies {
		out.Expected += float64(Exp(m.LogPi[from+k]) * reply.Reward)
	}
	return out
}

func (m *Meter) addVotes(tallies []Tally) {
	beta, eps, sum := m.now.t.cfg.Beta, m.now.t.cfg.Smoothing, &m.now.sum
	for i := range tallies {
		t := &tallies[i]
		ra, rb := float64(beta*m.LogRatio[t.A]), float64(beta*m.LogRatio[t.B])
		u := ra - rb
		right, wrong := softplusPair(u)
		sum.Loss += float64((t.ForA-float64(eps*(t.ForA-t.ForB)))*right) + float64((t.ForB+float64(eps*(t.ForA-t.ForB)))*wrong)
		sum.Margin += float64((t.ForA - t.ForB) * u)
		sum.ChosenReward += float64(t.ForA*ra) + float64(t.ForB*rb)
		sum.RejectedReward += float64(t.ForA*rb) + float64(t.ForB*ra)
		switch {
		case u > 0:
			sum.Accuracy += t.ForA
		case u < 0:
			sum.Accuracy += t.ForB
		}
	}
}

// softplusPair returns −log σ(u) and −log σ(−u) for one exponential. They
// differ by u; the smaller is computed and the larger is their sum, so neither
// loses digits.
func softplusPair(u float64) (right, wrong float64) {
	small := Softplus(-math.Abs(u))
	if u > 0 {
		return small, small + u
	}
	return small - u, small
}
