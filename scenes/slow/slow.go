// Package slow shows one step of training stage by stage: code, formulas with this
// run's numbers, and a sentence each. It may import core/slowmotion and scenes/read.
package slow

import (
	"math"
	"strconv"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/slowmotion"
	"dpoplayground/core/train"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// A View is one stage of a step in slow motion as the page shows it: the
// loop in pseudo-code, and below the line that the stage is at its live values.
type View struct {
	About string     // which step this is, and of what
	Title string     // of the stage
	Count string     // "2 of 8"
	Code  []CodeLine // the loop
	At    int        // which of its lines the stage is at
	Lines []WorkedLine
	Table WorkedTable
	Note  string
	Stage int // from 0
	Last  bool
}

// A CodeLine is a line of pseudo-code, with an underscore before what stands
// below its letter.
type CodeLine struct {
	Text   string
	Indent int
	Stage  int    // of the step, from 0; -1 for a line that only frames others
	Got    string // what the line has come to, once it has been passed
}

// A WorkedLine is a formula with its numbers, as MathML, and what it is.
type WorkedLine struct{ Label, Math string }

// A WorkedTable has a head and rows; the first cell of each row is its name,
// and Inks says whose it is: "w", "l" or "".
type WorkedTable struct {
	Head []string
	Rows [][]string
	Inks []string
}

// A writer makes a View.
type writer struct {
	*View
	s *slowmotion.SlowMotion
	l *core.Lab
	w words.Words
}

// StageOf returns the stage with a number, or the last one where there are
// fewer, of a step that has been taken apart.
func StageOf(s *slowmotion.SlowMotion, l *core.Lab, stage int, w words.Words) *View {
	v := &View{}
	p := &writer{View: v, s: s, l: l, w: w}
	if len(s.Stages) == 0 {
		v.About = w.Say("slow.waiting")
		return v
	}
	v.Stage = max(0, min(stage, len(s.Stages)-1))
	v.Last = v.Stage == len(s.Stages)-1
	at := s.Stages[v.Stage]
	v.About = p.about()
	v.Title = w.Say("slow.title." + p.heading(at))
	v.Count = w.Say("slow.count", "i", strconv.Itoa(v.Stage+1), "n", strconv.Itoa(len(s.Stages)))
	p.code()
	p.work(at)
	if v.Note == "" {
		v.Note = w.Say("slow.note." + p.note(at))
	}
	return v
}

// heading names a stage's title in the catalogue.
func (p *writer) heading(at slowmotion.Stage) string {
	name := stageNames[at]
	switch {
	case p.s.By == slowmotion.ByScores:
		return "model." + name
	case p.s.By == slowmotion.ByReplies && at == slowmotion.StageUpdate:
		return "policy"
	case at == slowmotion.StageScores && !p.s.Vote.Loss.Objective.Reference:
		return "scores.free"
	case at == slowmotion.StageMargin && p.s.Vote.Loss.Objective.Baseline:
		return "baseline"
	}
	return name
}

// note names what is said of a stage.
func (p *writer) note(at slowmotion.Stage) string {
	name := p.heading(at)
	switch {
	case p.s.By == slowmotion.ByScores:
		return name
	case at == slowmotion.StagePush && formulaOf(p.s.Vote.Loss.Objective).other != "":
		return name + ".pair"
	case at == slowmotion.StagePush && formulaOf(p.s.Vote.Loss.Objective).chosen != betaSigma:
		return name + ".margin"
	case at == slowmotion.StageGradient && p.sorted():
		return name + ".sorted"
	case at == slowmotion.StageGradient && (p.s.Vote.Others != 0 || formulaOf(p.s.Vote.Loss.Objective).other != ""):
		return name + ".others"
	case at == slowmotion.StageUpdate:
		return name + "." + core.Params()[core.Optimizer].Choices[p.s.Rule.Kind]
	}
	return name
}

var stageNames = [...]string{slowmotion.StageJudged: "judged", slowmotion.StageLogProbs: "logprobs", slowmotion.StageScores: "scores", slowmotion.StageMargin: "margin",
	slowmotion.StagePush: "push", slowmotion.StageGradient: "gradient", slowmotion.StageWeights: "weights", slowmotion.StageGenerate: "generate",
	slowmotion.StageReward: "reward", slowmotion.StageLeash: "leash", slowmotion.StageAdvantage: "advantage", slowmotion.StageUpdate: "update",
	slowmotion.StageSoftmax: "softmax", slowmotion.StageMoves: "moves"}

func (p *writer) sorted() bool { return p.s.Vote.Loss.Objective.Sorted != objective.Unsorted }

// about says which step this is and how many votes it learns from.
func (p *writer) about() string {
	s, v := p.s, &p.s.Vote
	from, to := words.Count(float64(s.Step)), words.Count(float64(s.Step+1))
	step := p.w.Say("slow.step", "from", from, "to", to)
	switch {
	case s.By == slowmotion.ByReplies && s.Replies.Config.How == rlhf.ExactGradient:
		return step + " " + p.w.Say("slow.about.exact")
	case s.By == slowmotion.ByReplies:
		return step + " " + p.w.Say(p.w.Form("slow.about.replies", s.Replies.Batch), "n", words.Count(float64(s.Replies.Batch)), "here", words.Count(float64(s.Replies.Here)))
	case s.By == slowmotion.ByJudges:
		return step + " " + p.w.Say(p.w.Form("slow.about.judges", int(v.Batch)), "n", words.Count(v.Batch), "won", words.Count(v.Won), "lost", words.Count(v.Lost))
	case s.By == slowmotion.ByScores:
		step += " " + p.w.Say("slow.about.model")
	}
	switch settings := &p.l.Experiment.Settings; {
	case v.All == 0 && v.Thumbs:
		return step + " " + p.w.Say("slow.about.unpaired")
	case v.All == 0:
		return step + " " + p.w.Say(p.w.Form("slow.about.unasked", int(v.Batch)), "n", words.Count(v.Batch))
	case s.By == slowmotion.ByVotes && settings[core.Batch] > 0:
		return step + " " + p.w.Say(p.w.Form("slow.about.batch", int(v.Batch)), "n", words.Count(v.Batch), "won", words.Count(v.Won), "lost", words.Count(v.Lost))
	}
	return step + p.thumbs() + " " + p.w.Say(p.w.Form("slow.about.votes", int(v.Batch)), "n", words.Count(v.Batch), "won", words.Count(v.Won), "lost", words.Count(v.Lost))
}

// thumbs says that thumbs push as well.
func (p *writer) thumbs() string {
	if p.s.Vote.Thumbs {
		return " " + p.w.Say("slow.about.thumbs")
	}
	return ""
}

// line adds a formula.
func (p *writer) line(label, formula string, v words.Values) {
	if label != "" {
		label = p.w.Say("slow." + label)
	}
	p.Lines = append(p.Lines, WorkedLine{label, words.MathML(formula, v)})
}

// work fills in the values of a stage.
func (p *writer) work(at slowmotion.Stage) {
	switch at {
	case slowmotion.StageJudged:
		v := &p.s.Vote
		p.table("", "slow.head.won", "slow.head.lost")
		p.row(p.w.Say("slow.row.pair"), "", words.Count(v.Won), words.Count(v.Lost))
	case slowmotion.StageLogProbs:
		p.logProbs()
	case slowmotion.StageScores:
		p.scores()
	case slowmotion.StageMargin:
		p.margin()
	case slowmotion.StagePush:
		p.push()
	case slowmotion.StageGradient:
		p.gradient()
	case slowmotion.StageWeights:
		p.weights()
	case slowmotion.StageUpdate:
		p.update()
	case slowmotion.StageSoftmax:
		p.softmax()
	case slowmotion.StageMoves:
		p.moves()
	default:
		p.replies(at)
	}
}

// both adds a formula once for each of the pair, with w for the letter y and a
// side's numbers.
func (p *writer) both(formula [2]string, v func(side *slowmotion.Side) words.Values) {
	for i := range p.s.Sides {
		p.line("", formula[i], v(&p.s.Sides[i]))
	}
}

func (p *writer) logProbs() {
	p.both([2]string{"log π ( w:w ) = log #p = w:#log!", "log π ( l:l ) = log #p = l:#log!"}, func(side *slowmotion.Side) words.Values {
		return words.Values{"p": words.Digits(num.Exp(side.LogPi), 4), "log": words.Fixed(side.LogPi, 3)}
	})
}

func (p *writer) scores() {
	if p.s.By == slowmotion.ByScores {
		p.both([2]string{"r̂ ( w:w ) = w:#s!", "r̂ ( l:l ) = l:#s!"}, func(side *slowmotion.Side) words.Values {
			return words.Values{"s": words.Fixed(side.Score, 3)}
		})
		return
	}
	o := p.s.Vote.Loss.Objective
	formula := [2]string{"log frac { π ( w:w ) } { π_ref ( w:w ) } = log frac { #p } { #q } = w:#s!",
		"log frac { π ( l:l ) } { π_ref ( l:l ) } = log frac { #p } { #q } = l:#s!"}
	switch {
	case o.Lengths && o.Reference:
		formula = [2]string{"frac { 1 } { #n } log frac { π ( w:w ) } { π_ref ( w:w ) } = frac { 1 } { #n } log frac { #p } { #q } = w:#s!",
			"frac { 1 } { #n } log frac { π ( l:l ) } { π_ref ( l:l ) } = frac { 1 } { #n } log frac { #p } { #q } = l:#s!"}
	case o.Lengths:
		formula = [2]string{"frac { 1 } { #n } log π ( w:w ) = frac { #log } { #n } = w:#s!", "frac { 1 } { #n } log π ( l:l ) = frac { #log } { #n } = l:#s!"}
	}
	p.both(formula, func(side *slowmotion.Side) words.Values {
		return words.Values{"p": words.Digits(num.Exp(side.LogPi), 4), "q": words.Digits(num.Exp(side.LogRef), 4), "n": words.Count(side.Tokens),
			"log": words.Fixed(side.LogPi, 3), "s": words.Fixed(side.Score, 3)}
	})
}

func (p *writer) margin() {
	v, w, l := &p.s.Vote, &p.s.Sides[0], &p.s.Sides[1]
	n := words.Values{"w": words.Fixed(w.Score, 3), "l": words.Fixed(l.Score, 3), "h": words.Fixed(v.Margin, 3), "u": words.Fixed(v.U, 3)}
	if p.s.By == slowmotion.ByScores {
		p.line("", "u = r̂ ( w:w ) − r̂ ( l:l ) = w:#w − l:#(l) = #u!", n)
		return
	}
	beta := v.Loss.Params.Beta
	n["beta"], n["z"] = plain(beta), words.Fixed(v.Baseline, 3)
	n["gamma"] = plain(v.Loss.Params.Gamma)
	n["tw"], n["tl"] = words.Fixed(beta*(w.Score-v.Baseline), 3), words.Fixed(beta*(l.Score-v.Baseline), 3)
	switch o := v.Loss.Objective; {
	case o.Baseline:
		p.line("", "z_0 = #z!", n)
		p.line("", "t_w = β ( w:#w − #(z) ) = w:#tw!", n)
		p.line("", "t_l = β ( l:#l − #(z) ) = l:#tl!", n)
	case o.Beta == objective.BetaTarget:
		p.line("", "h = w:#w − l:#(l) = #h!", n)
	case v.Loss.Margin.Shift != 0:
		p.line("", "u = β ( w:#w − l:#(l) ) − γ", n)
		p.line("", "thin = #beta × #(h) − #gamma = #u!", n)
	default:
		p.line("", "u = β ( w:#w − l:#(l) )", n)
		p.line("", "thin = #beta × #(h) = #u!", n)
	}
}

// plain writes a setting as it was typed.
func plain(x float64) string { return words.General(x, -1) }

func (p *writer) push() {
	s, v, w, l := p.s, &p.s.Vote, &p.s.Sides[0], &p.s.Sides[1]
	n := words.Values{"u": words.Fixed(v.U, 3), "su": words.Digits(num.Sigmoid(v.U), 4), "weight": words.Digits(v.Weight, 4), "loss": words.Fixed(v.Value, 3),
		"push": words.Digits(w.Push, 3), "down": words.Digits(l.Push, 3)}
	if s.By == slowmotion.ByScores {
		p.line("lost", "neg log σ ( u ) = neg log #su = #loss!", n)
		p.line("one", "σ ( neg u ) = #push!", n)
		return
	}
	n["beta"] = plain(v.Loss.Params.Beta)
	f := formulaOf(v.Loss.Objective)
	if f.where != "" {
		p.line("where", f.where, n)
	}
	switch f.chosen {
	case betaSigma:
		p.line("lost", "neg log σ ( u ) = neg log #su = #loss!", n)
		p.line("weight", "σ ( neg u ) = #weight!", n)
		p.line("one", "β σ ( neg u ) = #beta × #weight = #scale!", n.With("scale", words.Digits(v.Loss.Params.Beta*v.Weight, 3)))
	default:
		p.line("lost", f.loss+" = #loss!", n)
		if f.other == "" {
			p.line("one", f.chosen+" = #push!", n.With("push", words.Digits(w.Push*w.Tokens, 3)))
		}
	}
	if f.other != "" || w.Tokens != 1 && v.Loss.Objective.Lengths {
		if f.other == "" {
			f.chosen, f.other = "neg frac { ∂ ℓ } { ∂ log π ( w:w ) }", "neg frac { ∂ ℓ } { ∂ log π ( l:l ) }"
		}
		p.line("chosen", f.chosen+" = w:#push!", n.With("push", words.Digits(w.Push, 3)))
		p.line("rejected", f.other+" = l:#down!", n)
	}
}

func (p *writer) gradient() {
	v := &p.s.Vote
	sorted := p.s.By != slowmotion.ByScores && p.sorted()
	if !sorted && v.Batch > 0 {
		p.parts()
	}
	p.table("", "slow.head.part", "slow.head.sum")
	for i, ink := range [2]string{"w", "l"} {
		side := &p.s.Sides[i]
		part := signedDigits(side.Part)
		if sorted {
			part = "–"
		}
		p.row(p.name(side.Reply), ink, part, signedDigits(side.Sum))
	}
	if n := p.l.Arms(); n > 2 && p.s.By != slowmotion.ByScores {
		part, sum := signedDigits(v.Others), v.SumOthers
		if sorted {
			part = "–"
		}
		if math.Abs(sum) < words.Noise*widest(p.s.Sides[0].Sum, p.s.Sides[1].Sum) {
			sum = 0
		}
		p.row(p.w.Say("slow.row.others", "n", strconv.Itoa(n-2)), "", part, signedDigits(sum))
	}
	p.together()
}

// together says what the next line goes on with, where other pairs push as well.
func (p *writer) together() {
	w, l := &p.s.Sides[0], &p.s.Sides[1]
	if sum := (words.Values{"w": signedDigits(w.Sum), "l": signedDigits(l.Sum)}); sum["w"] != signedDigits(w.Part) || sum["l"] != signedDigits(l.Part) {
		p.line("together", "g_w = w:#w! , thin g_l = l:#l!", sum)
	}
}

// parts works out what the pair's votes add to the gradient.
func (p *writer) parts() {
	v := &p.s.Vote
	letter := [2]string{"g_w +=", "g_l +="}
	if v.Others != 0 {
		letter = [2]string{"c_w =", "c_l ="}
	}
	var c [2]float64
	for i := range p.s.Sides {
		side := &p.s.Sides[i]
		c[i] = (v.Won*side.Push + v.Lost*side.PushLost) / v.Batch
		sum, n := sumOf(v, side)
		p.line("", letter[i]+" frac { "+sum+" } { #n } = "+inkOf[i]+":#part!", n.With("part", signedDigits(c[i])))
	}
	if v.Others == 0 {
		return
	}
	for i, ink := range inkOf {
		side := &p.s.Sides[i]
		p.line("", "g_"+ink+" += c_"+ink+" − π ( "+ink+":"+ink+" ) Σ c", nil)
		p.line("", "thin = #c − #pi × #(total) = "+ink+":#part!", words.Values{"c": words.Digits(c[i], 3),
			"pi": words.Digits(num.Exp(side.LogPi), 3), "total": words.Digits(c[0]+c[1], 3), "part": signedDigits(side.Part)})
	}
}

// inkOf is the ink of either side.
var inkOf = [2]string{"w", "l"}

// sumOf writes won·push + lost·push′ of a side, what is negative last and with a
// minus.
func sumOf(v *slowmotion.Vote, side *slowmotion.Side) (sum string, n words.Values) {
	n = words.Values{"won": words.Count(v.Won), "lost": words.Count(v.Lost), "n": words.Count(v.Batch), "push": words.Digits(side.Push, 3), "back": words.Digits(side.PushLost, 3)}
	switch {
	case v.Lost == 0:
		return "#won × #(push)", n
	case v.Won == 0:
		return "#lost × #(back)", n
	case side.Push > 0 && side.PushLost < 0:
		return "#won × #push − #lost × #less", n.With("less", words.Digits(-side.PushLost, 3))
	case side.Push < 0 && side.PushLost > 0:
		return "#lost × #back − #won × #less", n.With("less", words.Digits(-side.Push, 3))
	}
	return "#won × #(push) + #lost × #(back)", n
}

// signedDigits writes x with a sign and three significant digits.
func signedDigits(x float64) string {
	s := words.Digits(x, 3)
	if x > 0 && !words.IsZero(s) {
		return "+" + s
	}
	return s
}

func (p *writer) weights() {
	p.table("", "slow.head.features.w", "slow.head.features.l", "slow.head.gradient")
	for j, w := range p.s.Weights {
		p.row("θ"+subscript(j+1), "", words.Fixed(w.Features[0], 2), words.Fixed(w.Features[1], 2), signedDigits(w.Sum))
		if j+1 == mostWeights {
			break
		}
	}
}

// mostWeights is how many weights are listed.
const mostWeights = 8

func subscript(n int) string {
	out := ""
	for _, d := range strconv.Itoa(n) {
		out += string('₀' + d - '0')
	}
	return out
}

// decimals returns how many decimals show that a number moves by a gap.
func decimals(gap float64) int {
	if !(gap != 0) || math.IsInf(gap, 0) {
		return 3
	}
	return max(3, min(9, 1-int(math.Floor(math.Log10(math.Abs(gap))))))
}

// points returns how many decimals show that a percentage moves by a gap.
func points(gap float64) int {
	if !(gap != 0) || math.IsInf(gap, 0) {
		return 2
	}
	return max(2, min(6, 1-int(math.Floor(math.Log10(math.Abs(gap))))))
}

// pairPoints returns the decimals of the pair's percentages.
func (p *writer) pairPoints() int {
	w, l := &p.s.Sides[0], &p.s.Sides[1]
	return points(100 * widest(w.PiNext-w.Pi, l.PiNext-l.Pi))
}

// widest returns the larger size.
func widest(a, b float64) float64 { return math.Max(math.Abs(a), math.Abs(b)) }

func (p *writer) update() {
	if p.s.By == slowmotion.ByReplies {
		p.replies(slowmotion.StageUpdate)
		return
	}
	if len(p.s.Weights) > 0 {
		p.updateWeights()
		return
	}
	letter := "z"
	if p.s.By == slowmotion.ByScores {
		letter = "r̂"
	}
	for i, ink := range [2]string{"w", "l"} {
		side := &p.s.Sides[i]
		n := p.optimiser(side.Sum, side.Moment, side.Square)
		d := decimals(side.ZNext - side.Z)
		n["z"], n["next"] = words.Fixed(side.Z, d), words.Fixed(side.ZNext, d)
		if memory := memories[p.s.Rule.Kind]; memory != "" {
			p.line("", memory, n)
		}
		p.line("", letter+"_"+ink+" = #z + "+steps[p.s.Rule.Kind]+" = "+ink+":#next!", n)
	}
}

// memories and steps say what an optimiser remembers and the step it takes.
var memories = [...]string{train.SGD: "", train.Adam: "m̂ = #m , thin sqrt { v̂ } = #root",
	train.Momentum: "v = #m", train.RMSprop: "sqrt { s } = #root"}

var steps = [...]string{train.SGD: "#rate × #(g)", train.Adam: "#rate × frac { #m } { #root }",
	train.Momentum: "#rate × #(m)", train.RMSprop: "#rate × frac { #g } { #root }"}

// optimiser returns what the rule makes of a gradient.
func (p *writer) optimiser(g, moment, square float64) words.Values {
	if p.s.Rule.Kind == train.Adam {
		moment, square = moment/(1-p.s.Vote.Decay[0]), square/(1-p.s.Vote.Decay[1])
	}
	return words.Values{"rate": plainRate(p.s.Rule.Rate), "g": words.Digits(g, 3), "m": words.Digits(moment, 3), "root": words.Digits(math.Sqrt(square)+p.s.Rule.Eps, 3)}
}

// plainRate writes a learning rate that was typed as it was, and one that follows
// from β with a few digits.
func plainRate(x float64) string {
	if s := plain(x); len(s) <= 6 {
		return s
	}
	return words.Digits(x, 3)
}

func (p *writer) updateWeights() {
	for j, w := range p.s.Weights {
		if j == mostWeights {
			break
		}
		n := p.optimiser(w.Sum, w.Moment, w.Square)
		d := decimals(w.Will - w.Was)
		n["z"], n["next"] = words.Fixed(w.Was, d), words.Fixed(w.Will, d)
		p.line("", "θ_"+strconv.Itoa(j+1)+" = #z + "+steps[p.s.Rule.Kind]+" = #next!", n)
	}
	p.table("slow.head.logit", "slow.head.before", "slow.head.after")
	for i, ink := range [2]string{"w", "l"} {
		side := &p.s.Sides[i]
		d := decimals(side.ZNext - side.Z)
		p.row(p.name(side.Reply), ink, words.Fixed(side.Z, d), words.Fixed(side.ZNext, d))
	}
}

func (p *writer) softmax() {
	d := p.pairPoints()
	for i, ink := range [2]string{"w", "l"} {
		side := &p.s.Sides[i]
		e := num.Exp(side.ZNext)
		p.line("", "π ( "+ink+":"+ink+" ) = frac { sup { e } { #z } } { Σ e^z } = frac { #e } { #sum } = "+ink+":#next! thin %", words.Values{
			"z": words.Fixed(side.ZNext, 3), "e": words.Digits(e, 4), "sum": words.Digits(e/side.PiNext, 4), "next": words.Fixed(100*side.PiNext, d)})
	}
}

func (p *writer) moves() {
	p.table("slow.head.reply", "slow.head.was", "slow.head.is", "slow.head.points")
	most, sum := 0.0, 0.0
	for _, row := range p.s.Rows {
		most = math.Max(most, math.Abs(row.Gained))
		sum += row.Gained
	}
	d := points(100 * most)
	for _, row := range p.s.Rows {
		name, ink := p.rowName(&row)
		p.row(name, ink, words.Fixed(100*row.Pi, d), words.Fixed(100*row.PiNext, d), words.Signed(100*row.Gained, d))
	}
	p.row(p.w.Say("slow.row.all"), "", "100", "100", words.Fixed(100*sum, d))
	w, l := p.name(p.s.Sides[0].Reply), p.name(p.s.Sides[1].Reply)
	direct := 100 * p.s.Direct
	if direct < 0 {
		w, l, direct = l, w, -direct
	}
	p.Note = p.w.Say("slow.note.moves", "points", words.Fixed(direct, d), "to", w, "from", l)
	if p.s.RefMoves {
		p.Note += " " + p.w.Say("slow.note.refmoves")
	}
}

// table begins a table with columns named in the catalogue.
func (p *writer) table(columns ...string) {
	head := make([]string, len(columns))
	for i, key := range columns {
		if key != "" {
			head[i] = p.w.Say(key)
		}
	}
	p.Table = WorkedTable{Head: head}
}

func (p *writer) row(name, ink string, cells ...string) {
	p.Table.Rows = append(p.Table.Rows, append([]string{name}, cells...))
	p.Table.Inks = append(p.Table.Inks, ink)
}

// name quotes a reply, cut to the length of a bar's name.
func (p *writer) name(reply int) string {
	return p.w.Say("said.quote", "text", read.Cut(read.Told(p.l.Problem.Prompts[p.l.Prompt()].Replies, reply), read.BarLength))
}

func (p *writer) rowName(row *slowmotion.Row) (name, ink string) {
	switch {
	case row.Reply < 0:
		return p.w.Say(p.w.Form("said.rest", row.Count), "n", strconv.Itoa(row.Count)), ""
	case row.Reply == p.s.Sides[0].Reply:
		ink = "w"
	case row.Reply == p.s.Sides[1].Reply:
		ink = "l"
	}
	return p.name(row.Reply), ink
}
