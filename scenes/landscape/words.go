package landscape

import (
	"math"

	"dpoplayground/core/landscape"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// state is all that the words are made from, as far as it is visible.
type state struct {
	made      bool
	names     [3]string
	count     int
	policy    [3]int // visible percentages among all replies
	marks     [3][3]int
	step      int
	beta      float64
	loss      float64
	reached   picture.Reached
	elsewhere bool
	movable   bool
	reward    bool
	none      landscape.FieldState
	held      int
	keep      int
}

func stateOf(m *Landscape) state {
	s := state{made: true, count: len(m.replies), step: m.step, beta: m.beta, loss: m.Loss, reached: m.reached,
		elsewhere: m.elsewhere, movable: m.Movable, reward: m.Reward, none: m.None, held: m.Held, keep: words.VisiblePercent(m.keep)}
	if s.loss != s.loss {
		s.loss = math.Inf(1) // NaN is not equal to itself
	}
	for i := range m.replies {
		s.names[i] = m.replies[i].text
		s.policy[i] = words.VisiblePercent(m.replies[i].policy)
		for n, shares := range [...]*[3]float64{&m.reference, &m.optimum, &m.start} {
			s.marks[n][i] = words.VisiblePercent(shares[i])
		}
	}
	return s
}

// caption says what is held, anew only if it says something new.
func (v *View) caption(m *Landscape) string {
	held, keep := m.Held, words.VisiblePercent(m.keep)
	return v.holds.Say([2]int{held, keep}, func() string {
		return v.words.Say(v.words.Form("landscape.held", held), "n", words.Count(float64(held)), "keep", words.PercentText(keep))
	})
}

// describe fills the picture's words. They are made again only if what they say
// has changed.
func (v *View) describe(p *picture.Picture, m *Landscape) {
	s := stateOf(m)
	if s != v.said {
		v.said = s
		v.tell(m)
	}
	p.Title, p.Desc = v.title, v.desc
}

func (v *View) tell(m *Landscape) {
	w := v.words
	v.title = w.Say("landscape.title")
	if m.Reward {
		v.title = w.Say("landscape.title.reward")
	}
	if len(m.replies) < 2 {
		v.desc = w.Say("landscape.alone")
		return
	}
	v.desc = w.Say("landscape.desc", "replies", v.list(m, nil), "step", words.Count(float64(m.step)), "now", v.list(m, &m.policy))
	if m.None != landscape.FieldShown {
		v.desc += " " + w.Say("landscape.none."+string(m.None))
	} else if chart.Legible(m.Loss) {
		v.desc += " " + w.Say("landscape.desc.loss", "loss", words.Digits(m.Loss, 3))
	}
	v.desc += " " + w.Say("landscape.desc.reference", "reference", v.list(m, &m.reference))
	switch m.reached {
	case picture.Reachable:
		v.desc += " " + w.Say("landscape.desc.optimum", "beta", chart.BetaText(m.beta), "optimum", v.list(m, &m.optimum))
	case picture.NeverReached:
		v.desc += " " + w.Say("landscape.desc.limit", "optimum", v.list(m, &m.optimum))
	}
	if m.Held > 0 {
		v.desc += " " + v.caption(m)
	}
	start := &m.reference
	if m.elsewhere {
		start = &m.start
	}
	v.name = w.Say("landscape.handle", "start", v.list(m, start))
}

// list names the replies, with shares of them if there are any.
func (v *View) list(m *Landscape, shares *[3]float64) string {
	out := ""
	for i := range m.replies {
		if i > 0 {
			out += ", "
		}
		if shares != nil {
			out += v.percents.Say(words.VisiblePercent(shares[i]), words.PercentText) + " "
		}
		out += v.words.Say("landscape.quote", "text", read.Cut(m.replies[i].text, read.BarLength))
	}
	return out
}
