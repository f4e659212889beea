package race

import (
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/core/race"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/words"
)

// A Story is what the page says of a race, and its table.
type Story struct {
	Said       string // whether both reach one policy, what that took, and who stays there
	Why        string // what becomes of the noise
	Conditions string // under which all of it holds
	Goal       string // what distances are counted from
	Seeds      string // what the band is made of
	Raced      string // where that is not what the experiment runs; "" if it is
	// Rows are the table: what it took to come near the goal, and where the runs
	// end; a column for each lane.
	Rows [rows][2]string
	// Ranges go with the first rows: the quickest and the slowest run.
	Ranges [RowWithin][2]string
}

// The rows of a race's table.
const (
	RowUpdates = iota // updates until near the goal to stay, where all runs get there
	RowReplies        // and replies generated
	RowWithin         // runs near the goal at the end
	RowLeast          // distance at the end: the least, the middle and the largest
	RowMedian
	RowMost
	rows
)

// Tell tells a race in words.
func Tell(r *race.Race, w words.Words) Story {
	t := teller{r, w, &r.Lead.Experiment.Settings}
	s := Story{Conditions: t.conditions(), Raced: t.raced()}
	switch {
	case r.Unpaired():
		return unpaired(w)
	case !r.Aimed():
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
	if s.Said = t.said(); t.r.Lanes[race.RLHF] != nil && t.aims(race.RLHF) {
		s.Why = t.why()
	}
	return s
}

// unpaired is what is told where there is nothing to race on.
func unpaired(w words.Words) Story {
	s := Story{Said: w.Say("race.unpaired")}
	for row := range s.Rows {
		s.Rows[row] = [2]string{"–", "–"}
	}
	return s
}

type teller struct {
	r *race.Race
	w words.Words
	s *core.Settings
}

func (t *teller) name(lane int) string {
	return t.w.Say([...]string{"race.dpo", "race.rlhf"}[lane])
}

func (t *teller) optimiser() string {
	return t.w.Say("param.opt." + core.Params()[core.Optimizer].Choices[int(t.s[core.Optimizer])])
}

func number(x float64) string { return words.Decimal(x) }

// conditions names all that the race's numbers depend on, beside the votes.
func (t *teller) conditions() string {
	s, w := t.s, t.w
	rate := w.Say("race.rate", "rate", number(s[core.Rate]))
	dpo := race.Entrant(t.r.Lead.Experiment, race.DPO).Settings
	if own := dpo.EffectiveRate(s[core.Beta]); own != s[core.Rate] {
		rate = w.Say("race.rate.equal", "rate", number(s[core.Rate]), "dpo", words.Short(own))
	}
	key := "race.conditions"
	if t.r.Lanes[race.RLHF] == nil {
		key = "race.conditions.dpo"
	}
	batch := w.Say("race.conditions.full")
	if s[core.Batch] > 0 {
		batch = w.Say(w.Form("race.conditions.batch", int(s[core.Batch])), "n", words.Count(s[core.Batch]))
	}
	return w.Say(key, "beta", chart.BetaText(s[core.Beta]), "rate", rate,
		"opt", w.Say("param.opt."+core.Params()[core.Optimizer].Choices[int(s[core.Optimizer])]),
		"batch", batch, "by", t.estimator(), "reward", t.reward())
}

func (t *teller) estimator() string {
	s := t.s
	clip := number(s[core.Clip])
	if s[core.ClipHigh] > 0 {
		clip += "/" + number(s[core.ClipHigh])
	}
	name := core.Params()[core.EstimatorChoice].Choices[int(s[core.EstimatorChoice])]
	return t.w.Say(t.w.Form("race.conditions."+name, int(s[core.Replies])), "replies", words.Count(s[core.Replies]), "group", words.Count(s[core.Group]),
		"passes", words.Count(s[core.Epochs]), "parts", words.Count(s[core.Minibatches]), "clip", clip)
}

// reward says what RLHF's reward is.
func (t *teller) reward() string {
	status := rlhf.RewardFitting
	if l := t.r.Lanes[race.RLHF]; l != nil && l.RLHF() != nil {
		status = l.RLHF().RewardStatus()
	}
	text := t.w.Say(t.w.Form("race.reward."+string(status), int(t.s[core.RewardSteps])), "l2", number(t.s[core.RewardL2]), "n", words.Count(t.s[core.RewardSteps]))
	if t.s[core.LeashChoice] == float64(rlhf.LeashK3Loss) {
		text += t.w.Say("race.reward.k3")
	}
	return text
}

// raced says in what the race differs from the experiment's own run.
func (t *teller) raced() string {
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
	say(direct && s[core.PolicyChoice] != train.TabularPolicy, "linear")
	say(direct && s[core.RefEvery] > 0, "reference")
	say(s[core.How] == core.LearnByRLHF && s[core.Fresh] > 0, "fresh")
	say(t.r.Lead.Experiment.Start != nil, "start")
	return strings.Join(list, " ")
}

func (t *teller) goal() string {
	g := &t.r.Goal
	apart, reward := distanceText(g.Apart), t.reward()
	switch {
	case len(t.r.Lead.Problem.TalliesOf(t.r.Lead.Prompt())) == 0 && g.Kind != race.GoalUnknown:
		return t.w.Say("race.goal.novotes")
	case g.Kind == race.GoalCommon:
		return t.w.Say("race.goal.common")
	case t.r.Lead.KLVeiled():
		return t.w.Say("arrives.hidden")
	case g.Kind == race.GoalUnknown:
		return t.w.Say("race.goal.unknown")
	case g.Kind == race.GoalLimit && g.RewardKnown:
		return t.w.Say("race.goal.limit", "reward", reward, "apart", apart)
	case g.Kind == race.GoalLimit:
		return t.w.Say("race.goal.limit.alone")
	case g.Elsewhere():
		return t.w.Say("race.goal.apart", "reward", reward, "apart", apart)
	case g.RewardKnown:
		return t.w.Say("race.goal.close", "reward", reward, "apart", apart)
	}
	return t.w.Say("race.goal.alone")
}

// seeds says what differs between the runs of the band.
func (t *teller) seeds() string {
	if t.r.Heats[race.DPO] == nil || t.r.Heats[race.RLHF] == nil {
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
	text := t.w.Say("race.seeds", "n", strconv.Itoa(race.Seeds), "drawn", strings.Join(drawn, " "+t.w.Say("race.and")+" "),
		"from", number(seed), "to", number(seed+race.Seeds-1))
	for _, h := range t.r.Heats {
		if end := h; end != nil && end.Steps[len(end.Steps)-1] < int(t.s[core.Steps]) {
			return text + " " + t.w.Say("race.cut", "n", words.Count(float64(end.Steps[len(end.Steps)-1])))
		}
	}
	return text
}

// column fills a lane's column of the table.
func (t *teller) column(lane int) (rows [rows]string, ranges [RowWithin]string) {
	for i := range rows {
		rows[i] = "–"
	}
	h := t.r.Heats[lane]
	if h == nil || len(h.Within) == 0 {
		return rows, ranges
	}
	last := h.Last()
	rows[RowLeast], rows[RowMedian], rows[RowMost] = distanceText(last[0]), distanceText(median(last)), distanceText(last[len(last)-1])
	if t.r.Goal.Kind == race.GoalUnknown {
		return rows, ranges
	}
	rows[RowWithin] = t.w.Say("race.of", "k", strconv.Itoa(near(last)), "n", strconv.Itoa(len(last)))
	if t.settles(lane) {
		for axis := range ranges {
			rows[axis], ranges[axis] = t.span(lane, h.Arrivals(), axis)
		}
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
		return words.Power(d)
	}
	return words.Digits(d, 2)
}

// span writes what it took to the steps, in the middle and from least to most.
func (t *teller) span(lane int, steps []int, axis int) (middle, span string) {
	taken := func(step int) string {
		updates, replies := t.r.Laps(lane, step)
		return words.Count(float64([...]int{updates, replies}[axis]))
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

// said gives the answer that the numbers give, under the race's conditions.
// Nobody wins what one of them did not run for.
func (t *teller) said() string {
	dpo, rlhf := t.r.Heats[race.DPO], t.r.Heats[race.RLHF]
	switch {
	case t.r.Lead.Large():
		return t.w.Say("race.said.large")
	case dpo == nil || rlhf == nil:
		return t.alone()
	case !dpo.Done() || !rlhf.Done():
		done := min(len(dpo.Within)+race.Seeds-dpo.Seeds, len(rlhf.Within)+race.Seeds-rlhf.Seeds)
		return t.w.Say("race.said.running", "done", strconv.Itoa(max(done, 0)), "n", strconv.Itoa(race.Seeds))
	case t.r.Lead.KLVeiled():
		return sentences(t.w.Say("arrives.hidden"), t.replies())
	case t.r.Goal.Kind == race.GoalUnknown:
		return sentences(t.w.Say("race.said.unknown"), t.replies(), t.runs())
	}
	return sentences(t.headed(), t.when(), t.farther(), t.steadier(), t.runs(), t.replies(), t.fitted())
}

// sentences puts those that are not empty one after the other.
func sentences(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}

// near counts the distances that count as arrived.
func near(distances []float64) (n int) {
	for _, d := range distances {
		if d <= race.Near {
			n++
		}
	}
	return n
}

// alone says why one of the two does not run.
func (t *teller) alone() string {
	for i, c := range t.r.Why {
		if c != nil {
			return t.w.Say("race.said.alone", "name", t.name(i), "why", words.Complain(c, t.w))
		}
	}
	return t.w.Say("race.said.aiming")
}

// aims tells whether a lane's run is headed for what distances are counted from.
func (t *teller) aims(lane int) bool {
	return t.r.Goal.Kind != race.GoalUnknown && !(lane == race.RLHF && t.r.Goal.Elsewhere())
}

// settles tells whether all of a lane's runs come near the goal to stay.
func (t *teller) settles(lane int) bool { return t.aims(lane) && t.r.Heats[lane].Settles() }

// headed says whether both end in the same place.
func (t *teller) headed() string {
	g, reached := &t.r.Goal, t.settles(race.DPO) && t.settles(race.RLHF)
	switch {
	case len(t.r.Lead.Problem.TalliesOf(t.r.Lead.Prompt())) == 0:
		return t.w.Say("race.goal.novotes")
	case g.Elsewhere():
		return t.w.Say("race.headed.apart", "reward", t.reward(), "apart", distanceText(g.Apart))
	case g.Kind == race.GoalLimit && g.RewardKnown:
		return t.w.Say("race.headed.limit")
	case g.Kind == race.GoalLimit:
		return t.w.Say("race.headed.limit.alone")
	case g.Kind == race.GoalCommon && reached:
		return t.w.Say("race.headed.same.reached")
	case g.Kind == race.GoalCommon:
		return t.w.Say("race.headed.same")
	case g.RewardKnown && reached:
		return t.w.Say("race.headed.close.reached")
	case g.RewardKnown:
		return t.w.Say("race.headed.close")
	}
	return t.w.Say("race.headed.alone")
}

// when says after how many updates they are near the goal to stay.
func (t *teller) when() string {
	near, dpo, rlhf := number(race.Near), t.settles(race.DPO), t.settles(race.RLHF)
	switch {
	case dpo && rlhf:
		first := race.DPO
		if t.arrival(race.RLHF) < t.arrival(race.DPO) {
			first = race.RLHF
		}
		return t.w.Say(t.w.Form("race.when", t.arrival(first)), "near", near, "name", t.name(first), "n", t.after(first), "other", t.name(1-first), "more", t.after(1-first))
	case dpo && t.r.Goal.Elsewhere():
		return t.w.Say(t.w.Form("race.when.own", t.arrival(race.DPO)), "near", near, "n", t.after(race.DPO))
	case dpo:
		return t.only(race.DPO)
	case rlhf:
		return t.only(race.RLHF)
	case t.r.Goal.Elsewhere():
		return t.w.Say("race.when.own.not", "near", near, "steps", t.steps(), "dpo", t.ends(race.DPO))
	}
	return t.w.Say("race.when.neither", "near", near, "steps", t.steps(), "dpo", t.ends(race.DPO), "rlhf", t.ends(race.RLHF))
}

// only says when the runs of a lane are near the goal to stay, and that the
// other's are not.
func (t *teller) only(lane int) string {
	return t.w.Say(t.w.Form("race.when.only", t.arrival(lane)), "near", number(race.Near), "steps", t.steps(), "name", t.name(lane), "n", t.after(lane), "other", t.fails(1-lane))
}

// steps is how many steps the heats have looked at.
func (t *teller) steps() string {
	steps := t.r.Heats[race.RLHF].Steps
	return words.Count(float64(steps[len(steps)-1]))
}

// arrival is the updates after which the median run is near the goal to stay.
func (t *teller) arrival(lane int) int {
	steps := t.r.Heats[lane].Arrivals()
	updates, _ := t.r.Laps(lane, steps[len(steps)/2])
	return updates
}

// after writes a lane's arrival, and that it is a median where there are several runs.
func (t *teller) after(lane int) string {
	text := words.Count(float64(t.arrival(lane)))
	if t.r.Heats[lane].Seeds > 1 {
		text = t.w.Say("race.median", "n", text)
	}
	return text
}

// fails says what becomes of a lane whose runs do not all stay near the goal.
func (t *teller) fails(lane int) string {
	if median(t.r.Heats[lane].Last()) <= race.Near {
		return t.w.Say("race.fails.part", "name", t.name(lane))
	}
	return t.ends(lane)
}

// ends says how far off the median run of a lane ends.
func (t *teller) ends(lane int) string {
	key := "race.ends"
	if t.r.Heats[lane].Seeds > 1 {
		key = "race.ends.median"
	}
	return t.w.Say(key, "name", t.name(lane), "d", distanceText(median(t.r.Heats[lane].Last())))
}

// strays tells whether a lane's runs end farther from their goal than they began.
func (t *teller) strays(lane int) bool {
	h := t.r.Heats[lane]
	return t.aims(lane) && median(h.Last()) > h.Distance[0][0]+tiny
}

// farther says whose steps lead away from where they should.
func (t *teller) farther() string {
	switch dpo, rlhf := t.strays(race.DPO), t.strays(race.RLHF); {
	case dpo && rlhf:
		return t.w.Say("race.farther.both")
	case dpo:
		return t.w.Say("race.farther", "name", t.name(race.DPO))
	case rlhf:
		return t.w.Say("race.farther", "name", t.name(race.RLHF))
	}
	return ""
}

// replies says how many replies that took.
func (t *teller) replies() string {
	h := t.r.Heats[race.RLHF]
	at, key := h.Steps[len(h.Steps)-1], "race.generated.end"
	if t.settles(race.RLHF) {
		steps := h.Arrivals()
		at, key = steps[len(steps)/2], "race.generated"
	}
	_, replies := t.r.Laps(race.RLHF, at)
	if _, all := t.r.Laps(race.RLHF, h.Steps[len(h.Steps)-1]); all == 0 {
		key = "race.generated.none"
	}
	before, _ := t.r.Laps(race.RLHF, at-1)
	after, _ := t.r.Laps(race.RLHF, at)
	return t.w.Say(t.w.Form(key, replies), "n", words.Count(float64(replies)), "per", t.w.Say(t.w.Form("race.per", after-before), "batch", words.Count(t.s[core.Replies]), "updates", strconv.Itoa(after-before)))
}

// fitted says what of the reward model's fit is among the updates told of.
func (t *teller) fitted() string {
	if !t.settles(race.RLHF) {
		return ""
	}
	switch t.r.Lanes[race.RLHF].RLHF().RewardStatus() {
	case rlhf.RewardExact, rlhf.RewardPenalised:
		return t.w.Say("race.fitted.exact")
	case rlhf.RewardUnfinished, rlhf.RewardUnbounded:
		return t.w.Say(t.w.Form("race.fitted.steps", int(t.s[core.RewardSteps])), "n", words.Count(t.s[core.RewardSteps]))
	}
	return ""
}

// runs says of each lane how many of its own runs are near the goal at the end.
func (t *teller) runs() string {
	if t.r.Heats[race.DPO].Seeds == 1 && t.r.Heats[race.RLHF].Seeds == 1 {
		return t.w.Say("race.runs.certain")
	}
	return sentences(t.runsOf(race.DPO), t.runsOf(race.RLHF))
}

func (t *teller) runsOf(lane int) string {
	h := t.r.Heats[lane]
	last, key := h.Last(), "race.runs.some"
	switch {
	case h.Seeds == 1:
		key = "race.runs.one"
	case !t.aims(lane):
		key = "race.runs.apart"
	case h.Settles():
		key = "race.runs.all"
	case h.Left > 0:
		key = "race.runs.left"
	}
	return t.w.Say(t.w.Form(key, near(last)), "name", t.name(lane), "n", strconv.Itoa(len(last)), "k", strconv.Itoa(near(last)), "left", strconv.Itoa(h.Left),
		"low", distanceText(last[0]), "high", distanceText(last[len(last)-1]))
}

// steadier says who stays near the goal where the other leaves it. One that is
// only slow is not less steady.
func (t *teller) steadier() string {
	for i := range t.r.Heats {
		if other := 1 - i; t.settles(i) && t.aims(other) && !t.settles(other) && (t.r.Heats[other].Left > 0 || t.strays(other)) {
			return t.w.Say("race.steadier", "name", t.name(i))
		}
	}
	return ""
}

// quietens tells that at RLHF's optimum no sample has a gradient.
func (t *teller) quietens() bool {
	l := t.r.Lanes[race.RLHF]
	if l == nil || l.RLHF() == nil {
		return false
	}
	cfg := l.RLHF().Config()
	return cfg.Quietens(len(l.Problem.Prompts))
}

// why says what the methods draw, and what a sample is worth at the optimum.
func (t *teller) why() string {
	s, w := t.s, t.w
	var list []string
	if s[core.Batch] > 0 && facts.Disagree(t.r.Lead.Problem) {
		list = append(list, w.Say("race.why.batch"))
	}
	key := ""
	switch estimator := rlhf.Estimator(s[core.EstimatorChoice]); {
	case estimator == rlhf.ExactGradient:
		key = "race.why.exact"
	case s[core.LeashChoice] == float64(rlhf.LeashK3Loss):
	case estimator == rlhf.GRPO && s[core.Normalise] == 1:
		key = "race.why.grpo"
	case s[core.Optimizer] == train.Adam || s[core.Optimizer] == train.RMSprop:
		key = "race.why.adaptive"
	case t.quietens():
		key = "race.why.fades"
	}
	if key != "" {
		list = append(list, w.Say(key, "opt", t.optimiser()))
	}
	return strings.Join(list, " ")
}
