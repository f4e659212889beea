package loss

import (
	"math"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/census"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// A Reader keeps a Loss in step with a lab. Many votes are counted in
// slices.
type Reader struct {
	Loss

	shown, next census.Census
	counting    bool // next is being counted
	run         *train.Run
	quick       bool       // one slice counts all votes
	rewarded    bool       // the last count began with RLHF's rewards at hand
	fitted      *train.Run // that the span was last fitted to,
	fittedAt    int        // and at which step
	words       words.Words
}

// slice is how many pairs are looked at in one slice of work.
const slice = 1500

// fewLosses are the losses that stand beside the present one unless all are
// asked for.
var fewLosses = [...]string{"dpo", "cdpo", "ipo", "hinge", "rdpo"}

// Change reads what an experiment is. It is to be called whenever it is another.
func (r *Reader) Change(l *core.Lab, words words.Words) {
	r.words = words
	r.edition++
	r.replies = l.Problem.Prompts[l.Prompt()].Replies
	s := &l.Experiment.Settings
	if rewards := s[core.How] == core.LearnByRLHF; rewards != r.rewards {
		r.rewards, r.span = rewards, span{} // h is another quantity
	}
	r.curve = l.LossCurve()
	r.nameLoss(l, words)
	r.beside(l, words)
	r.note(l, words)
	r.empty = words.Say(whyEmpty(l))
	r.run, r.counting = l.Run, false
	r.Beads, r.bins, r.beadCount, r.waiting = nil, nil, 0, true
}

// name says which loss is trained.
func (r *Reader) nameLoss(l *core.Lab, words words.Words) {
	if r.rewards {
		r.name = words.Say("loss.rewardmodel")
		r.title = words.Say("loss.title", "loss", r.name)
		return
	}
	r.name = name(l.Run.Trainer.Loss().Objective.Key, words)
	r.title = words.Say("loss.title", "loss", words.Say("versus.run", "method", r.name, "beta", chart.BetaText(l.Beta())))
}

// beside lists the curves beside the present one.
func (r *Reader) beside(l *core.Lab, words words.Words) {
	r.others, r.scaled = r.others[:0], false
	if !r.curve.Known() || r.rewards {
		return
	}
	switch l.Experiment.Settings[core.Beside] {
	case core.BesideLosses:
		r.losses(l, words, fewLosses[:])
	case core.BesideAll:
		r.losses(l, words, objective.CurvedKeys())
	case core.BesideBetas:
		for _, factor := range [2]float64{0.5, 2} {
			beta := factor * l.Beta()
			r.others = append(r.others, otherCurve{words.Say("sweep.present", "beta", chart.BetaText(beta)), r.curve.AtBeta(beta), 1})
		}
	}
}

// name is the name of an objective without what stands in brackets.
func name(key string, words words.Words) string {
	name, _, _ := strings.Cut(words.Say("objective."+key), " (")
	return name
}

func (r *Reader) losses(l *core.Lab, words words.Words, keys []string) {
	r.scaled = true
	for _, key := range keys {
		if key != l.Run.Trainer.Loss().Objective.Key {
			r.others = append(r.others, beside(name(key, words), r.curve, l.OtherCurve(key, l.Beta())))
		}
	}
}

// note says what must be known of the picture.
func (r *Reader) note(l *core.Lab, words words.Words) {
	r.notes = r.notes[:0]
	add := func(key string) { r.notes = append(r.notes, words.Say(key)) }
	s := &l.Experiment.Settings
	switch {
	case r.rewards && r.curve.Known():
		add("loss.note.rlhf")
	case r.rewards:
		add("loss.note.given")
	case !r.curve.Known():
		r.notes = append(r.notes, words.Say("loss.note.nocurve", "loss", r.name, "why", words.Say(uncurved(l))))
	case len(r.others) > 0 && r.scaled:
		add("loss.note.losses")
	case len(r.others) > 0:
		add("loss.note.betas")
	}
	if s[core.How] == core.LearnOnline {
		add("loss.note.online")
	}
	if len(l.Problem.ThumbsOf(l.Prompt())) > 0 {
		add("loss.note.thumbs")
	}
	if s[core.RefEvery] > 0 && s[core.How] == core.LearnDirectly {
		add("loss.note.moving")
	}
}

// whyEmpty is what is said where there are no beads, for the catalogue.
func whyEmpty(l *core.Lab) string {
	switch {
	case l.Arms() < 2:
		return "loss.one"
	case l.Experiment.Settings[core.How] == core.LearnOnline:
		return "loss.none.judged"
	case len(l.Problem.ThumbsOf(l.Prompt())) > 0:
		return "loss.none.thumbs"
	}
	return "loss.none"
}

// uncurved is the reason why a loss is no function of h, for the catalogue.
func uncurved(l *core.Lab) string {
	switch o := l.Run.Trainer.Loss().Objective; {
	case o.Reply != nil:
		return "loss.why.replies"
	case o.Sorted != objective.Unsorted:
		return "loss.why.sorted"
	case o.Alone:
		return "loss.why.alone"
	case o.Pair != nil && !o.Reference:
		return "loss.why.probabilities"
	case o.Pair != nil:
		return "loss.why.pair"
	case !o.Reference:
		return "loss.why.reference"
	}
	return "loss.why.lengths"
}

// Read reads where the lab stands. The pair is the one that is picked, the
// chosen reply first.
func (r *Reader) Read(l *core.Lab, pair [2]int) {
	r.step = l.Run.StepCount()
	if !r.counting && (r.quick || r.waiting || r.shown.Step != r.step || r.rewarded != (l.RLHF() != nil)) {
		r.begin(l)
	}
	if r.counting && !r.waiting {
		r.shown.ReadMargins(l)
	}
	r.fill(l, pair)
}

// Work goes on counting, and tells whether anything is left. What was counted is
// seen at the next Read.
func (r *Reader) Work(l *core.Lab) (busy bool) {
	if r.counting && r.run == l.Run {
		r.count(l)
	}
	return r.counting
}

// Counting tells that votes are still being counted.
func (r *Reader) Counting() bool { return r.counting }

func (r *Reader) begin(l *core.Lab) {
	r.next.Begin(l, r.curve, max(r.span.h, 1))
	r.counting, r.rewarded = true, l.RLHF() != nil
	r.count(l)
	r.quick = !r.counting
}

func (r *Reader) count(l *core.Lab) {
	if !r.next.Work(l, slice) {
		return
	}
	r.shown, r.next = r.next, r.shown
	r.counting = false
	if r.waiting {
		r.waiting = false
		r.noteHidden()
	}
	if r.shown.Step != l.Run.StepCount() {
		r.shown.ReadMargins(l)
		r.next.Begin(l, r.curve, max(r.span.h, 1))
		r.counting = true
	}
	r.span.fit(&r.curve, &r.shown, r.fitted == l.Run && r.shown.Step >= r.fittedAt)
	r.fitted, r.fittedAt = l.Run, r.shown.Step
}

// fill copies what has been counted, and works the picked pair.
func (r *Reader) fill(l *core.Lab, pair [2]int) {
	if !r.waiting {
		c := &r.shown
		r.Beads, r.beadCount, r.votes = c.Beads, c.Count, c.Votes
		r.bins, r.binSpan = nil, c.Span
		if c.Count > len(c.Beads) {
			r.bins = c.Bins[:]
		}
	}
	r.hasPicked = pair[0] != pair[1] && max(pair[0], pair[1]) < l.Arms()
	if !r.hasPicked {
		return
	}
	r.Picked = census.Worked(l, &r.curve, pair[0], pair[1])
	r.balances = false
	if !l.Veiled() && r.curve.Known() && r.Picked.Votes+r.Picked.Against > 0 {
		r.balance, r.balances = r.curve.Balance(r.Picked.Votes, r.Picked.Against, r.Picked.H)
	}
	r.reached = read.ReachedBy(l)
	if r.reached != picture.Unknown {
		to, from := l.Optimum.LogPi, l.Reference()
		r.headed = to[pair[0]] - from[pair[0]] - to[pair[1]] + from[pair[1]]
		if r.rewards {
			r.headed *= l.Beta()
		}
		if math.IsNaN(r.headed) {
			r.reached = picture.Unknown
		}
	}
}

// noteHidden says so where not all beads are drawn.
func (r *Reader) noteHidden() {
	if c := &r.shown; c.Count > len(c.Beads) {
		r.edition++
		r.notes = append(r.notes, r.words.Say("loss.note.many", "n", strconv.Itoa(len(c.Beads)), "count", words.Count(float64(c.Count))))
	}
}
