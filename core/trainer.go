package core

import (
	"math"
	"math/bits"
	"sort"
)

// A Config is what a training run is made of, besides its problem.
type Config struct {
	// Objective is the loss; nil is DPO. DPO with ε > 0 is trained as cDPO.
	Objective *Objective
	HyperParams
	// ExactBaseline makes KTO's z₀ the votes' mean KL(π‖π_ref) in place of the
	// batch's mean log-ratio.
	ExactBaseline bool

	Rate      float64 // learning rate
	Optimizer int     // SGD, Adam, Momentum or RMSprop
	Momentum  float64 // μ of Momentum
	Batch     int     // votes a step; 0 for all of them
	Seed      uint64  // of the minibatches

	// Policy is TabularPolicy, a logit of its own for every reply, or
	// LinearPolicy, logits that share weights.
	Policy int
	// RefEvery is the number of steps after which, again and again, the policy
	// becomes the reference that the loss sees; 0 keeps the reference frozen.
	RefEvery int
	// Start holds log-ratios z − log π_ref, one an arm, that a tabular policy starts
	// at; nil is the reference.
	Start []float64
}

// Adam's constants, as in Kingma & Ba 2015 and everywhere since.
const (
	adamBeta1 = 0.9
	adamBeta2 = 0.999
	adamEps   = 1e-8
)

// objective returns the row of the table that the loss is trained as.
func (c *Config) objective() *Objective {
	key := "dpo"
	if c.Objective != nil {
		key = c.Objective.Key
	}
	switch {
	case key != "dpo":
		return c.Objective
	case c.Epsilon != 0:
		return ObjectiveNamed("cdpo")
	}
	return ObjectiveNamed(key)
}

// A Trainer moves a softmax policy down the loss of an objective.
//
// It holds d = z − log π_ref, the logits less the problem's reference, for the
// arms that the loss moves: the others stay where they are. A loss of margins
// moves the compared replies alone, and a full-batch step costs O(pairs),
// whatever the number of replies; any other moves all replies to the prompts
// that have votes. See grad.
type Trainer struct {
	cfg     Config
	loss    *Loss
	problem *Problem
	way     way
	flip    float64 // cDPO's ε, with which a logistic loss is trained
	gain    float64 // 1/tokens where a loss per token sees one length, else 1

	step    int
	d       []float64 // log-ratio of the logits
	idle    []float64 // log-ratio, one an arm, of the arms that the loss does not move; nil for 0
	g       []float64 // scratch: minus the gradient in d; zero between steps
	params  []float64 // what is trained: d itself, or the linear policy's weights
	down    []float64 // minus the gradient in params: g itself, or a scratch
	updater *Updater

	roster
	duels      []duel  // all votes
	thumbMarks []mark  // all thumbs that the loss reads
	weight     float64 // of both together, a vote being 1
	votes      voteList
	hand       []duel // scratch: the votes and thumbs of a minibatch
	thumbHand  []mark
	dealt      []uint32 // of the step's minibatch, entries of votes
	epoch      uint64   // whose order of votes is at hand
	order      Permutation
	shift      []float64 // d less this is what the loss sees; nil for d itself
	x          []float64 // scratch: d − shift
	norm       *normaliser
	divided    *divided
	sorter     *sorter
	linear     *linear
	follower   *follower
	wantLoss   bool    // sorted losses set batchLoss
	batchLoss  float64 // mean loss of the last batch, of losses that couple its examples
	z0         float64 // KTO's, of the last batch
	halted     bool    // it has diverged
}

// NewTrainer returns a trainer at step 0, where the policy is the reference
// unless the configuration has another start.
// The hyper-parameters are not checked; see Objective.Check.
func NewTrainer(p *Problem, cfg Config) *Trainer {
	t := &Trainer{cfg: cfg, loss: cfg.objective().With(cfg.HyperParams), problem: p}
	t.choose()
	n := len(t.arms)
	t.d, t.g = make([]float64, n), make([]float64, n)
	t.params, t.down = t.d, t.g
	if cfg.Policy == LinearPolicy {
		t.linear = newLinear(t)
	}
	rule := NewUpdateRule(cfg.Optimizer, cfg.Rate)
	rule.Momentum = cfg.Momentum
	t.updater = NewUpdater(rule, len(t.params))
	// Rounded once, after the subtraction: links depend on these bits.
	t.updater.rest = [2]float64{1 - adamBeta1, 1 - adamBeta2}
	t.prepare()
	t.weigh()
	t.duels = make([]duel, len(p.Tallies))
	for i, tally := range p.Tallies {
		t.duels[i] = t.newDuel(tally, t.weight)
		t.duels[i].a, t.duels[i].b = t.ends[i][0], t.ends[i][1]
	}
	if cfg.Batch > 0 && t.weight > 0 {
		if t.votes = newVoteList(p, t.loss.Objective); !t.votes.drawn {
			t.shuffle(0)
		}
	}
	if cfg.Start != nil {
		t.StartAt(cfg.Start)
	}
	return t
}

// prepare makes what the chosen way of computing the gradient needs.
func (t *Trainer) prepare() {
	o := t.loss.Objective
	if t.way > byOrder {
		t.norm = newNormaliser(t)
	}
	if t.way == byParts {
		t.divided = newDivided(t)
	}
	if o.Sorted != Unsorted {
		t.sorter = newSorter(t)
	}
	if t.cfg.RefEvery > 0 {
		t.follower = newFollower(t)
	}
	switch {
	case !o.Reference:
		t.shift = make([]float64, len(t.arms))
		for i, k := range t.arms {
			t.shift[i] = -t.problem.LogRef[k]
		}
	case t.follower != nil:
		t.shift = t.follower.ratio
	}
	if t.shift != nil {
		t.x = make([]float64, len(t.arms))
	}
}

// newDuel weighs a tally for the full batch. For a logistic loss each vote
// counts β(1−ε)/N for its own side and βε/N for the other, else 1/N for its own.
func (t *Trainer) newDuel(tally Tally, total float64) duel {
	if t.way != byLogistic {
		return duel{na: tally.ForA / total, nb: tally.ForB / total}
	}
	eps, scale := t.flip, t.beta()/total
	return duel{
		na: (float64(tally.ForA*(1-eps)) + float64(tally.ForB*eps)) * scale,
		nb: (float64(tally.ForB*(1-eps)) + float64(tally.ForA*eps)) * scale,
	}
}

// beta returns the factor between differences of logits and u.
func (t *Trainer) beta() float64 { return t.cfg.Beta * t.gain }

// StepCount returns the number of steps taken.
func (t *Trainer) StepCount() int { return t.step }

// Loss returns the objective that is trained, with its hyper-parameters.
func (t *Trainer) Loss() *Loss { return t.loss }

// StartAt sets d = z − log π_ref and forgets the steps taken, so that a run may
// start elsewhere than at the reference. logRatio has one entry an arm. If the
// policy is linear, its weights count from there.
func (t *Trainer) StartAt(logRatio []float64) {
	t.step, t.dealt = 0, t.dealt[:0]
	t.updater.Reset()
	for i, k := range t.arms {
		t.d[i] = logRatio[k]
	}
	if t.linear != nil {
		t.linear.startAt(logRatio)
	} else {
		t.leaveIdle(logRatio)
	}
	t.halted = isFar(t.d)
	if t.follower != nil {
		t.follower.forget()
	}
}

// AddLogRatios adds d = z − log π_ref to dst, which has one entry for each arm
// from the arm with the given index on.
func (t *Trainer) AddLogRatios(dst []float64, from int) {
	if t.linear != nil {
		t.linear.add(dst, from, t.params)
		return
	}
	t.addEntries(dst, from, t.d)
	t.addIdle(dst, from)
}

// leaveIdle keeps the log-ratios of the arms that the loss does not move.
func (t *Trainer) leaveIdle(logRatio []float64) {
	t.idle = append(t.idle[:0], logRatio...)
	for _, k := range t.arms {
		t.idle[k] = 0
	}
}

func (t *Trainer) addIdle(dst []float64, from int) {
	if t.idle == nil {
		return
	}
	for k := range dst {
		dst[k] += t.idle[from+k]
	}
}

// LogRatio returns d = z − log π_ref of one arm.
func (t *Trainer) LogRatio(arm int) float64 {
	d := [1]float64{}
	t.AddLogRatios(d[:], arm)
	return d[0]
}

// Proceed goes on with the step under way, or begins one: its votes are dealt bit
// by bit. See RLHF.Proceed.
func (t *Trainer) Proceed(ops int) (left int) {
	if t.votes.total > 0 && !t.halted {
		if ops = t.deal(ops); len(t.dealt) < t.cfg.Batch {
			return ops
		}
	}
	t.Advance(1)
	return ops - t.pushCost()
}

// StepCost returns what a step may take, in units of WorkBudget.
func (t *Trainer) StepCost() int {
	if t.votes.total > 0 {
		return t.pushCost() + dealCost*t.cfg.Batch
	}
	return t.pushCost()
}

// Twin returns a trainer made in the same way.
func (t *Trainer) Twin() Stepper { return NewTrainer(t.problem, t.cfg) }

// pushCost is what a step takes once its votes are dealt.
func (t *Trainer) pushCost() int {
	examples := len(t.duels) + len(t.thumbMarks)
	if t.votes.total > 0 {
		examples = t.cfg.Batch
	}
	cost := 3*examples + 2*len(t.params) + len(t.arms)
	if t.sorter != nil {
		cost += 2 * examples * bits.Len(uint(examples))
	}
	if t.linear != nil {
		cost += t.problem.Dim * len(t.arms)
	}
	return 1 + cost
}

// Advance takes n steps. It allocates nothing once every vote has been seen.
func (t *Trainer) Advance(n int) {
	for ; n > 0; n-- {
		if t.halted {
			t.step += n
			return
		}
		if t.votes.total > 0 {
			t.minibatch()
		} else {
			t.descend(t.duels, t.thumbMarks...)
		}
		t.step++
		t.move()
	}
}

// move takes the step that t.g asks for.
func (t *Trainer) move() {
	if t.halted {
		clear(t.g)
		return
	}
	if t.linear == nil {
		t.updater.Step(t.params, t.down)
	} else {
		t.linear.pull(t)
		t.updater.Step(t.params, t.down)
		t.linear.place(t)
	}
	t.halt()
	if m := t.cfg.RefEvery; m > 0 && t.step%m == 0 {
		t.follower.follow(t)
	}
}

// Slope returns the largest entry of the full-batch gradient of the loss with
// respect to what is trained, logits or weights, in absolute value. It is 0
// exactly at an optimum.
func (t *Trainer) Slope() float64 {
	t.descend(t.duels, t.thumbMarks...)
	if t.linear != nil {
		t.linear.pull(t)
	}
	max := 0.0
	for i, g := range t.down {
		max = math.Max(max, math.Abs(g))
		t.down[i] = 0
	}
	return max
}

// AtRest tells that the run stands at an optimum, as near as steps come to it.
func (t *Trainer) AtRest() bool { return t.Slope() <= atRest*t.slopeScale() }

// slopeScale returns the size that Slope has where the loss pushes in earnest,
// so that what counts as standing still can be a share of it.
func (t *Trainer) slopeScale() float64 {
	switch t.loss.Objective.Beta {
	case BetaTarget:
		return 1 / t.cfg.Beta
	case BetaOdds, BetaUnused:
		return 1
	}
	return t.cfg.Beta
}

// A roster lists the arms that a loss moves.
type roster struct {
	arms   []int       // ascending
	ends   [][2]uint32 // for each tally, where A and B stand among arms
	places []uint32    // for each of the thumbs that are read, where its arm stands among arms
	blocks []block     // the prompts among arms; nil for a loss of margins
	in     []uint32    // the block of each of arms
}

// A block is the stretch of a roster's arms that one prompt fills.
type block struct{ from, to uint32 }

// addEntries adds one number for each of the roster's arms to dst, which has
// an entry for each arm from a given one on.
func (r *roster) addEntries(dst []float64, from int, entries []float64) {
	i := sort.SearchInts(r.arms, from)
	for ; i < len(r.arms) && r.arms[i] < from+len(dst); i++ {
		dst[r.arms[i]-from] += entries[i]
	}
}

// comparedArms returns the roster of the arms that stand in some pair.
func comparedArms(p *Problem) roster { return roster{arms: p.touched, ends: p.ends} }

// votedPrompts returns the roster of all arms of the prompts that have votes or
// some of the thumbs.
func votedPrompts(p *Problem, thumbs []ThumbTally) (r roster) {
	prompt := -1
	place := func(arm int) uint32 { // arms come prompt by prompt
		if prompt < 0 || arm >= p.Offset[prompt+1] {
			prompt = sort.SearchInts(p.Offset, arm+1) - 1
			r.add(p, prompt)
		}
		return r.blocks[len(r.blocks)-1].from + uint32(arm-p.Offset[prompt])
	}
	r.ends, r.places = make([][2]uint32, len(p.Tallies)), make([]uint32, len(thumbs))
	i, j := 0, 0
	for i < len(p.Tallies) || j < len(thumbs) {
		if j == len(thumbs) || i < len(p.Tallies) && p.Tallies[i].A <= thumbs[j].Arm {
			r.ends[i] = [2]uint32{place(p.Tallies[i].A), place(p.Tallies[i].B)}
			i++
		} else {
			r.places[j] = place(thumbs[j].Arm)
			j++
		}
	}
	return r
}

func (r *roster) add(p *Problem, prompt int) {
	from, to := p.Range(prompt)
	first := uint32(len(r.arms))
	for k := from; k < to; k++ {
		r.arms = append(r.arms, k)
		r.in = append(r.in, uint32(len(r.blocks)))
	}
	r.blocks = append(r.blocks, block{first, uint32(len(r.arms))})
}
