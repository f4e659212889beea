package objective

// An Objective is one loss of the family that DPO belongs to. A loss sees a
// reply only through its score,
//
//	s = (log π − log π_ref) / tokens
//
// where log π_ref is left out unless Reference is set and the division unless
// Lengths is, and it is one of three functions of scores:
//
//	Margin  φ(s(w) − s(l)), of a chosen reply w and a rejected one l
//	Pair    ψ(s(w), s(l))
//	Reply   χ(s), of one reply with a thumb up or down, for which no pairs are needed
//
// To add an objective, write its function in one of the files objective_*.go
// and its row in the table objectives; tests, gradients and batches follow.
type Objective struct {
	// Key names the objective in links, in the catalogue ("objective.", Key) and
	// in files of reference numbers.
	Key  string
	Tier Tier
	// Beta says what β means here; its sentence is in the catalogue under "beta.role.".
	Beta BetaRole
	// Uses lists the other hyper-parameters, in the order of a formula.
	Uses []Use

	Reference bool // the score is counted from log π_ref
	Lengths   bool // the score is per token
	Baseline  bool // a Reply loss counts the score from the baseline z₀
	Alone     bool // a Pair loss reads the chosen reply alone: a thumb up will do for a pair
	Sorted    Sorting

	// One of the three fills in the hyper-parameters once, so that a step need
	// not compute what follows from them alone.
	Margin func(HyperParams) MarginLoss
	Pair   func(HyperParams) PairLoss
	Reply  func(HyperParams) ReplyLoss

	// Parts is Pair taken apart, so that the votes of a step share work; nil where
	// that is not done.
	Parts func(HyperParams) Parts

	Paper string // where the loss is from
	code  string // public code that returns the same numbers; "" if none was found
}

// A Tier says how early a learner meets an objective.
type Tier int

// The tiers: the first choices, those under "more", and the researcher's list.
const (
	FirstTier Tier = iota
	MoreTier
	ResearchTier
)

// A BetaRole says what β does under an objective.
type BetaRole string

// The roles of β.
const (
	BetaLeash      BetaRole = "leash"      // the weight of KL(π‖π_ref), or of log-ratios in the loss
	BetaTarget     BetaRole = "target"     // the gap of log-ratios asked for is 1/(2β), or 1/(2β) up and down for each reply; the paper's τ
	BetaStop       BetaRole = "stop"       // the push ends at a gap of 1/β
	BetaSaturation BetaRole = "saturation" // the push fades where a log-ratio exceeds a few 1/β
	BetaDivergence BetaRole = "divergence" // the weight of a divergence other than KL(π‖π_ref)
	BetaSharpness  BetaRole = "sharpness"  // how sharply log-probabilities are told apart; no reference, no leash
	BetaOdds       BetaRole = "odds"       // the weight of the odds-ratio term; the paper's λ
	BetaUnused     BetaRole = "none"
)

// Sorting says whether a loss couples the examples of a batch by sorting: it
// then compares the smallest with the smallest, and so on up.
type Sorting int

// The ways to sort. SortMargins compares the policy's s(w) − s(l) with the
// reference's, SortReplies the log-ratios of chosen replies with those of
// rejected ones.
const (
	Unsorted Sorting = iota
	SortMargins
	SortReplies
)

// A MarginLoss is φ and its derivative, for a margin m = s(w) − s(l). The
// derivative with respect to s(w) is Slope(m), to s(l) it is −Slope(m).
type MarginLoss struct {
	Loss, Slope func(m float64) float64
	// Logistic tells that, up to rounding,
	//
	//	φ(m) = Own·log(1 + e^−u) + Other·log(1 + e^u),   u = Beta·m − Shift
	//
	// so that votes for and against the same pair can share an exponential.
	Logistic                bool
	Beta, Own, Other, Shift float64
	// push is the loop of Trainer.margins written out, to the same bits, where a
	// call for every vote would cost more than the loss itself; nil for none.
	push func(x, g []float64, votes []Duel, gain float64)
}

// A PairLoss returns ψ and its derivatives with respect to the scores of the
// chosen and the rejected reply.
type PairLoss func(chosen, rejected float64) (loss, dChosen, dRejected float64)

// A ReplyLoss returns χ and its derivative with respect to the score, for a
// reply that was called good and for one that was called bad. The baseline is
// a constant for the derivative.
type ReplyLoss struct {
	Good, Bad func(score, baseline float64) (loss, slope float64)
}

// table is the table of all of them. Links name rows by Key, so rows may
// be moved.
var table = [...]Objective{
	{Key: "dpo", Tier: FirstTier, Beta: BetaLeash, Reference: true, Margin: dpoLoss,
		Paper: "Rafailov et al. 2023, arXiv:2305.18290", code: "eric-mitchell/direct-preference-optimization"},
	{Key: "ipo", Tier: FirstTier, Beta: BetaTarget, Reference: true, Margin: ipoLoss,
		Paper: "Azar et al. 2023, arXiv:2310.12036", code: "eric-mitchell/direct-preference-optimization"},
	{Key: "kto", Tier: FirstTier, Beta: BetaSaturation, Uses: thumbWeights, Reference: true, Baseline: true, Reply: ktoLoss,
		Paper: "Ethayarajh et al. 2024, arXiv:2402.01306", code: "huggingface/trl KTOTrainer"},
	{Key: "orpo", Tier: FirstTier, Beta: BetaOdds, Lengths: true, Pair: orpoLoss, Parts: orpoParts,
		Paper: "Hong et al. 2024, arXiv:2403.07691", code: "huggingface/trl ORPOTrainer"},

	{Key: "cdpo", Tier: MoreTier, Beta: BetaLeash, Uses: flipRate(0, 0.5, 0.1), Reference: true, Margin: cdpoLoss,
		Paper: "Mitchell 2023, A note on DPO with noisy preferences", code: "eric-mitchell/direct-preference-optimization"},
	{Key: "simpo", Tier: MoreTier, Beta: BetaSharpness, Uses: []Use{{HyperGamma, 0, 10, 0.5}, {HyperEpsilon, 0, 0.5, 0}}, Lengths: true, Margin: simpoLoss,
		Paper: "Meng et al. 2024, arXiv:2405.14734", code: "princeton-nlp/SimPO"},
	{Key: "dpop", Tier: MoreTier, Beta: BetaLeash, Uses: []Use{{HyperLambda, 0, 100, 5}}, Reference: true, Pair: dpopLoss, Parts: dpopParts,
		Paper: "Pal et al. 2024, arXiv:2402.13228", code: "sail-sg/oat DPOLoss"},
	{Key: "chi_po", Tier: MoreTier, Beta: BetaDivergence, Uses: []Use{{HyperRMax, 0.01, 1000, 10}}, Reference: true, Pair: ChiPOLoss, Parts: chiPOParts,
		Paper: "Huang et al. 2024, arXiv:2407.13399, algorithm 1"},
	{Key: "rdpo", Tier: MoreTier, Beta: BetaLeash, Uses: flipRate(0, 0.49, 0.1), Reference: true, Margin: rdpoLoss,
		Paper: "Ray Chowdhury et al. 2024, arXiv:2403.00409", code: "huggingface/trl robust"},
	{Key: "hinge", Tier: MoreTier, Beta: BetaStop, Reference: true, Margin: hingeLoss,
		Paper: "Zhao et al. 2023 (SLiC-HF), arXiv:2305.10425; with log-ratios: Liu et al. 2023 (RSO), arXiv:2309.06657", code: "huggingface/trl hinge"},
	{Key: "sft", Tier: MoreTier, Beta: BetaUnused, Alone: true, Pair: sftLoss, Parts: sftParts,
		Paper: "maximum likelihood of the chosen replies"},

	{Key: "fdiv_js", Tier: ResearchTier, Beta: BetaDivergence, Reference: true, Pair: jensenShannonLoss, Parts: jensenShannonParts,
		Paper: "Wang et al. 2023 (f-DPO), arXiv:2309.16240", code: "huggingface/trl js_divergence"},
	{Key: "fdiv_forward_kl", Tier: ResearchTier, Beta: BetaDivergence, Reference: true, Pair: forwardKLLoss, Parts: forwardKLParts,
		Paper: "Wang et al. 2023 (f-DPO), arXiv:2309.16240", code: "huggingface/trl forward_kl"},
	{Key: "fdiv_alpha", Tier: ResearchTier, Beta: BetaDivergence, Uses: []Use{{HyperAlpha, 0, 2, 0.5}}, Reference: true, Pair: alphaLoss, Parts: alphaParts,
		Paper: "Wang et al. 2023 (f-DPO), arXiv:2309.16240", code: "huggingface/trl alpha_divergence, with coefficient 1 − α"},
	{Key: "exo_pair", Tier: ResearchTier, Beta: BetaLeash, Uses: flipRate(0.0001, 0.5, 0.01), Reference: true, Margin: exoLoss,
		Paper: "Ji et al. 2024, arXiv:2402.00856, eq. 16", code: "huggingface/trl exo_pair"},
	{Key: "nca_pair", Tier: ResearchTier, Beta: BetaLeash, Reference: true, Pair: ncaLoss, Parts: ncaParts,
		Paper: "Chen et al. 2024, arXiv:2402.05369", code: "huggingface/trl nca_pair"},
	{Key: "bco_pair", Tier: ResearchTier, Beta: BetaLeash, Uses: []Use{{HyperDelta, -100, 100, 0}}, Reference: true, Pair: bcoLoss, Parts: bcoParts,
		Paper: "Jung et al. 2024, arXiv:2404.04656", code: "huggingface/trl bco_pair"},
	{Key: "sppo_hard", Tier: ResearchTier, Beta: BetaTarget, Reference: true, Pair: sppoLoss, Parts: sppoParts,
		Paper: "Wu et al. 2024, arXiv:2405.00675", code: "huggingface/trl sppo_hard"},
	{Key: "apo_zero", Tier: ResearchTier, Beta: BetaSaturation, Reference: true, Pair: apoZeroLoss, Parts: apoZeroParts,
		Paper: "D'Oosterlinck et al. 2024, arXiv:2408.06266", code: "huggingface/trl apo_zero"},
	{Key: "apo_zero_unpaired", Tier: ResearchTier, Beta: BetaSaturation, Uses: thumbWeights, Reference: true, Reply: ktoLoss,
		Paper: "D'Oosterlinck et al. 2024, arXiv:2408.06266", code: "huggingface/trl KTOTrainer apo_zero_unpaired"},
	{Key: "apo_down", Tier: ResearchTier, Beta: BetaSaturation, Reference: true, Pair: apoDownLoss, Parts: apoDownParts,
		Paper: "D'Oosterlinck et al. 2024, arXiv:2408.06266", code: "huggingface/trl apo_down"},
	{Key: "discopop", Tier: ResearchTier, Beta: BetaLeash, Uses: []Use{{HyperTau, 0.01, 10, 0.05}}, Reference: true, Margin: discoPOPLoss,
		Paper: "Lu et al. 2024, arXiv:2406.08414", code: "huggingface/trl discopop"},
	{Key: "aot", Tier: ResearchTier, Beta: BetaLeash, Uses: flipRate(0, 0.5, 0), Reference: true, Sorted: SortMargins, Margin: cdpoLoss,
		Paper: "Melnyk et al. 2024, arXiv:2406.05882", code: "huggingface/trl aot"},
	{Key: "aot_unpaired", Tier: ResearchTier, Beta: BetaLeash, Uses: flipRate(0, 0.5, 0), Reference: true, Sorted: SortReplies, Margin: cdpoLoss,
		Paper: "Melnyk et al. 2024, arXiv:2406.05882", code: "huggingface/trl aot_unpaired"},
	{Key: "sigmoid_norm", Tier: ResearchTier, Beta: BetaLeash, Reference: true, Lengths: true, Margin: dpoLoss,
		Paper: "Lambert et al. 2024 (Tülu 3), arXiv:2411.15124, eq. 6", code: "huggingface/trl sigmoid_norm"},
	{Key: "ipo_norm", Tier: ResearchTier, Beta: BetaTarget, Reference: true, Lengths: true, Margin: ipoLoss,
		Paper: "Azar et al. 2023, arXiv:2310.12036, with log-probabilities averaged over tokens", code: "huggingface/trl ipo"},
	{Key: "cal_dpo", Tier: ResearchTier, Beta: BetaTarget, Reference: true, Pair: calDPOLoss, Parts: calDPOParts,
		Paper: "Xiao et al. 2024 (Cal-DPO), arXiv:2412.14516", code: "tengxiao1/Cal-DPO"},
	{Key: "rpo", Tier: ResearchTier, Beta: BetaLeash, Uses: []Use{{HyperNLL, 0, 100, 1}}, Reference: true, Pair: rpoLoss, Parts: rpoParts,
		Paper: "Pang et al. 2024 (iterative RPO), arXiv:2404.19733", code: "huggingface/trl rpo_alpha"},
	{Key: "mpo", Tier: ResearchTier, Beta: BetaLeash, Uses: []Use{{HyperNLL, 0, 100, 1}, {HyperBCO, 0, 1, 0.2}, {HyperDelta, -100, 100, 0}}, Reference: true,
		Pair: mpoLoss, Parts: mpoParts,
		Paper: "Wang et al. 2024 (MPO), arXiv:2411.10442", code: "huggingface/trl loss_type sigmoid, bco_pair, sft"},
	{Key: "cpo", Tier: ResearchTier, Beta: BetaSharpness, Uses: []Use{{HyperNLL, 0, 100, 1}}, Pair: rpoLoss, Parts: rpoParts,
		Paper: "Xu et al. 2024 (CPO), arXiv:2401.08417", code: "huggingface/trl CPOTrainer"},
	{Key: "dpo_reference_free", Tier: ResearchTier, Beta: BetaSharpness, Margin: dpoLoss,
		Paper: "Rafailov et al. 2023, arXiv:2305.18290, with a uniform reference", code: "eric-mitchell/direct-preference-optimization"},
}

// All returns the table, in the order in which a page lists it.
func All() []Objective { return table[:] }

// Named returns the objective with a key, or nil.
func Named(key string) *Objective {
	for i := range table {
		if table[i].Key == key {
			return &table[i]
		}
	}
	return nil
}

// Worth returns how much a thumb weighs beside a pair, which counts 1:
//
//	½  for a loss of single replies, to which a pair is two examples
//	1  for one that reads the chosen reply alone; thumbs down say nothing to it
//	0  for a loss of pairs, which cannot read thumbs
func (o *Objective) Worth() (up, down float64) {
	switch {
	case o.Reply != nil:
		return 0.5, 0.5
	case o.Alone:
		return 1, 0
	}
	return 0, 0
}

// ReadsThumbs tells that thumbs up and down will do in place of pairs.
func (o *Objective) ReadsThumbs() bool { up, _ := o.Worth(); return up > 0 }

// ByMargin tells that the loss of a pair depends on the policy only through
// the difference of two logits of one prompt, because the normaliser cancels.
// Then a step of gradient descent moves the compared replies alone and costs
// O(pairs). A loss per token qualifies only if all replies have one length.
func (o *Objective) ByMargin(oneLength bool) bool {
	return o.Margin != nil && o.Sorted == Unsorted && (oneLength || !o.Lengths)
}

// Score returns s of a reply with the given log-probabilities and number of
// tokens. The derivative with respect to log π is ScoreSlope(tokens).
func (o *Objective) Score(logPi, logRef, tokens float64) float64 {
	if o.Reference {
		logPi -= logRef
	}
	if o.Lengths {
		logPi /= tokens
	}
	return logPi
}

// ScoreSlope returns ∂s/∂log π.
func (o *Objective) ScoreSlope(tokens float64) float64 {
	if o.Lengths {
		return 1 / tokens
	}
	return 1
}

// With fills in β and the hyper-parameters that the objective uses; the others
// count as 0. It does not check them; see Check.
func (o *Objective) With(p HyperParams) *Loss {
	p = o.own(p)
	l := &Loss{Objective: o, Params: p}
	switch {
	case o.Margin != nil:
		l.Margin = o.Margin(p)
		l.Pair, l.Parts = l.Margin.pair, l.Margin.parts()
	case o.Parts != nil:
		parts := o.Parts(p)
		l.Pair, l.Parts = o.Pair(p), &parts
	case o.Pair != nil:
		l.Pair = o.Pair(p)
	default:
		l.Reply = o.Reply(p)
	}
	return l
}

// A Loss is an objective with its hyper-parameters filled in. Calling its
// functions allocates nothing. They are not NaN while β times the scores is
// finite, except that orpo has no value where a log-probability is above 0 or
// both are 0. Where the true value is beyond the largest float64 they are
// infinite.
type Loss struct {
	Objective *Objective
	Params    HyperParams // those that the objective does not use are 0
	Margin    MarginLoss  // of an objective that has one
	Pair      PairLoss    // of an objective that has a Margin or a Pair
	Parts     *Parts      // the same in parts, or nil
	Reply     ReplyLoss   // of an objective that has one
}

func (l *MarginLoss) pair(chosen, rejected float64) (loss, dChosen, dRejected float64) {
	m := chosen - rejected
	slope := l.Slope(m)
	return l.Loss(m), slope, -slope
}

// parts has the shift of a logistic loss on the rejected side.
func (l *MarginLoss) parts() *Parts {
	if !l.Logistic || l.Shift == 0 {
		return &Parts{Link: *l}
	}
	more := l.Shift / l.Beta
	return &Parts{
		Chosen:   func(x float64) Part { return Part{Height: x, Slope: 1} },
		Rejected: func(y float64) Part { return Part{Height: y + more, Slope: 1} },
		Link:     logisticLoss(l.Beta, 0, l.Own, l.Other),
	}
}

// PushPair adds minus the gradient of a loss φ of margins, per token of the one
// length 1/gain:
//
//	m = gain·(x[a] − x[b]),   f = −na·φ′(m) + nb·φ′(−m),   g[a] += gain·f,   g[b] −= gain·f
func (l *MarginLoss) PushPair(x, g []float64, duels []Duel, gain float64) {
	if l.push != nil {
		l.push(x, g, duels, gain)
		return
	}
	for i := range duels {
		q := &duels[i]
		m, f := gain*(x[q.A]-x[q.B]), 0.0
		if q.Na != 0 {
			f -= float64(q.Na * l.Slope(m))
		}
		if q.Nb != 0 {
			f += float64(q.Nb * l.Slope(-m))
		}
		f = float64(f * gain)
		g[q.A] += f
		g[q.B] -= f
	}
}

// Of returns the loss of votes of one weight, 0 where there are none.
func (l *Loss) Of(chosen, rejected, weight float64) float64 {
	if weight == 0 {
		return 0
	}
	if l.Margin.Loss != nil {
		return float64(weight * l.Margin.Loss(chosen-rejected))
	}
	loss, _, _ := l.Pair(chosen, rejected)
	return float64(weight * loss)
}
