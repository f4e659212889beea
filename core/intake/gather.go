package intake

import (
	"bytes"
	"slices"

	"dpoplayground/core/data"
)

// A gatherer collects preferences and thumbs into a data set. Prompts and replies are
// numbered in order of first appearance, and each text is kept once for each
// prompt.
type gatherer struct {
	data     data.Dataset
	prompts  map[string]int32 // by the system's text, a zero byte and the question, or by the question alone
	systems  []systemOf
	key      []byte
	replies  map[replyKey]int32 // only of prompts with more than fewReplies
	pairs    map[pairKey]int32
	thumbs   map[thumbKey]int32
	distinct int // replies
	votes    float64
	up, down float64 // thumbs
	rows     []int32 // of thumbs, for each of the data's thumbs
	last     zero    // where the last row was counted
	done     float64 // the part of the file that has been read, 0 where unknown
}

// fewReplies are found faster by comparing each than through a map, and the
// map of a file with many prompts would be the largest thing in memory.
const fewReplies = 8

type replyKey struct {
	prompt int32
	text   string
}

type pairKey struct{ prompt, chosen, rejected int32 }

type thumbKey struct{ prompt, reply int32 }

func newGatherer() gatherer {
	return gatherer{
		prompts: map[string]int32{},
		replies: map[replyKey]int32{},
		pairs:   map[pairKey]int32{},
		thumbs:  map[thumbKey]int32{},
	}
}

// add counts that chosen was preferred to rejected, or says why the two cannot
// be a pair.
func (g *gatherer) add(system, prompt, chosen, rejected []byte, count float64) skip {
	chosen, rejected = composed(chosen), composed(rejected)
	switch {
	case len(chosen) == 0 || len(rejected) == 0:
		return skipEmpty
	case bytes.Equal(chosen, rejected):
		return skipSame
	}
	p := g.prompt(system, composed(prompt))
	key := pairKey{p, g.reply(p, chosen), g.reply(p, rejected)}
	i, known := g.pairs[key]
	if !known {
		i = int32(len(g.data.Pairs))
		g.pairs[key] = i
		g.data.Pairs = append(room(g.data.Pairs, g.done), data.Pair{
			Prompt: int(p), Chosen: int(key.chosen), Rejected: int(key.rejected)})
	}
	g.data.Pairs[i].Count += count
	g.votes += count
	g.last = zero{i, false, count}
	return skipNone
}

// addThumb counts a thumb of a single reply, or says why it cannot be.
func (g *gatherer) addThumb(system, prompt, reply []byte, up bool, count float64) skip {
	if reply = composed(reply); len(reply) == 0 {
		return skipEmpty
	}
	p := g.prompt(system, composed(prompt))
	key := thumbKey{p, g.reply(p, reply)}
	i, known := g.thumbs[key]
	if !known {
		i = int32(len(g.data.Thumbs))
		g.thumbs[key] = i
		g.data.Thumbs = append(room(g.data.Thumbs, g.done), data.Thumb{Prompt: int(p), Reply: int(key.reply)})
		g.rows = append(room(g.rows, g.done), 0)
	}
	g.rows[i]++
	g.last = zero{i, true, count}
	if up {
		g.data.Thumbs[i].Up += count
	} else {
		g.data.Thumbs[i].Down += count
	}
	return skipNone
}

// A zero is a row with the label 0, counted as a pair with the first reply
// rejected or as a thumb down.
type zero struct {
	index int32 // of the pair or the thumb
	thumb bool
	count float64
}

// takeBack undoes what rows with the label 0 have counted, and returns how many
// they are.
func (g *gatherer) takeBack(rows []zero) int {
	for _, z := range rows {
		if z.thumb {
			g.data.Thumbs[z.index].Down -= z.count
			g.rows[z.index]--
			continue
		}
		g.data.Pairs[z.index].Count -= z.count
		g.votes -= z.count
	}
	g.data.Pairs = slices.DeleteFunc(g.data.Pairs, func(p data.Pair) bool { return p.Count == 0 })
	kept := g.rows[:0]
	for _, n := range g.rows {
		if n > 0 {
			kept = append(kept, n)
		}
	}
	g.rows = kept
	g.data.Thumbs = slices.DeleteFunc(g.data.Thumbs, func(t data.Thumb) bool { return t.Up+t.Down == 0 })
	return len(rows)
}

// leaveOutAlone drops the prompts with a single reply, which a policy cannot but
// say, and returns how many rows they had. Pairs name two.
func (g *gatherer) leaveOutAlone() (rows int) {
	place := make([]int, len(g.data.Prompts)) // of each prompt among those that stay, or −1
	prompts := g.data.Prompts[:0]
	for i, p := range g.data.Prompts {
		place[i] = len(prompts)
		if len(p.Replies) < 2 {
			place[i] = -1
			g.distinct--
			continue
		}
		prompts = append(prompts, p)
	}
	g.data.Prompts = prompts
	thumbs := g.data.Thumbs[:0]
	for i, t := range g.data.Thumbs {
		if t.Prompt = place[t.Prompt]; t.Prompt < 0 {
			rows += int(g.rows[i])
			continue
		}
		g.up += t.Up
		g.down += t.Down
		thumbs = append(thumbs, t)
	}
	g.data.Thumbs = thumbs
	for i := range g.data.Pairs {
		g.data.Pairs[i].Prompt = place[g.data.Pairs[i].Prompt]
	}
	return rows
}

// prompt returns a question's number. What a system is told beforehand tells
// equal questions apart.
func (g *gatherer) prompt(system, text []byte) int32 {
	key := text
	if len(system) > 0 {
		g.key = append(append(append(g.key[:0], system...), 0), text...)
		key = g.key
	}
	if i, known := g.prompts[string(key)]; known {
		return i
	}
	i := int32(len(g.data.Prompts))
	kept := string(key)
	g.prompts[kept] = i
	g.data.Prompts = append(room(g.data.Prompts, g.done), data.Prompt{Text: kept[len(kept)-len(text):], Replies: make([]data.Reply, 0, 2)})
	if len(system) > 0 {
		g.systems = append(g.systems, systemOf{i, kept[:len(system)]})
	}
	return i
}

// systemOf says what a system was told before a question.
type systemOf struct {
	prompt int32
	text   string
}

// tellApart writes what the system was told before the questions that would
// read the same without it.
func (g *gatherer) tellApart() {
	if len(g.systems) == 0 {
		return
	}
	times := map[string]int{}
	for _, p := range g.data.Prompts {
		times[p.Text]++
	}
	for _, s := range g.systems {
		if p := &g.data.Prompts[s.prompt]; times[p.Text] > 1 {
			p.Text = "system: " + s.text + "\n\nuser: " + p.Text
		}
	}
}

func (g *gatherer) reply(prompt int32, text []byte) int32 {
	p := &g.data.Prompts[prompt]
	if i, known := g.find(prompt, text); known {
		return i
	}
	p.Replies = append(room(p.Replies, g.done), data.Reply{Text: string(text)})
	g.distinct++
	switch n := len(p.Replies); {
	case n == fewReplies+1:
		for i, reply := range p.Replies {
			g.replies[replyKey{prompt, reply.Text}] = int32(i)
		}
	case n > fewReplies+1:
		g.replies[replyKey{prompt, p.Replies[n-1].Text}] = int32(n - 1)
	}
	return int32(len(p.Replies) - 1)
}

func (g *gatherer) find(prompt int32, text []byte) (reply int32, known bool) {
	replies := g.data.Prompts[prompt].Replies
	if len(replies) > fewReplies {
		reply, known = g.replies[replyKey{prompt, string(text)}]
		return reply, known
	}
	for i := range replies {
		if replies[i].Text == string(text) {
			return int32(i), true
		}
	}
	return 0, false
}

// room makes room in a full list for as many elements as the rest of the file
// will bring, if it goes on like this: growing time and again, a long list is
// copied in calls that then take far longer than all others.
func room[T any](list []T, done float64) []T {
	const small = 1024
	if len(list) < cap(list) || len(list) < small || done <= 0 || done >= 1 {
		return list
	}
	expected := int(1.1*float64(len(list))/done) + small
	return slices.Grow(list, max(0, min(expected, MaxRows)-len(list)))
}
