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

// A LossReader keeps a Loss in step with a lab. Many votes are counted in
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

// lossSlice is how many pairs are looked at in one slice of work.
const slice = 1500

// fewLosses are the losses that stand beside the present one unless all are
// asked for.
var fewLosses = [...]string{"dpo", "cdpo", "ipo", "hinge", "rdpo"}

// Change reads what an experiment is. It is to be called whenever it is another.
func (r *Reader) Change(l *core.Lab, words words.Words) {
	r.words = words
	r.Edition++
	r.Replies = l.Problem.Prompts[l.Prompt()].Replies
	s := &l.Experiment.Settings
	if rewards := s[core.How] == core.LearnByRLHF; rewards != r.Rewards {
		r.Rewards, r.Span = rewards, Span{} // h is another quantity
	}
	r.Curve = l.LossCurve()
	r.name(l, words)
	r.beside(l, words)
	r.note(l, words)
	r.Empty = words.Say(whyEmpty(l))
	r.run, r.counting = l.Run, false
	r.Beads, r.Bins, r.Count, r.Waiting = nil, nil, 0, true
}

// name says which loss is trained.
func (r *Reader) name(l *core.Lab, words words.Words) {
	if r.Rewards {
		r.Name = words.Say("loss.rewardmodel")
		r.Title = words.Say("loss.title", "loss", r.Name)
		return
	}
	r.Name = name(l.Run.Trainer.Loss().Objective.Key, words)
	r.Title = words.Say("loss.title", "loss", words.Say("versus.run", "method", r.Name, "beta", chart.BetaText(l.Beta())))
}

// beside lists the curves beside the present one.
func (r *Reader) beside(l *core.Lab, words words.Words) {
	r.Others, r.Scaled = r.Others[:0], false
	if !r.Curve.Known() || r.Rewards {
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
			r.Others = append(r.Others, Other{words.Say("sweep.present", "beta", chart.BetaText(beta)), r.Curve.AtBeta(beta), 1})
		}
	}
}

// lossName is the name of an objective without what stands in brackets.
func name(key string, words words.Words) string {
	name, _, _ := strings.Cut(words.Say("objective."+key), " (")
	return name
}

func (r *Reader) losses(l *core.Lab, words words.Words, keys []string) {
	r.Scaled = true
	for _, key := range keys {
		if key != l.Run.Trainer.Loss().Objective.Key {
			r.Others = append(r.Others, BesideLoss(name(key, words), r.Curve, l.OtherCurve(key, l.Beta())))
		}
	}
}

// note says what must be known of the picture.
func (r *Reader) note(l *core.Lab, words words.Words) {
	r.Notes = r.Notes[:0]
	add := func(key string) { r.Notes = append(r.Notes, words.Say(key)) }
	s := &l.Experiment.Settings
	switch {
	case r.Rewards && r.Curve.Known():
		add("loss.note.rlhf")
	case r.Rewards:
		add("loss.note.given")
	case !r.Curve.Known():
		r.Notes = append(r.Notes, words.Say("loss.note.nocurve", "loss", r.Name, "why", words.Say(uncurved(l))))
	case len(r.Others) > 0 && r.Scaled:
		add("loss.note.losses")
	case len(r.Others) > 0:
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
	r.Step = l.Run.StepCount()
	if !r.counting && (r.quick || r.Waiting || r.shown.Step != r.Step || r.rewarded != (l.RLHF() != nil)) {
		r.begin(l)
	}
	if r.counting && !r.Waiting {
		r.shown.Move(l)
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
	r.next.Begin(l, r.Curve, max(r.Span.H, 1))
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
	if r.Waiting {
		r.Waiting = false
		r.noteHidden()
	}
	if r.shown.Step != l.Run.StepCount() {
		r.shown.Move(l)
		r.next.Begin(l, r.Curve, max(r.Span.H, 1))
		r.counting = true
	}
	r.Span.Fit(&r.Curve, &r.shown, r.fitted == l.Run && r.shown.Step >= r.fittedAt)
	r.fitted, r.fittedAt = l.Run, r.shown.Step
}

// fill copies what has been counted, and works the picked pair.
func (r *Reader) fill(l *core.Lab, pair [2]int) {
	if !r.Waiting {
		c := &r.shown
		r.Beads, r.Count, r.Votes = c.Beads, c.Count, c.Votes
		r.Bins, r.BinSpan = nil, c.Span
		if c.Count > len(c.Beads) {
			r.Bins = c.Bins[:]
		}
	}
	r.HasPicked = pair[0] != pair[1] && max(pair[0], pair[1]) < l.Arms()
	if !r.HasPicked {
		return
	}
	r.Picked = census.Worked(l, &r.Curve, pair[0], pair[1])
	r.Balances = false
	if r.Curve.Known() && r.Picked.Votes+r.Picked.Against > 0 {
		r.Balance, r.Balances = r.Curve.Balance(r.Picked.Votes, r.Picked.Against, r.Picked.H)
	}
	r.Reached = read.ReachedBy(l)
	if r.Reached != picture.Unknown {
		to, from := l.Optimum.LogPi, l.Reference()
		r.Headed = to[pair[0]] - from[pair[0]] - to[pair[1]] + from[pair[1]]
		if r.Rewards {
			r.Headed *= l.Beta()
		}
		if math.IsNaN(r.Headed) {
			r.Reached = picture.Unknown
		}
	}
}

// noteHidden says so where not all beads are drawn.
func (r *Reader) noteHidden() {
	if c := &r.shown; c.Count > len(c.Beads) {
		r.Edition++
		r.Notes = append(r.Notes, r.words.Say("loss.note.many", "n", strconv.Itoa(len(c.Beads)), "count", words.Count(float64(c.Count))))
	}
}
