package train

import (
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
)

// Measures are what is read off a policy at one step. Loss, accuracy, margin
// and the two rewards are means over all votes of all prompts; KL and entropy
// are of one prompt. Loss, margin and rewards are counted from the reference
// that the loss sees, should it move; KL from the frozen one.
//
// Where the loss reads thumbs, those up count with the chosen replies and those
// down with the rejected ones, and margin and gap are the difference of the two
// means. What has nothing to be the mean of is NaN.
type Measures struct {
	Loss           float64 // mean loss of the objective; nats for dpo and its kin; NaN where no loss of the votes is trained
	Accuracy       float64 // share of votes whose chosen reply has the greater reward, strictly: 0 at the reference
	Gap            float64 // mean h: log-ratio of chosen less that of rejected, whatever β is
	Margin         float64 // mean reward of chosen less rejected; for dpo the mean u
	ChosenReward   float64 // mean r̂ = β log(π/π_ref) of the chosen, whatever the loss; see Objective.Reward
	RejectedReward float64 // mean r̂ of the rejected
	KL             float64 // KL(π‖π_ref), nats
	LeashKL        float64 // KL from the reference that the loss sees; KL where it is frozen
	Entropy        float64 // −Σ π log π, nats
	Expected       float64 // E_π[r] of the true reward; only where rewards are given
}

// A Policy is what a Meter reads: a Trainer, or a Stepper of this package.
type Policy interface {
	AddLogRatios(dst []float64, from int)
	Beta() float64
}

// A Meter reads a policy. It keeps its room, so that reading again
// allocates nothing.
type Meter struct {
	p *data.Problem
	// LogPi holds log π of every arm, LogRatio log π − log π_ref. They are those
	// of the last Read, or of the last ReadPrompt for the arms of its prompt.
	LogPi, LogRatio []float64

	Moved []float64 // log of the reference that the loss sees; nil while it is frozen
	room  []float64 // for leash then
	Leash []float64 // log π less log of that reference; LogRatio where it is frozen
	// Frozen tells that this reference has not moved as yet.
	Frozen bool
	now    reading
}

// NewMeter returns a meter for policies of a problem.
func NewMeter(p *data.Problem) *Meter {
	return &Meter{p: p, LogPi: make([]float64, p.Arms()), LogRatio: make([]float64, p.Arms())}
}

// ReadPrompt reads the policy for one prompt alone.
func (m *Meter) ReadPrompt(t Policy, prompt int) {
	from, to := m.p.Range(prompt)
	m.setLogPi(t, from, to)
	m.normalise(from, to)
	m.lean(t, from, to)
}

// place sets the arms' log-ratios and log-probabilities but for log Z.
func (m *Meter) setLogPi(t Policy, from, to int) {
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
	logZ := num.LogSumExp(m.LogPi[from:to])
	for k := from; k < to; k++ {
		m.LogPi[k] -= logZ
		m.LogRatio[k] -= logZ
	}
}

// lean sets the log-ratios to the reference that the loss sees. As in normalise
// the log-ratios of the two are subtracted, not their log-probabilities.
func (m *Meter) lean(policy Policy, from, to int) {
	t, ok := policy.(*Trainer)
	m.Frozen = !ok || t.follower == nil || !t.follower.moved
	if m.Frozen {
		m.Leash = m.LogRatio
		return
	}
	if m.Moved == nil {
		m.Moved, m.room = make([]float64, m.p.Arms()), make([]float64, m.p.Arms())
	}
	m.Leash = m.room
	leash, moved := m.room[from:to], m.Moved[from:to]
	clear(leash)
	t.AddReferenceRatios(leash, from)
	for k, d := range leash {
		moved[k] = m.p.LogRef[from+k] + d
	}
	logZ := num.LogSumExp(moved)
	for k, d := range leash {
		moved[k] -= logZ
		leash[k] = m.LogRatio[from+k] - (d - logZ)
	}
}

// Read reads the policy for every prompt and returns the measures, KL and
// entropy being those of the given prompt.
func (m *Meter) Read(t Policy, prompt int) Measures {
	m.Begin(t, prompt)
	for !m.Work(math.MaxInt) {
	}
	return m.Measures()
}

// A reading is a Read under way.
type reading struct {
	policy        Policy
	t             *Trainer // the policy, if its loss is one of the votes
	prompt        int
	prompts, done int // prompts and tallies that have been read
	sum           Measures
	up, down      float64 // log-ratios of what was called good and bad; where the loss reads thumbs
}

// Begin starts a Read that is done in slices by Work. The policy must not step
// meanwhile.
func (m *Meter) Begin(policy Policy, prompt int) {
	t, _ := policy.(*Trainer)
	m.now = reading{policy: policy, t: t, prompt: prompt}
}

// Work reads on: about n replies or tallies. It tells whether all is read. A
// loss that couples its examples is computed in one go at the end.
func (m *Meter) Work(n int) (done bool) {
	r := &m.now
	for ; n > 0 && r.prompts < len(m.p.Prompts); r.prompts++ {
		m.ReadPrompt(r.policy, r.prompts)
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
	tallies := m.p.Tallies[r.done:end]
	switch {
	case r.t == nil:
		m.addRanks(tallies)
	case r.t.Way == ByLogistic && r.t.gain == 1 && r.t.loss.Objective.Reference:
		m.addLogistic(tallies)
	default:
		m.addVotes(tallies)
	}
	for i := range tallies {
		t := &tallies[i]
		r.sum.Gap += float64((t.ForA - t.ForB) * (m.LogRatio[t.A] - m.LogRatio[t.B]))
	}
	r.done = end
	if end < len(m.p.Tallies) {
		return false
	}
	if r.readsThumbs() {
		m.addThumbs()
	}
	if r.t == nil {
		r.sum.Loss = math.NaN()
	} else if r.t.coupled() {
		r.sum.Loss = r.t.coupledLoss() * r.t.Weight
	}
	return true
}

// readsThumbs tells that there are thumbs, and that the loss reads them.
func (r *reading) readsThumbs() bool { return r.t != nil && len(r.t.ThumbsRead()) > 0 }

// addThumbs adds all thumbs, and to the log-ratios of both sides the votes'.
func (m *Meter) addThumbs() {
	r, loss := &m.now, m.now.t.loss
	worth, _ := loss.Objective.Worth()
	for _, t := range m.p.Thumbs {
		if loss.Pair != nil {
			r.sum.Loss += loss.Of(m.Score(loss.Objective, t.Arm), 0, float64(worth*t.Up))
		}
		reward := m.Reward(loss, t.Arm)
		r.sum.ChosenReward += float64(t.Up * reward)
		r.sum.RejectedReward += float64(t.Down * reward)
		r.up += float64(t.Up * m.LogRatio[t.Arm])
		r.down += float64(t.Down * m.LogRatio[t.Arm])
	}
	for i := range m.p.Tallies {
		t := &m.p.Tallies[i]
		a, b := m.LogRatio[t.A], m.LogRatio[t.B]
		r.up += float64(t.ForA*a) + float64(t.ForB*b)
		r.down += float64(t.ForA*b) + float64(t.ForB*a)
	}
}

// thumbed makes means of what was read with thumbs.
func (m *Meter) thumbed(out *Measures) {
	ups, downs := m.p.Total+m.p.Ups, m.p.Total+m.p.Downs
	out.Loss /= m.now.t.Weight
	out.Accuracy /= m.p.Total // NaN without pairs
	out.ChosenReward /= ups
	out.RejectedReward /= downs
	out.Margin = out.ChosenReward - out.RejectedReward
	out.Gap = m.now.up/ups - m.now.down/downs
}

// Measures returns what a finished Begin and Work have read.
func (m *Meter) Measures() Measures {
	out, prompt := m.now.sum, m.now.prompt
	if m.now.readsThumbs() {
		m.thumbed(&out)
	} else if n := m.p.Total; n > 0 {
		out.Loss /= n
		out.Margin /= n
		out.Gap /= n
		out.ChosenReward /= n
		out.RejectedReward /= n
		out.Accuracy /= n
	} else if len(m.p.Thumbs) > 0 { // which are not read
		out.Accuracy, out.Margin, out.Gap = math.NaN(), math.NaN(), math.NaN()
		out.ChosenReward, out.RejectedReward = math.NaN(), math.NaN()
	}
	from, to := m.p.Range(prompt)
	out.KL = num.KL(m.LogPi[from:to], m.p.LogRef[from:to])
	out.LeashKL = out.KL
	if !m.Frozen {
		out.LeashKL = num.KL(m.LogPi[from:to], m.Moved[from:to])
	}
	out.Entropy = num.Entropy(m.LogPi[from:to])
	for k, reply := range m.p.Prompts[prompt].Replies {
		out.Expected += float64(num.Exp(m.LogPi[from+k]) * reply.Reward)
	}
	return out
}

// addLogistic adds votes of the loss −(1−ε) log σ(u) − ε log σ(−u).
func (m *Meter) addLogistic(tallies []data.Tally) {
	beta, eps, sum := m.now.t.Cfg.Beta, m.now.t.Flip, &m.now.sum
	for i := range tallies {
		t := &tallies[i]
		ra, rb := float64(beta*m.Leash[t.A]), float64(beta*m.Leash[t.B])
		right, wrong := SigmoidLosses(ra - rb)
		sum.Loss += float64((t.ForA-float64(eps*(t.ForA-t.ForB)))*right) + float64((t.ForB+float64(eps*(t.ForA-t.ForB)))*wrong)
		sum.addRewards(t, ra, rb)
	}
}

// addRanks adds how votes are ranked, where no loss of them is trained.
func (m *Meter) addRanks(tallies []data.Tally) {
	beta, sum := m.now.policy.Beta(), &m.now.sum
	for i := range tallies {
		t := &tallies[i]
		sum.addRewards(t, float64(beta*m.Leash[t.A]), float64(beta*m.Leash[t.B]))
	}
}

// addVotes adds votes of any loss.
func (m *Meter) addVotes(tallies []data.Tally) {
	loss, sum := m.now.t.loss, &m.now.sum
	coupled := m.now.t.coupled()
	for i := range tallies {
		t := &tallies[i]
		if !coupled {
			a, b := m.Score(loss.Objective, t.A), m.Score(loss.Objective, t.B)
			sum.Loss += loss.Of(a, b, t.ForA) + loss.Of(b, a, t.ForB)
		}
		sum.addRewards(t, m.Reward(loss, t.A), m.Reward(loss, t.B))
	}
}

// Seen returns log π of an arm as the loss sees it, counted from its reference
// if it has one.
func (m *Meter) Seen(o *objective.Objective, arm int) float64 {
	if o.Reference {
		return m.Leash[arm]
	}
	return m.LogPi[arm]
}

// Score returns s of an arm.
func (m *Meter) Score(o *objective.Objective, arm int) float64 {
	s := m.Seen(o, arm)
	if o.Lengths {
		s /= num.At(m.p.Tokens, arm, 1)
	}
	return s
}

// Reward returns the implicit reward of an arm; see Objective.Reward.
func (m *Meter) Reward(l *objective.Loss, arm int) float64 {
	if o := l.Objective; o.Lengths && !o.Reference {
		return l.Params.Beta * m.Score(o, arm)
	}
	return l.Params.Beta * m.Leash[arm]
}

// addRewards adds the implicit rewards of a pair's votes.
func (s *Measures) addRewards(t *data.Tally, ra, rb float64) {
	u := ra - rb
	s.Margin += float64((t.ForA - t.ForB) * u)
	s.ChosenReward += float64(t.ForA*ra) + float64(t.ForB*rb)
	s.RejectedReward += float64(t.ForA*rb) + float64(t.ForB*ra)
	switch {
	case u > 0:
		s.Accuracy += t.ForA
	case u < 0:
		s.Accuracy += t.ForB
	}
}

// coupled tells that the loss of an example depends on others of its batch.
func (t *Trainer) coupled() bool { return t.sorter != nil || t.Way == byThumb }

// coupledLoss returns the mean loss of all votes as one batch.
func (t *Trainer) coupledLoss() float64 {
	t.wantLoss = true
	t.Descend(t.Duels, t.ThumbMarks...)
	t.wantLoss = false
	clear(t.G)
	return t.batchLoss
}

// Rebase makes KTO's z₀ that of all votes where the trainer stands.
func (t *Trainer) Rebase() {
	if t.Way == byThumb {
		t.coupledLoss()
	}
}

// SigmoidLosses returns −log σ(u) and −log σ(−u) for one exponential. They
// differ by u; the smaller is computed and the larger is their sum, so neither
// loses digits.
func SigmoidLosses(u float64) (right, wrong float64) {
	small := num.Softplus(-math.Abs(u))
	if u > 0 {
		return small, small + u
	}
	return small - u, small
}
