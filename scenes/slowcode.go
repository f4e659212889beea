package scenes

import (
	"strconv"
	"strings"
	"unicode"

	"dpoplayground/core"
)

// The training loop in pseudo-code. It is the same in every language.

// code writes the loop, each stage a line. Those that go through the votes
// stand within the lines that frame them.
func (p *slowWriter) code() {
	framed := false
	for i, at := range p.s.Stages {
		line := CodeLine{Text: p.statement(at), Stage: i}
		if at >= core.StageLogProbs && at <= core.StageGradient {
			if !framed {
				framed = true
				p.frame()
			}
			line.Indent = 1
		}
		if n := p.s.Replies.Updates; at == core.StageUpdate && n > 1 {
			p.Code = append(p.Code, CodeLine{Text: "for " + strconv.Itoa(n) + " updates:", Stage: -1})
			line.Indent = 1
		}
		if i < p.Stage {
			line.Got = p.got(at)
		}
		if i == p.Stage {
			p.At = len(p.Code)
		}
		p.Code = append(p.Code, line)
	}
}

// frame writes the lines around those that go through the votes.
func (p *slowWriter) frame() {
	from := "votes"
	switch n := p.l.Experiment.Settings[core.Batch]; {
	case p.s.By == core.ByVotes && n > 0:
		from = "batch"
		p.Code = append(p.Code, CodeLine{Text: "batch = draw(votes, " + plain(n) + ")", Stage: -1})
	case p.s.By == core.ByJudges:
		from = "batch"
	}
	p.Code = append(p.Code, CodeLine{Text: "for w, l in " + from + ":", Stage: -1})
}

func (p *slowWriter) statement(at core.Stage) string {
	if p.s.By == core.ByReplies {
		if text := p.policyStatement(at); text != "" {
			return text
		}
	}
	switch at {
	case core.StageJudged:
		return "batch = judge(π.sample(2), " + Count(p.s.Vote.Batch) + ")"
	case core.StageLogProbs:
		return "p = log π[w, l]"
	case core.StageScores:
		return p.scoreStatement()
	case core.StageMargin:
		return p.marginStatement()
	case core.StagePush:
		return p.pushStatement()
	case core.StageGradient:
		if p.s.Vote.Others != 0 {
			return "c = push/N;  g += c − π·Σc"
		}
		return "g_w, g_l += ±push/N"
	case core.StageWeights:
		return "g_θ = F·g"
	case core.StageUpdate:
		return p.updateStatement()
	case core.StageSoftmax:
		if len(p.s.Weights) > 0 {
			return "π = softmax(z_0 + F·θ)"
		}
		return "π = softmax(z)"
	}
	return "Δ = π − π_before"
}

func (p *slowWriter) scoreStatement() string {
	if p.s.By == core.ByScores {
		return "r = r̂[w, l]"
	}
	switch o := p.s.Vote.Loss.Objective; {
	case o.Lengths && o.Reference:
		return "s = (p − log π_ref) / tokens"
	case o.Lengths:
		return "s = p / tokens"
	}
	return "s = p − log π_ref"
}

func (p *slowWriter) marginStatement() string {
	if p.s.By == core.ByScores {
		return "u = r_w − r_l"
	}
	s := "s"
	if o := p.s.Vote.Loss.Objective; !o.Reference && !o.Lengths {
		s = "p"
	}
	switch o := p.s.Vote.Loss.Objective; {
	case o.Baseline:
		return "t = β·(s − z_0)"
	case o.Beta == core.BetaTarget:
		return "h = s_w − s_l"
	case p.s.Vote.Loss.Margin.Shift != 0:
		return "u = β·(s_w − s_l) − γ"
	}
	return "u = β·(" + s + "_w − " + s + "_l)"
}

func (p *slowWriter) pushStatement() string {
	if p.s.By == core.ByScores {
		return "push = σ(−u)"
	}
	switch formulaOf(p.s.Vote.Loss.Objective).chosen {
	case betaSigma:
		return "push = β·σ(−u)"
	case hingePush:
		return "push = β if u < 1 else 0"
	case twoSigmas:
		return "push = β·((1−ε)·σ(−u) − ε·σ(u))"
	}
	if p.s.Vote.Loss.Objective.Beta == core.BetaTarget && p.s.Vote.Loss.Objective.Margin != nil {
		return "push = 2·(1/(2β) − h)"
	}
	return "push = −∂loss/∂log π"
}

func (p *slowWriter) updateStatement() string {
	z, g := "z", "g"
	switch {
	case p.s.By == core.ByScores:
		z = "r̂"
	case len(p.s.Weights) > 0:
		z, g = "θ", "g_θ"
	}
	text := z + " += η·" + g
	switch p.s.Rule.Kind {
	case core.Momentum:
		text = "v = μ·v + " + g + ";  " + z + " += η·v"
	case core.RMSprop:
		text = z + " += η·" + g + "/√s"
	case core.Adam:
		text = z + " += η·m̂/√v̂"
	}
	return text
}

// policyStatement is a line of RLHF's loop.
func (p *slowWriter) policyStatement(at core.Stage) string {
	c := &p.s.Replies.Config
	switch at {
	case core.StageGenerate:
		if c.How == core.ExactGradient {
			return "y = every reply"
		}
		return "y = π.sample(" + strconv.Itoa(p.s.Replies.Batch) + ")"
	case core.StageReward:
		return "r = reward(y)"
	case core.StageLeash:
		if c.Leash == core.LeashK3Loss {
			return "f = r"
		}
		return "f = r − β·log(π(y)/π_ref(y))"
	case core.StageAdvantage:
		return p.advantageStatement()
	case core.StageUpdate:
		return p.climbStatement()
	}
	return ""
}

func (p *slowWriter) advantageStatement() string {
	switch c := &p.s.Replies.Config; {
	case c.How == core.ExactGradient:
		return "A = f − E[f]"
	case c.How == core.RLOO:
		return "A = f − mean(f of the others)"
	case c.How == core.GRPO && c.Normalise:
		return "A = (f − mean(f)) / std(f)"
	case c.How == core.PPO && c.ValueRate > 0:
		return "A = f − V"
	}
	return "A = f − mean(f)"
}

func (p *slowWriter) climbStatement() string {
	c := &p.s.Replies.Config
	switch c.How {
	case core.ExactGradient:
		return "z += η·π·A"
	case core.PPO, core.GRPO:
		return "z += η·∇mean min(ρA, clip(ρ)A)"
	}
	return "z += η·mean(A·∇log π(y))"
}

// got says in short what a line has come to.
func (p *slowWriter) got(at core.Stage) string {
	s, v := p.s, &p.s.Vote
	two := func(f func(*core.SlowSide) string) string { return f(&s.Sides[0]) + "  " + f(&s.Sides[1]) }
	switch at {
	case core.StageLogProbs:
		return two(func(side *core.SlowSide) string { return Fixed(side.LogPi, 3) })
	case core.StageScores:
		return two(func(side *core.SlowSide) string { return Fixed(side.Score, 3) })
	case core.StageMargin:
		switch {
		case s.By != core.ByScores && v.Loss.Objective.Baseline:
			return two(func(side *core.SlowSide) string { return Fixed(v.Loss.Params.Beta*(side.Score-v.Baseline), 3) })
		case s.By != core.ByScores && v.Loss.Objective.Beta == core.BetaTarget:
			return Fixed(v.Margin, 3)
		}
		return Fixed(v.U, 3)
	case core.StagePush:
		if s.By == core.ByScores || v.Loss.Objective.Margin != nil {
			return Digits(s.Sides[0].Push, 3)
		}
		return two(func(side *core.SlowSide) string { return Digits(side.Push, 3) })
	case core.StageGradient:
		return two(func(side *core.SlowSide) string { return signedDigits(side.Sum) })
	case core.StageUpdate:
		if s.By == core.ByReplies {
			return ""
		}
		if n := len(s.Weights); n > 0 {
			return Fixed(s.Weights[0].Will, 3) + "  " + Fixed(s.Weights[min(1, n-1)].Will, 3)
		}
		d := decimals(widest(s.Sides[0].ZNext-s.Sides[0].Z, s.Sides[1].ZNext-s.Sides[1].Z))
		return two(func(side *core.SlowSide) string { return Fixed(side.ZNext, d) })
	case core.StageSoftmax:
		d := p.pairPoints()
		return two(func(side *core.SlowSide) string { return Fixed(100*side.PiNext, d) + "%" })
	}
	return ""
}

// Markup returns the line as HTML, what follows an underscore set lower and the
// pair's letters there in their inks.
func (c *CodeLine) Markup() string {
	var b strings.Builder
	for rest := c.Text; ; {
		text, tail, lowered := strings.Cut(rest, "_")
		b.WriteString(escaped(text))
		if !lowered {
			return b.String()
		}
		end := strings.IndexFunc(tail, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(tail)
		}
		index := tail[:end]
		class := ""
		if index == "w" || index == "l" {
			class = ` class="` + index + `"`
		}
		b.WriteString("<sub" + class + ">" + index + "</sub>")
		rest = tail[end:]
	}
}
