package scenes

import (
	"strconv"

	"dpoplayground/core"
)

// replies fills in a stage of RLHF: a table of the replies, which grows by a
// column from stage to stage.
func (p *slowWriter) replies(at core.Stage) {
	r := &p.s.Replies
	exact := r.Config.How == core.ExactGradient
	first := "slow.head.drawn"
	if exact {
		first = "slow.head.prob"
	}
	columns := map[core.Stage][]string{
		core.StageGenerate:  {first},
		core.StageReward:    {first, "slow.head.reward"},
		core.StageLeash:     {"slow.head.reward", "slow.head.leash", "slow.head.gain"},
		core.StageAdvantage: {"slow.head.gain", "slow.head.advantage"},
		core.StageUpdate:    {"slow.head.advantage", "slow.head.push", "slow.head.step"},
	}[at]
	if at == core.StageUpdate && r.Updates > 1 {
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
func (p *slowWriter) listed() (list []int) {
	for _, row := range p.s.Rows {
		if row.Reply >= 0 {
			list = append(list, row.Reply)
		}
	}
	return list
}

func (p *slowWriter) cell(column string, reply *core.SlowReply) string {
	r := &p.s.Replies
	said := reply.Drawn > 0 || r.Config.How == core.ExactGradient
	switch column {
	case "slow.head.drawn":
		return Count(float64(reply.Drawn))
	case "slow.head.prob":
		return Digits(reply.Pi, 3)
	case "slow.head.step":
		return signedDigits(reply.Step)
	case "slow.head.push":
		return signedDigits(reply.Push)
	case "slow.head.reward":
		return when(said, Fixed(reply.Reward, 3))
	case "slow.head.leash":
		return when(said, Fixed(reply.Leash, 3))
	case "slow.head.gain":
		return when(said, Fixed(reply.Gain, 3))
	case "slow.head.advantage":
		return when(said, Signed(reply.Advantage, 3))
	}
	return when(said, Fixed(reply.Ratio, 3)+map[bool]string{true: " ⊣"}[reply.Beyond])
}

// when returns a text, or a dash for what nothing is known of.
func when(known bool, text string) string {
	if known {
		return text
	}
	return "–"
}

// replyNote says what happens at a stage of RLHF, with its numbers.
func (p *slowWriter) replyNote(at core.Stage) string {
	r := &p.s.Replies
	args := []string{"n", Count(float64(r.Batch)), "mean", Fixed(r.Mean, 3), "value", Fixed(r.Value, 3), "group", strconv.Itoa(r.Config.Group),
		"rate", plainRate(p.s.Rule.Rate), "updates", strconv.Itoa(r.Updates), "clipped", Count(float64(r.Clipped)), "part", Count(float64(r.Part)),
		"clip", plain(r.Config.Clip), "optimiser", p.w.Say("param.opt." + core.Params()[core.Optimizer].Choices[p.s.Rule.Kind])}
	key := "slow.note." + p.replyKey(at)
	note := p.w.Say(key, args...)
	if at == core.StageUpdate && r.Config.Leash == core.LeashK3Loss {
		note += " " + p.w.Say("slow.note.k3")
	}
	if at == core.StageGenerate && r.Batch > 0 && r.Here == 0 {
		note += " " + p.w.Say("slow.note.elsewhere")
	}
	return note
}

// replyKey names what is said of a stage of RLHF.
func (p *slowWriter) replyKey(at core.Stage) string {
	c := &p.s.Replies.Config
	name := p.heading(at)
	group := c.How == core.RLOO || c.How == core.GRPO
	switch {
	case at == core.StageLeash && c.Leash == core.LeashK3Loss:
		return name + ".loss"
	case at == core.StageReward || at == core.StageLeash:
		return name
	case c.How == core.ExactGradient:
		return name + ".exact"
	case at == core.StageGenerate && group:
		return name + ".group"
	case at == core.StageAdvantage && c.How == core.RLOO:
		return name + ".others"
	case at == core.StageAdvantage && c.How == core.GRPO && c.Normalise:
		return name + ".spread"
	case at == core.StageAdvantage && group:
		return name + ".group"
	case at == core.StageAdvantage && c.How == core.PPO && c.ValueRate > 0:
		return name + ".value"
	case at == core.StageUpdate && p.s.Replies.Updates > 1:
		return name + ".clip"
	}
	return name
}
