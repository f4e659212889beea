//go:build js

package view

import (
	"math"
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/train"
	"dpoplayground/scenes/mass"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// A choice is of the replies that are shown. While a run plays it holds for some
// time.
type choice struct {
	read.Shown
	problem *data.Problem
	prompt  int
	at      float64 // when it was last made, ms
}

// rechooseAfter is how long a choice holds while a run plays, ms.
const rechooseAfter = 2000

// sameReplies tells whether two problems have the same replies to a prompt, whatever
// was preferred.
func sameReplies(a, b *data.Problem, prompt int) bool {
	return a == b || prompt < min(len(a.Prompts), len(b.Prompts)) && slices.EqualFunc(a.Prompts[prompt].Replies, b.Prompts[prompt].Replies,
		func(a, b data.Reply) bool { return a.Text == b.Text })
}

// follow chooses anew if that is due, and tells whether other replies are shown
// than before.
func (c *choice) follow(l *core.Lab, now float64, playing bool) (other bool) {
	other = c.problem == nil || l.Prompt() != c.prompt || !sameReplies(l.Problem, c.problem, c.prompt)
	c.problem, c.prompt = l.Problem, l.Prompt()
	if other || !playing || now-c.at > rechooseAfter {
		c.at = now
		other = c.Choose(l) || other
	}
	return other
}

// bars are the mass of one run: a bar for each reply that is shown, and the
// grains in them.
type bars struct {
	names  read.Teller
	view   *mass.View
	grains *mass.Grains
	state  mass.Mass
	shown  choice
	flow   train.Flow

	was, now []float64 // log-probabilities of the bars
	ghost    []float64 // probabilities of the bars before β was moved
	policy   []float64
}

func newBars(words words.Words) bars {
	return bars{view: mass.NewView(words), grains: mass.NewGrains(), state: mass.Mass{Focus: -1}}
}

// take takes over where a lab stands. The bars may be of other replies than
// before.
func (b *bars) take(l *core.Lab, other bool, now float64) {
	b.fill(l)
	b.moveGrains(now, other)
}

// fill writes the bars.
func (b *bars) fill(l *core.Lab) {
	b.state.Read(l, &b.names, &b.shown.Shown)
	if len(b.ghost) != len(b.state.Replies) {
		b.state.Ghost = 0
	}
	b.policy = b.policy[:0]
	for i := range b.state.Replies {
		if b.state.Ghost > 0 {
			b.state.Replies[i].Ghost = b.ghost[i]
		}
		b.policy = append(b.policy, b.state.Replies[i].Policy)
	}
}

// moveGrains sends grains along the flows from what was shown to what is.
func (b *bars) moveGrains(now float64, other bool) {
	b.now = b.now[:0]
	for _, p := range b.policy {
		b.now = append(b.now, math.Log(math.Max(p, 1e-300)))
	}
	if other || len(b.was) != len(b.now) {
		b.grains.Reset(b.policy)
	} else {
		b.flow.Between(b.was, b.now)
		b.grains.Move(b.policy, b.flow.Net, now)
	}
	b.was = append(b.was[:0], b.now...)
}
