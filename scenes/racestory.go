package scenes

import (
	"strconv"
	"strings"

	"dpoplayground/core"
)

// A RaceStory is what the page says of a race, and its table.
type RaceStory struct {
	Said       string // who came first, and who is steadier
	Why        string // what becomes of the noise
	Conditions string // under which all of it holds
	Goal       string // what distances are counted from
	Seeds      string // what the band is made of
	Raced      string // where that is not what the experiment runs; "" if it is
	// Rows are the table: what it took to come near the goal, and where the runs
	// end; a column for each lane.
	Rows [raceRows][2]string
	// Ranges go with the first rows: the quickest and the slowest run.
	Ranges [RowWithin][2]string
}

// The rows of a race's table.
const (
	RowUpdates = iota // updates until first near the goal
	RowReplies        // and replies generated
	RowWithin         // runs near the goal at the end
	RowLeast          // distance at the end: the least, the middle and the largest
	RowMedian
	RowMost
	raceRows
)

// steadyEnough is the spread of distances at the end below which runs count as
// equally steady, in nats.
const steadyEnough = 0.001

// TellRace tells a race in words.
func TellRace(r *core.Race, w Words) RaceStory {
	t := raceTeller{r, w, &r.Lead.Experiment.Settings}
	s := RaceStory{Conditions: t.conditions(), Raced: t.raced()}
	if !r.Aimed() {
		s.Said = w.Say("race.said.aiming")
		return s
	}
	s.Goal, s.Seeds = t.goal(), t.seeds()
	for i := range r.Lanes {
		rows, ranges := t.column(i)
		for row, text := range rows {
			s.Rows[row][i] = text
		}
		for row, text := range ranges {
			s.Ranges[row][i] = text
		}
	}
	if s.Said = t.said(); t.r.Lanes[core.RaceRLHF] != nil {
		s.Why = t.why()
	}
	return s
}

type raceTeller struct {
	r *core.Race
	w Words
	s *core.Settings
}

func (t *raceTeller) name(lane int) string {
	return t.w.Say([...]string{"race.dpo", "race.rlhf"}[lane])
}

func (t *raceTeller) optimiser() string {
	return t.w.Say("param.opt." + core.Params()[core.Optimizer].Choices[int(t.s[core.Optimizer])])
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// conditions names all that the race's numbers depend on, beside the votes.
func (t *raceTeller) conditions() string {
	s, w := t.s, t.w
	rate := w.Say("race.rate", "rate", number(s[core.Rate]))
	dpo := core.Entrant(t.r.Lead.Experiment, core.RaceDPO).Settings
	if own := dpo.EffectiveRate(s[core.Beta]); own != s[core.Rate] {
		rate = w.Say("race.rate.equal", "rate", number(s[core.Rate]), "dpo", Short(own))
	}
	key := "race.conditions"
	if t.r.Lanes[core.RaceRLHF] == nil {
		key = "race.conditions.dpo"
	}
	batch := w.Say("race.conditions.full")
	if s[core.Batch] > 0 {
		batch = w.Say(pluralKey("race.conditions.batch", int(s[core.Batch])), "n", Count(s[core.Batch]))
	}
	return w.Say(key, "beta", betaText(s[core.Beta]), "rate", rate,
		"opt", w.Say("param.opt."+core.Params()[core.Optimizer].Choices[int(s[core.Optimizer])]),
		"batch", batch, "by", t.estimator(), "reward", t.reward())
}

// pluralKey is the key of a sentence about n things.
func pluralKey(key string, n int) string {
	if n == 1 {
		return key + ".one"
	}
	return key
}

func (t *raceTeller) estimator() string {
	s := t.s
	name := core.Params()[core.EstimatorChoice].Choices[int(s[core.EstimatorChoice])]
	return t.w.Say("race.conditions."+name, "replies", Count(s[core.Replies]), "group", Count(s[core.Group]),
		"passes", Count(s[core.Epochs]), "parts", Count(s[core.Minibatches]), "clip", number(s[core.Clip]))
}

// reward says what RLHF's reward is.
func (t *raceTeller) reward() string {
	status := core.RewardFitting
	if l := t.r.Lanes[core.RaceRLHF]; l != nil && l.Run.RLHF() != nil {
		status = l.Run.RLHF().RewardStatus()
	}
	text := t.w.Say("race.reward."+string(status), "l2", number(t.s[core.RewardL2]), "n", Count(t.s[core.RewardSteps]))
	if t.s[core.LeashChoice] == float64(core.LeashK3Loss) {
		text += t.w.Say("race.reward.k3")
	}
	return text
}

// raced says in what the race differs from the experiment's own run.
func (t *raceTeller) raced() string {
	var list []string
	say := func(differs bool, key string, args ...string) {
		if differs {
			list = append(list, t.w.Say("race.raced."+key, args...))
		}
	}
	s := t.s
	direct := s[core.How] == core.LearnDirectly
	say(direct && s.Objective().Key != "dpo", "objective", "objective", t.w.Say("objective."+s.Objective().Key))
	say(direct && s.Objective().Key == "dpo" && s[core.Smoothing] > 0, "smoothing")
	say(s[core.How] == core.LearnOnline, "online")
	say(direct && s[core.PolicyChoice] != core.TabularPolicy, "linear")
	say(direct && s[core.RefEvery] > 0, "reference")
	say(s[core.How] == core.LearnByRLHF && s[core.Fresh] > 0, "fresh")
	say(t.r.Lead.Experiment.Start != nil, "start")
	return strings.Join(list, " ")
}

func (t *raceTeller) goal() string {
	g := &t.r.Goal
	apart, reward := distanceText(g.Apart), t.reward()
	switch {
	case len(t.r.Lead.Problem.TalliesOf(t.r.Lead.Prompt())) == 0 && g.Kind != core.GoalUnknown:
		return t.w.Say("race.goal.novotes")
	case g.Kind == core.GoalCommon:
		return t.w.Say("race.goal.common")
	case g.Kind == core.GoalUnknown:
		return t.w.Say("race.goal.unknown")
	case g.Kind == core.GoalLimit && g.RewardKnown:
		return t.w.Say("race.goal.limit", "reward", reward, "apart", apart)
	case g.Kind == core.GoalLimit:
		return t.w.Say("race.goal.limit.alone")
	case g.Elsewhere():
		return t.w.Say("race.goal.apart", "reward", reward, "apart", apart)
	case g.RewardKnown:
		return t.w.Say("race.goal.close", "reward", reward, "apart", apart)
	}
	return t.w.Say("race.goal.alone")
}

// seeds says what differs between the runs of the band.
func (t *raceTeller) seeds() string {
	if t.r.Heats[core.RaceDPO] == nil || t.r.Heats[core.RaceRLHF] == nil {
		return ""
	}
	var drawn []string
	for i, key := range [...]string{"race.drawn.batches", "race.drawn.replies"} {
		if h := t.r.Heats[i]; h != nil && h.Seeds > 1 {
			drawn = append(drawn, t.w.Say(key))
		}
	}
	if len(drawn) == 0 {
		return t.w.Say("race.seeds.none")
	}
	seed := t.s[core.Seed]
	text := t.w.Say("race.seeds", "n", strconv.Itoa(core.RaceSeeds), "drawn", strings.Join(drawn, " "+t.w.Say("race.and")+" "),
		"from", number(seed), "to", number(seed+core.RaceSeeds-1))
	for _, h := range t.r.Heats {
		if end := h; end != nil && end.Steps[len(end.Steps)-1] < int(t.s[core.Steps]) {
			return text + " " + t.w.Say("race.cut", "n", Count(float64(end.Steps[len(end.Steps)-1])))
		}
	}
	return text
}

// column fills a lane's column of the table.
func (t *raceTeller) column(lane int) (rows [raceRows]string, ranges [RowWithin]string) {
	for i := range rows {
		rows[i] = "–"
	}
	h := t.r.Heats[lane]
	if h == nil || len(h.Within) == 0 {
		return rows, ranges
	}
	last := h.Last()
	rows[RowLeast], rows[RowMedian], rows[RowMost] = distanceText(last[0]), distanceText(median(last)), distanceText(last[len(last)-1])
	if t.r.Goal.Kind == core.GoalUnknown {
		return rows, ranges
	}
	rows[RowWithin] = t.w.Say("race.of", "k", strconv.Itoa(near(last)), "n", strconv.Itoa(len(last)))
	steps := h.Arrivals()
	if lane == core.RaceRLHF && t.r.Goal.Elsewhere() {
		return rows, ranges // it only passes
	}
	if len(steps) == 0 {
		rows[RowUpdates], rows[RowReplies] = t.w.Say("race.never"), t.w.Say("race.never")
		return rows, ranges
	}
	for axis := range ranges {
		rows[axis], ranges[axis] = t.span(lane, steps, axis)
	}
	if len(steps) < len(h.Within) {
		ranges[RowUpdates] += " " + t.w.Say("race.only", "k", strconv.Itoa(len(steps)), "n", strconv.Itoa(len(h.Within)))
	}
	return rows, ranges
}

// tiny is a distance that is no more than rounding.
const tiny = 1e-9

// distanceText writes a distance, in nats, with two digits.
func distanceText(d float64) string {
	switch {
	case d < tiny:
		return "<10⁻⁹"
	case d < 1e-4:
		return power(d)
	}
	return Digits(d, 2)
}

// span writes what it took to the steps, in the middle and from least to most.
func (t *raceTeller) span(lane int, steps []int, axis int) (middle, span string) {
	taken := func(step int) string {
		updates, replies := t.r.Laps(lane, step)
		return Count(float64([...]int{updates, replies}[axis]))
	}
	low, high := taken(steps[0]), taken(steps[len(steps)-1])
	middle = taken(steps[len(steps)/2])
	if low != high {
		span = t.w.Say("race.range", "low", low, "high", high)
	}
	return middle, span
}

// median returns the middle of sorted numbers, the upper one of two.
func median(sorted []float64) float64 { return sorted[len(sorted)/2] }

// said tells who won what. Nobody wins what one of them did not run for.
func (t *raceTeller) said() string {
	dpo, rlhf := t.r.Heats[core.RaceDPO], t.r.Heats[core.RaceRLHF]
	switch {
	case t.r.Lead.Large():
		return t.w.Say("race.said.large")
	case dpo == nil || rlhf == nil:
		return t.alone()
	case !dpo.Done() || !rlhf.Done():
		done := min(len(dpo.Within)+core.RaceSeeds-dpo.Seeds, len(rlhf.Within)+core.RaceSeeds-rlhf.Seeds)
		return t.w.Say("race.said.running", "done", strconv.Itoa(max(done, 0)), "n", strconv.Itoa(core.RaceSeeds))
	case t.r.Goal.Kind == core.GoalUnknown:
		return t.w.Say("race.said.unknown", "steady", t.steady())
	}
	return t.w.Say("race.said", "updates", t.fewer(), "replies", t.replies(), "steady", t.steady()) + t.strayed()
}

// strayed says whose runs have been near the goal and are not at the end.
func (t *raceTeller) strayed() (text string) {
	for i, h := range t.r.Heats {
		last := h.Last()
		there := near(last)
		if passing := i == core.RaceRLHF && t.r.Goal.Elsewhere(); !passing && there < len(h.Arrivals()) {
			text += " " + t.w.Say("race.strayed", "name", t.name(i), "k", strconv.Itoa(there), "n", strconv.Itoa(len(last)))
		}
	}
	return text
}

// near counts the distances that count as arrived.
func near(distances []float64) (n int) {
	for _, d := range distances {
		if d <= core.RaceNear {
			n++
		}
	}
	return n
}

// alone says why one of the two does not run.
func (t *raceTeller) alone() string {
	for i, c := range t.r.Why {
		if c != nil {
			return t.w.Say("race.said.alone", "name", t.name(i), "why", Complain(c, t.w))
		}
	}
	return t.w.Say("race.said.aiming")
}

// fewer says who needed fewer updates to come near the goal.
func (t *raceTeller) fewer() string {
	var took [2]int
	for i, h := range t.r.Heats {
		took[i] = -1
		if steps := h.Arrivals(); 2*len(steps) > h.Seeds {
			took[i], _ = t.r.Laps(i, steps[len(steps)/2])
		}
	}
	within := number(core.RaceNear)
	if t.r.Goal.Elsewhere() {
		return t.w.Say("race.fewer.elsewhere", "apart", distanceText(t.r.Goal.Apart))
	}
	first := core.RaceDPO
	if took[first] < 0 || took[core.RaceRLHF] >= 0 && took[core.RaceRLHF] < took[first] {
		first = core.RaceRLHF
	}
	switch other := 1 - first; {
	case took[first] < 0:
		return t.w.Say("race.fewer.neither", "near", within)
	case took[other] < 0:
		return t.w.Say("race.fewer.only", "name", t.name(first), "near", within, "n", Count(float64(took[first])), "other", t.name(other))
	case took[first] == took[other]:
		return t.w.Say("race.fewer.even", "near", within, "n", Count(float64(took[first])))
	default:
		key := "race.fewer"
		if t.r.Heats[core.RaceDPO].Seeds+t.r.Heats[core.RaceRLHF].Seeds > 2 {
			key = "race.fewer.median"
		}
		return t.w.Say(key, "name", t.name(first), "near", within, "n", Count(float64(took[first])),
			"other", t.name(other), "more", Count(float64(took[other])))
	}
}

func (t *raceTeller) replies() string {
	h := t.r.Heats[core.RaceRLHF]
	steps := h.Arrivals()
	at := h.Steps[len(h.Steps)-1]
	key := "race.generated.end"
	if 2*len(steps) > h.Seeds && !t.r.Goal.Elsewhere() {
		at, key = steps[len(steps)/2], "race.generated"
	}
	_, replies := t.r.Laps(core.RaceRLHF, at)
	if _, all := t.r.Laps(core.RaceRLHF, h.Steps[len(h.Steps)-1]); all == 0 {
		key = "race.generated.none"
	}
	return t.w.Say(key, "n", Count(float64(replies)))
}

// steady says whose runs differ less at the end.
func (t *raceTeller) steady() string {
	var spread [2]float64
	for i, h := range t.r.Heats {
		last := h.Last()
		spread[i] = last[len(last)-1] - last[0]
	}
	steadier := core.RaceDPO
	if spread[core.RaceRLHF] < spread[core.RaceDPO] {
		steadier = core.RaceRLHF
	}
	less, more := spread[steadier], spread[1-steadier]
	switch {
	case more == 0:
		return t.w.Say("race.steady.certain")
	case more < steadyEnough:
		return t.w.Say("race.steady.both", "d", number(steadyEnough))
	}
	if t.r.Heats[steadier].Seeds == 1 {
		return t.w.Say("race.steady.sure", "name", t.name(steadier), "other", t.name(1-steadier), "more", distanceText(more))
	}
	return t.w.Say("race.steady", "name", t.name(steadier), "less", distanceText(less), "other", t.name(1-steadier), "more", distanceText(more))
}

// why says what becomes of the noise at the optimum.
func (t *raceTeller) why() string {
	s := t.s
	var list []string
	if s[core.Batch] > 0 {
		list = append(list, t.w.Say("race.why.batch"))
	}
	key := "race.why.fades"
	switch estimator := core.Estimator(s[core.EstimatorChoice]); {
	case estimator == core.ExactGradient:
		key = "race.why.exact"
	case s[core.LeashChoice] == float64(core.LeashK3Loss):
		key = "race.why.k3"
	case estimator == core.GRPO && s[core.Normalise] == 1:
		key = "race.why.grpo"
	case s[core.Optimizer] == core.Adam || s[core.Optimizer] == core.RMSprop:
		key = "race.why.adaptive"
	}
	return strings.Join(append(list, t.w.Say(key, "opt", t.optimiser())), " ")
}
