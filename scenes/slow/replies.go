package slow

import (
	"strconv"

	"dpoplayground/core"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/slowmotion"
	"dpoplayground/scenes/words"
)

// replies fills in a stage of RLHF: a table of the replies, which grows by a
// column from stage to stage.
func (p *writer) replies(at slowmotion.Stage) {
	r := &p.s.Replies
	exact := r.Config.How == rlhf.ExactGradient
	first := "slow.head.drawn"
	if exact {
		first = "slow.head.prob"
	}
	columns := map[slowmotion.Stage][]string{
		slowmotion.StageGenerate:  {first},
		slowmotion.StageReward:    {first, "slow.head.reward"},
		slowmotion.StageLeash:     {"slow.head.reward", "slow.head.leash", "slow.head.gain"},
		slowmotion.StageAdvantage: {"slow.head.gain", "slow.head.advantage"},
		slowmotion.StageUpdate:    {"slow.head.advantage", "slow.head.push", "slow.head.step"},
	}[at]
	if at == slowmotion.StageUpdate && r.Updates > 1 {
		columns = []string{"slow.head.advantage", "slow.head.ratio", "slow.head.step"}
	}
	p.table(append([]string{"slow.head.reply"}, columns...)...)
	for _, k := range p.listed() {
		ink := ""
		switch k {
		case p.s.Sides[0].Reply:
			ink = "w"
		case p.s.Sides[1].Reply:
			ink = "l"
		}
		cells := make([]string, len(columns))
		for i, column := range columns {
			cells[i] = p.cell(column, &r.Of[k])
		}
		p.row(p.name(k), ink, cells...)
	}
	p.Note = p.replyNote(at)
}

// listed returns the replies that have a row of their own in Rows.
func (p *writer) listed() (list []int) {
	for _, row := range p.s.Rows {
		if row.Reply >= 0 {
			list = append(list, row.Reply)
		}
	}
	return list
}

func (p *writer) cell(column string, reply *slowmotion.Reply) string {
	r := &p.s.Replies
	said := reply.Drawn > 0 || r.Config.How == rlhf.ExactGradient
	switch column {
	case "slow.head.drawn":
		return words.Count(float64(reply.Drawn))
	case "slow.head.prob":
		return words.Digits(reply.Pi, 3)
	case "slow.head.step":
		return signedDigits(reply.Step)
	case "slow.head.push":
		return signedDigits(reply.Push)
	case "slow.head.reward":
		return when(said, words.Fixed(reply.Reward, 3))
	case "slow.head.leash":
		return when(said, words.Fixed(reply.Leash, 3))
	case "slow.head.gain":
		return when(said, words.Fixed(reply.Gain, 3))
	case "slow.head.advantage":
		return when(said, words.Signed(reply.Advantage, 3))
	}
	return when(said, words.Fixed(reply.Ratio, 3)+map[bool]string{true: " ⊣"}[reply.Beyond])
}

// when returns a text, or a dash for what nothing is known of.
func when(known bool, text string) string {
	if known {
		return text
	}
	return "–"
}

// replyNote says what happens at a stage of RLHF, with its numbers.
func (p *writer) replyNote(at slowmotion.Stage) string {
	r := &p.s.Replies
	args := []string{"n", words.Count(float64(r.Batch)), "mean", words.Fixed(r.Mean, 3), "value", words.Fixed(r.Value, 3), "group", strconv.Itoa(r.Config.Group),
		"rate", plainRate(p.s.Rule.Rate), "updates", strconv.Itoa(r.Updates), "clipped", words.Count(float64(r.Clipped)), "part", words.Count(float64(r.Part)),
		"low", plainRate(1 - r.Config.Clip), "high", plainRate(1 + r.Config.ClipAbove()), "optimiser", p.w.Say("param.opt." + core.Params()[core.Optimizer].Choices[p.s.Rule.Kind])}
	counted := r.Batch
	if at == slowmotion.StageUpdate {
		counted = r.Updates
	}
	note := p.w.Say(p.w.Form("slow.note."+p.replyKey(at), counted), args...)
	if at == slowmotion.StageUpdate && r.Config.Leash == rlhf.LeashK3Loss {
		note += " " + p.w.Say("slow.note.k3")
	}
	if at == slowmotion.StageGenerate && r.Batch > 0 && r.Here == 0 {
		note += " " + p.w.Say("slow.note.elsewhere")
	}
	return note
}

// replyKey names what is said of a stage of RLHF.
func (p *writer) replyKey(at slowmotion.Stage) string {
	c := &p.s.Replies.Config
	name := p.heading(at)
	group := c.How == rlhf.RLOO || c.How == rlhf.GRPO
	switch {
	case at == slowmotion.StageLeash && c.Leash == rlhf.LeashK3Loss:
		return name + ".loss"
	case at == slowmotion.StageReward || at == slowmotion.StageLeash:
		return name
	case c.How == rlhf.ExactGradient:
		return name + ".exact"
	case at == slowmotion.StageGenerate && group:
		return name + ".group"
	case at == slowmotion.StageAdvantage && c.How == rlhf.RLOO:
		return name + ".others"
	case at == slowmotion.StageAdvantage && c.How == rlhf.GRPO && c.Normalise:
		return name + ".spread"
	case at == slowmotion.StageAdvantage && group:
		return name + ".group"
	case at == slowmotion.StageAdvantage && c.How == rlhf.PPO && c.ValueRate > 0:
		return name + ".value"
	case at == slowmotion.StageUpdate && p.s.Replies.Updates > 1:
		return name + ".clip"
	}
	return name
}
