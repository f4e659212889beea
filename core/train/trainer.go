package train

import (
	"math"
	"math/bits"
	"sort"

	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/random"
)

// A Config is what a training run is made of, besides its problem.
type Config struct {
	// Objective is the loss; nil is DPO. DPO with ε > 0 is trained as cDPO.
	Objective *objective.Objective
	objective.HyperParams
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
	// RefMix is the share α of the policy's parameters in those of the new reference,
	// αθ + (1−α)θ_ref; 0 and 1 are all. Gorbatovski et al. 2024 (TR-DPO),
	// arXiv:2404.09656: α < 1 is their soft update, 1 their hard one.
	RefMix float64
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

// TrainedAs returns the row of the table that the loss is trained as.
func (c *Config) TrainedAs() *objective.Objective {
	key := "dpo"
	if c.Objective != nil {
		key = c.Objective.Key
	}
	switch {
	case key != "dpo":
		return c.Objective
	case c.Epsilon != 0:
		return objective.Named("cdpo")
	}
	return objective.Named(key)
}

// A Trainer moves a softmax policy down the loss of an objective.
//
// It holds d = z − log π_ref, the logits less the problem's reference, for the
// arms that the loss moves: the others stay where they are. A loss of margins
// moves the compared replies alone, and a full-batch step costs O(pairs),
// whatever the number of replies; any other moves all replies to the prompts
// that have votes. See grad.
type Trainer struct {
	Cfg     Config
	loss    *objective.Loss
	Problem *data.Problem
	Way     way
	Flip    float64 // cDPO's ε, with which a logistic loss is trained
	gain    float64 // 1/tokens where a loss per token sees one length, else 1

	Step    int
	d       []float64 // log-ratio of the logits
	idle    []float64 // log-ratio, one an arm, of the arms that the loss does not move; nil for 0
	G       []float64 // scratch: minus the gradient in d; zero between steps
	Params  []float64 // what is trained: d itself, or the linear policy's weights
	Down    []float64 // minus the gradient in params: g itself, or a scratch
	Updater *Updater

	roster
	Duels      []objective.Duel // all votes
	ThumbMarks []mark           // all thumbs that the loss reads
	Weight     float64          // of both together, a vote being 1
	Votes      voteList
	hand       []objective.Duel // scratch: the votes and thumbs of a minibatch
	thumbHand  []mark
	dealt      []uint32 // of the step's minibatch, entries of votes
	epoch      uint64   // whose order of votes is at hand
	order      random.Permutation
	shift      []float64 // d less this is what the loss sees; nil for d itself
	x          []float64 // scratch: d − shift
	norm       *normaliser
	divided    *divided
	sorter     *sorter
	Linear     *Linear
	follower   *follower
	wantLoss   bool    // sorted losses set batchLoss
	batchLoss  float64 // mean loss of the last batch, of losses that couple its examples
	Z0         float64 // KTO's, of the last batch
	halted     bool    // it has diverged
}

// NewTrainer returns a trainer at step 0, where the policy is the reference
// unless the configuration has another start.
// The hyper-parameters are not checked; see Objective.Check.
func NewTrainer(p *data.Problem, cfg Config) *Trainer {
	t := &Trainer{Cfg: cfg, loss: cfg.TrainedAs().With(cfg.HyperParams), Problem: p}
	t.chooseWay()
	n := len(t.Arms)
	t.d, t.G = make([]float64, n), make([]float64, n)
	t.Params, t.Down = t.d, t.G
	if cfg.Policy == LinearPolicy {
		t.Linear = newLinear(t)
	}
	rule := NewUpdateRule(cfg.Optimizer, cfg.Rate)
	rule.Momentum = cfg.Momentum
	t.Updater = NewUpdater(rule, len(t.Params))
	// Rounded once, after the subtraction: links depend on these bits.
	t.Updater.rest = [2]float64{1 - adamBeta1, 1 - adamBeta2}
	t.prepareWay()
	t.weighVotes()
	t.Duels = make([]objective.Duel, len(p.Tallies))
	for i, tally := range p.Tallies {
		t.Duels[i] = t.newDuel(tally, t.Weight)
		t.Duels[i].A, t.Duels[i].B = t.ends[i][0], t.ends[i][1]
	}
	if cfg.Batch > 0 && t.Weight > 0 {
		if t.Votes = newVoteList(p, t.loss.Objective); !t.Votes.drawn {
			t.shuffle(0)
		}
	}
	if cfg.Start != nil {
		t.StartAt(cfg.Start)
	}
	return t
}

// prepareWay makes what the chosen way of computing the gradient needs.
func (t *Trainer) prepareWay() {
	o := t.loss.Objective
	if t.Way > byOrder {
		t.norm = newNormaliser(t)
	}
	if t.Way == byParts {
		t.divided = newDivided(t)
	}
	if o.Sorted != objective.Unsorted {
		t.sorter = newSorter(t)
	}
	if t.Cfg.RefEvery > 0 {
		t.follower = newFollower(t)
	}
	switch {
	case !o.Reference:
		t.shift = make([]float64, len(t.Arms))
		for i, k := range t.Arms {
			t.shift[i] = -t.Problem.LogRef[k]
		}
	case t.follower != nil:
		t.shift = t.follower.ratio
	}
	if t.shift != nil {
		t.x = make([]float64, len(t.Arms))
	}
}

// newDuel weighs a tally for the full batch. For a logistic loss each vote
// counts β(1−ε)/N for its own side and βε/N for the other, else 1/N for its own.
func (t *Trainer) newDuel(tally data.Tally, total float64) objective.Duel {
	if t.Way != ByLogistic {
		return objective.Duel{Na: tally.ForA / total, Nb: tally.ForB / total}
	}
	eps, scale := t.Flip, t.Beta()/total
	return objective.Duel{
		Na: (float64(tally.ForA*(1-eps)) + float64(tally.ForB*eps)) * scale,
		Nb: (float64(tally.ForB*(1-eps)) + float64(tally.ForA*eps)) * scale,
	}
}

// Beta returns the factor between differences of logits and u.
func (t *Trainer) Beta() float64 { return t.Cfg.Beta * t.gain }

// StepCount returns the number of steps taken.
func (t *Trainer) StepCount() int { return t.Step }

// Loss returns the objective that is trained, with its hyper-parameters.
func (t *Trainer) Loss() *objective.Loss { return t.loss }

// StartAt sets d = z − log π_ref and forgets the steps taken, so that a run may
// start elsewhere than at the reference. logRatio has one entry an arm. If the
// policy is linear, its weights count from there.
func (t *Trainer) StartAt(logRatio []float64) {
	t.Step, t.dealt = 0, t.dealt[:0]
	t.Updater.Reset()
	for i, k := range t.Arms {
		t.d[i] = logRatio[k]
	}
	if t.Linear != nil {
		t.Linear.startAt(logRatio)
	} else {
		t.leaveIdle(logRatio)
	}
	t.halted = IsFar(t.d)
	if t.follower != nil {
		t.follower.forget()
	}
}

// AddLogRatios adds d = z − log π_ref to dst, which has one entry for each arm
// from the arm with the given index on.
func (t *Trainer) AddLogRatios(dst []float64, from int) {
	if t.Linear != nil {
		t.Linear.addRatios(dst, from, t.Params)
		return
	}
	t.AddEntries(dst, from, t.d)
	t.addIdle(dst, from)
}

// leaveIdle keeps the log-ratios of the arms that the loss does not move.
func (t *Trainer) leaveIdle(logRatio []float64) {
	t.idle = append(t.idle[:0], logRatio...)
	for _, k := range t.Arms {
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
	if t.Votes.Total > 0 && !t.halted {
		if ops = t.drawBatch(ops); len(t.dealt) < t.Cfg.Batch {
			return ops
		}
	}
	t.Advance(1)
	return ops - t.pushCost()
}

// StepCost returns what a step may take, in units of WorkBudget.
func (t *Trainer) StepCost() int {
	if t.Votes.Total > 0 {
		return t.pushCost() + dealCost*t.Cfg.Batch
	}
	return t.pushCost()
}

// Twin returns a trainer made in the same way.
func (t *Trainer) Twin() Stepper { return NewTrainer(t.Problem, t.Cfg) }

// pushCost is what a step takes once its votes are dealt.
func (t *Trainer) pushCost() int {
	examples := len(t.Duels) + len(t.ThumbMarks)
	if t.Votes.Total > 0 {
		examples = t.Cfg.Batch
	}
	cost := 3*examples + 2*len(t.Params) + len(t.Arms)
	if t.sorter != nil {
		cost += 2 * examples * bits.Len(uint(examples))
	}
	if t.Linear != nil {
		cost += t.Problem.Dim * len(t.Arms)
	}
	return 1 + cost
}

// Advance takes n steps. It allocates nothing once every vote has been seen.
func (t *Trainer) Advance(n int) {
	for ; n > 0; n-- {
		if t.halted {
			t.Step += n
			return
		}
		if t.Votes.Total > 0 {
			t.minibatch()
		} else {
			t.Descend(t.Duels, t.ThumbMarks...)
		}
		t.Step++
		t.ApplyUpdate()
	}
}

// Move takes the step that t.G asks for.
func (t *Trainer) ApplyUpdate() {
	if t.halted {
		clear(t.G)
		return
	}
	if t.Linear == nil {
		t.Updater.Step(t.Params, t.Down)
	} else {
		t.Linear.ToWeights(t)
		t.Updater.Step(t.Params, t.Down)
		t.Linear.ToLogits(t)
	}
	t.stopDiverged()
	if m := t.Cfg.RefEvery; m > 0 && t.Step%m == 0 {
		t.follower.takePolicy(t)
	}
}

// Slope returns the largest entry of the full-batch gradient of the loss with
// respect to what is trained, logits or weights, in absolute value. It is 0
// exactly at an optimum.
func (t *Trainer) Slope() float64 {
	t.Descend(t.Duels, t.ThumbMarks...)
	if t.Linear != nil {
		t.Linear.ToWeights(t)
	}
	max := 0.0
	for i, g := range t.Down {
		max = math.Max(max, math.Abs(g))
		t.Down[i] = 0
	}
	return max
}

// AtRest tells that the run stands at an optimum, as near as steps come to it.
func (t *Trainer) AtRest() bool { return t.Slope() <= AtRest*t.slopeScale() }

// slopeScale returns the size that Slope has where the loss pushes in earnest,
// so that what counts as standing still can be a share of it.
func (t *Trainer) slopeScale() float64 {
	switch t.loss.Objective.Beta {
	case objective.BetaTarget:
		return 1 / t.Cfg.Beta
	case objective.BetaOdds, objective.BetaUnused:
		return 1
	}
	return t.Cfg.Beta
}

// A roster lists the arms that a loss moves.
type roster struct {
	Arms   []int       // ascending
	ends   [][2]uint32 // for each tally, where A and B stand among arms
	places []uint32    // for each of the thumbs that are read, where its arm stands among arms
	Blocks []block     // the prompts among arms; nil for a loss of margins
	in     []uint32    // the block of each of arms
}

// A block is the stretch of a roster's arms that one prompt fills.
type block struct{ From, To uint32 }

// AddEntries adds one number for each of the roster's arms to dst, which has
// an entry for each arm from a given one on.
func (r *roster) AddEntries(dst []float64, from int, entries []float64) {
	i := sort.SearchInts(r.Arms, from)
	for ; i < len(r.Arms) && r.Arms[i] < from+len(dst); i++ {
		dst[r.Arms[i]-from] += entries[i]
	}
}

// comparedArms returns the roster of the arms that stand in some pair.
func comparedArms(p *data.Problem) roster { return roster{Arms: p.Touched, ends: p.Ends} }

// votedPrompts returns the roster of all arms of the prompts that have votes or
// some of the thumbs.
func votedPrompts(p *data.Problem, thumbs []data.ThumbTally) (r roster) {
	prompt := -1
	place := func(arm int) uint32 { // arms come prompt by prompt
		if prompt < 0 || arm >= p.Offset[prompt+1] {
			prompt = sort.SearchInts(p.Offset, arm+1) - 1
			r.listPrompt(p, prompt)
		}
		return r.Blocks[len(r.Blocks)-1].From + uint32(arm-p.Offset[prompt])
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

func (r *roster) listPrompt(p *data.Problem, prompt int) {
	from, to := p.Range(prompt)
	first := uint32(len(r.Arms))
	for k := from; k < to; k++ {
		r.Arms = append(r.Arms, k)
		r.in = append(r.in, uint32(len(r.Blocks)))
	}
	r.Blocks = append(r.Blocks, block{first, uint32(len(r.Arms))})
}

// TiniestPush is the motion of a logit, a unit of learning rate, that counts as
// one.
const TiniestPush = 1e-12

// AddBatchSlope adds minus the gradient of the next step's batch to t.G.
func (t *Trainer) AddBatchSlope() {
	if t.Votes.Total > 0 {
		t.minibatch()
		return
	}
	t.Descend(t.Duels, t.ThumbMarks...)
}
