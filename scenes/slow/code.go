package slow

import (
	"strconv"
	"strings"
	"unicode"

	"dpoplayground/core"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/slowmotion"
	"dpoplayground/core/train"
	"dpoplayground/scenes/words"
)

// The training loop in pseudo-code. It is the same in every language.

// code writes the loop, each stage a line. Those that go through the votes
// stand within the lines that frame them.
func (p *writer) code() {
	framed := false
	for i, at := range p.s.Stages {
		line := CodeLine{Text: p.statement(at), Stage: i}
		if at >= slowmotion.StageLogProbs && at <= slowmotion.StageGradient {
			if !framed {
				framed = true
				p.frame()
			}
			line.Indent = 1
		}
		if n := p.s.Replies.Updates; at == slowmotion.StageUpdate && n > 1 {
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
func (p *writer) frame() {
	from := "votes"
	switch n := p.l.Experiment.Settings[core.Batch]; {
	case p.s.By == slowmotion.ByVotes && n > 0:
		from = "batch"
		p.Code = append(p.Code, CodeLine{Text: "batch = draw(votes, " + plain(n) + ")", Stage: -1})
	case p.s.By == slowmotion.ByJudges:
		from = "batch"
	}
	p.Code = append(p.Code, CodeLine{Text: "for w, l in " + from + ":", Stage: -1})
}

func (p *writer) statement(at slowmotion.Stage) string {
	if p.s.By == slowmotion.ByReplies {
		if text := p.policyStatement(at); text != "" {
			return text
		}
	}
	switch at {
	case slowmotion.StageJudged:
		return "batch = judge(π.sample(2), " + words.Count(p.s.Vote.Batch) + ")"
	case slowmotion.StageLogProbs:
		return "p = log π[w, l]"
	case slowmotion.StageScores:
		return p.scoreStatement()
	case slowmotion.StageMargin:
		return p.marginStatement()
	case slowmotion.StagePush:
		return p.pushStatement()
	case slowmotion.StageGradient:
		if p.s.Vote.Others != 0 {
			return "c = push/N;  g += c − π·Σc"
		}
		return "g_w, g_l += ±push/N"
	case slowmotion.StageWeights:
		return "g_θ = F·g"
	case slowmotion.StageUpdate:
		return p.updateStatement()
	case slowmotion.StageSoftmax:
		if len(p.s.Weights) > 0 {
			return "π = softmax(z_0 + F·θ)"
		}
		return "π = softmax(z)"
	}
	return "Δ = π − π_before"
}

func (p *writer) scoreStatement() string {
	if p.s.By == slowmotion.ByScores {
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

func (p *writer) marginStatement() string {
	if p.s.By == slowmotion.ByScores {
		return "u = r_w − r_l"
	}
	s := "s"
	if o := p.s.Vote.Loss.Objective; !o.Reference && !o.Lengths {
		s = "p"
	}
	switch o := p.s.Vote.Loss.Objective; {
	case o.Baseline:
		return "t = β·(s − z_0)"
	case o.Beta == objective.BetaTarget:
		return "h = s_w − s_l"
	case p.s.Vote.Loss.Margin.Shift != 0:
		return "u = β·(s_w − s_l) − γ"
	}
	return "u = β·(" + s + "_w − " + s + "_l)"
}

func (p *writer) pushStatement() string {
	if p.s.By == slowmotion.ByScores {
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
	if p.s.Vote.Loss.Objective.Beta == objective.BetaTarget && p.s.Vote.Loss.Objective.Margin != nil {
		return "push = 2·(1/(2β) − h)"
	}
	return "push = −∂loss/∂log π"
}

func (p *writer) updateStatement() string {
	z, g := "z", "g"
	switch {
	case p.s.By == slowmotion.ByScores:
		z = "r̂"
	case len(p.s.Weights) > 0:
		z, g = "θ", "g_θ"
	}
	text := z + " += η·" + g
	switch p.s.Rule.Kind {
	case train.Momentum:
		text = "v = μ·v + " + g + ";  " + z + " += η·v"
	case train.RMSprop:
		text = z + " += η·" + g + "/√s"
	case train.Adam:
		text = z + " += η·m̂/√v̂"
	}
	return text
}

// policyStatement is a line of RLHF's loop.
func (p *writer) policyStatement(at slowmotion.Stage) string {
	c := &p.s.Replies.Config
	switch at {
	case slowmotion.StageGenerate:
		if c.How == rlhf.ExactGradient {
			return "y = every reply"
		}
		return "y = π.sample(" + strconv.Itoa(p.s.Replies.Batch) + ")"
	case slowmotion.StageReward:
		return "r = reward(y)"
	case slowmotion.StageLeash:
		if c.Leash == rlhf.LeashK3Loss {
			return "f = r"
		}
		return "f = r − β·log(π(y)/π_ref(y))"
	case slowmotion.StageAdvantage:
		return p.advantageStatement()
	case slowmotion.StageUpdate:
		return p.climbStatement()
	}
	return ""
}

func (p *writer) advantageStatement() string {
	switch c := &p.s.Replies.Config; {
	case c.How == rlhf.ExactGradient:
		return "A = f − E[f]"
	case c.How == rlhf.RLOO:
		return "A = f − mean(f of the others)"
	case c.How == rlhf.GRPO && c.Normalise:
		return "A = (f − mean(f)) / std(f)"
	case c.How == rlhf.PPO && c.ValueRate > 0:
		return "A = f − V"
	}
	return "A = f − mean(f)"
}

func (p *writer) climbStatement() string {
	c := &p.s.Replies.Config
	switch c.How {
	case rlhf.ExactGradient:
		return "z += η·π·A"
	case rlhf.PPO, rlhf.GRPO:
		return "z += η·∇mean min(ρA, clip(ρ)A)"
	}
	return "z += η·mean(A·∇log π(y))"
}

// got says in short what a line has come to.
func (p *writer) got(at slowmotion.Stage) string {
	s, v := p.s, &p.s.Vote
	two := func(f func(*slowmotion.Side) string) string { return f(&s.Sides[0]) + "  " + f(&s.Sides[1]) }
	switch at {
	case slowmotion.StageLogProbs:
		return two(func(side *slowmotion.Side) string { return words.Fixed(side.LogPi, 3) })
	case slowmotion.StageScores:
		return two(func(side *slowmotion.Side) string { return words.Fixed(side.Score, 3) })
	case slowmotion.StageMargin:
		switch {
		case s.By != slowmotion.ByScores && v.Loss.Objective.Baseline:
			return two(func(side *slowmotion.Side) string {
				return words.Fixed(v.Loss.Params.Beta*(side.Score-v.Baseline), 3)
			})
		case s.By != slowmotion.ByScores && v.Loss.Objective.Beta == objective.BetaTarget:
			return words.Fixed(v.Margin, 3)
		}
		return words.Fixed(v.U, 3)
	case slowmotion.StagePush:
		if s.By == slowmotion.ByScores || v.Loss.Objective.Margin != nil {
			return words.Digits(s.Sides[0].Push, 3)
		}
		return two(func(side *slowmotion.Side) string { return words.Digits(side.Push, 3) })
	case slowmotion.StageGradient:
		return two(func(side *slowmotion.Side) string { return signedDigits(side.Sum) })
	case slowmotion.StageUpdate:
		if s.By == slowmotion.ByReplies {
			return ""
		}
		if n := len(s.Weights); n > 0 {
			return words.Fixed(s.Weights[0].Will, 3) + "  " + words.Fixed(s.Weights[min(1, n-1)].Will, 3)
		}
		d := decimals(widest(s.Sides[0].ZNext-s.Sides[0].Z, s.Sides[1].ZNext-s.Sides[1].Z))
		return two(func(side *slowmotion.Side) string { return words.Fixed(side.ZNext, d) })
	case slowmotion.StageSoftmax:
		d := p.pairPoints()
		return two(func(side *slowmotion.Side) string { return words.Fixed(100*side.PiNext, d) + "%" })
	}
	return ""
}

// Markup returns the line as HTML, what follows an underscore set lower and the
// pair's letters there in their inks.
func (c *CodeLine) Markup() string {
	var b strings.Builder
	for rest := c.Text; ; {
		text, tail, lowered := strings.Cut(rest, "_")
		b.WriteString(words.Escaped(text))
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
