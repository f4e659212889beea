//go:build js

package main

import (
	"math"
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// editor is the panel with the tables of replies and of votes. A row's controls
// carry its index in data-row and what they change in data-field.
type editor struct{ *app }

func (ed *editor) register(on *handlers) {
	on.do["reply-add"] = func(js.Value) { ed.addReply() }
	on.do["reply-remove"] = func(button js.Value) { ed.removeReply(page.Row(button)) }
	on.do["vote-add"] = func(js.Value) { ed.addVote() }
	on.do["vote-flip"] = func(button js.Value) { ed.flipVote(page.Row(button)) }
	on.do["vote-remove"] = func(button js.Value) { ed.removeVote(page.Row(button)) }
	on.do["votes-thumbs"] = func(js.Value) { ed.host.SetAndRecord(ed.lab.Experiment.TakeThumbs(ed.lab.Problem, ed.presets)) }
	on.do["votes-edit"] = func(js.Value) {
		if ed.host.SetAndRecord(ed.lab.Experiment.TakeVotes(ed.lab.Problem, ed.presets)) {
			ed.page.ByID("vote-add").Call("focus")
		}
	}
	on.change["edit-prompt"] = func(input js.Value) { ed.editPrompt(input.Get("value").String()) }
	on.change["edit-reply"] = func(input js.Value) {
		ed.editField(page.Row(input), page.Data(input, "field"), strings.TrimSpace(input.Get("value").String()))
	}
	on.change["edit-vote"] = func(control js.Value) { ed.editVote(page.Row(control), control) }
	on.shows(ed.sync, theData, theOpen, core.ShownPrompt, core.Source, core.How, core.ObjectiveChoice, core.PolicyChoice)
}

// mostEdited is how many replies of all prompts the page lets edit; more are
// edited in their file.
const mostEdited = 60

// canEdit tells whether the data set is small enough to be edited on the page.
func (ed *editor) canEdit() bool { return ed.lab.Problem.Arms() <= mostEdited }

func (ed *editor) sync() {
	if !ed.panels.isOpen("edit") {
		return
	}
	prompt := &ed.lab.Data.Prompts[ed.lab.Prompt()]
	can := ed.canEdit()
	ed.page.ByID("edit-prompt").SetValue(typedText(prompt.Text))
	ed.page.ByID("edit-prompt").Set("disabled", !can || !core.Typed(prompt.Text))
	note := ""
	if !can {
		note = ed.words.Say("edit.toomany", "n", strconv.Itoa(mostEdited))
	}
	ed.page.ByID("edit-replies-note").SetText(note)
	ed.page.First("[data-do=reply-add]").Set("disabled", !can)
	ed.syncReplies(prompt, can)
	ed.syncVotes(can)
}

// replyColumns are the columns of the table of replies: the fields that they
// edit, and the conditions, as of data-for, under which they are shown.
var replyColumns = [...]struct{ field, label, class, condition string }{
	{"text", "edit.reply", "", ""},
	{"up", "edit.up", "number thumbs", "thumbs:+"},
	{"down", "edit.down", "number thumbs", "thumbs:+"},
	{"reward", "edit.reward", "number", ""},
	{"weight", "edit.reference", "number", ""},
	{"tokens", "edit.tokens", "number", "uses:lengths"},
	{"x", "edit.x", "number", "policy:linear"},
	{"y", "edit.y", "number", "policy:linear"},
	{"custom", "edit.custom", "number", "how:rlhf"},
}

func (ed *editor) syncReplies(prompt *data.Prompt, can bool) {
	n := min(len(prompt.Replies), mostRows)
	rows := ed.page.Rows("edit-replies", n, func(row js.Value) {
		for _, c := range replyColumns {
			ed.inputCell(row, "edit-reply", c.field, c.label).Set("className", c.class)
		}
		row.Get("firstElementChild").Get("firstElementChild").Set("dir", "auto")
		ed.buttonCell(row, "reply-remove", "×", "edit.remove")
	})
	for k := range n {
		cells := rows.Index(k).Get("children")
		for i, text := range ed.replyTexts(prompt, k) {
			cell, c := cells.Index(i), &replyColumns[i]
			cell.Call("toggleAttribute", "hidden", c.condition != "" && !ed.controls.applies(c.condition))
			input := cell.Get("firstElementChild")
			input.Set("value", text)
			input.Set("disabled", !can || c.field == "text" && !core.Typed(prompt.Replies[k].Text))
			input.Get("dataset").Set("row", k)
		}
		remove := cells.Index(len(replyColumns)).Get("firstElementChild")
		remove.Get("dataset").Set("row", k)
		remove.Set("disabled", !can || len(prompt.Replies) <= 2)
	}
}

// replyTexts returns what a reply's row shows.
func (ed *editor) replyTexts(prompt *data.Prompt, k int) [len(replyColumns)]string {
	reply, weight := &prompt.Replies[k], 1.0
	if prompt.Reference != nil {
		weight = prompt.Reference[k]
	}
	up, down := ed.thumbs(k)
	return [...]string{typedText(reply.Text), countText(up), countText(down), rewardText(reply.Reward), strconv.FormatFloat(weight, 'g', -1, 64),
		countText(reply.Tokens), featureText(reply, 0), featureText(reply, 1), rewardText(reply.Custom)}
}

// thumbs returns how many thumbs of each kind a reply of the shown prompt has.
func (ed *editor) thumbs(reply int) (up, down float64) {
	for _, t := range ed.lab.Data.Thumbs {
		if t.Prompt == ed.lab.Prompt() && t.Reply == reply {
			up, down = up+t.Up, down+t.Down
		}
	}
	return up, down
}

// countText writes a count for a control; none is left empty.
func countText(n float64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

func (ed *editor) inputCell(row js.Value, do, field, label string) js.Value {
	input := ed.page.Make(ed.page.Make(row, "td", ""), "input", "")
	input.Set("type", "text")
	input.Set("autocomplete", "off")
	input.Call("setAttribute", "aria-label", ed.words.Say(label))
	input.Get("dataset").Set("doChange", do)
	input.Get("dataset").Set("field", field)
	return input
}

func (ed *editor) buttonCell(row js.Value, do, text, label string) {
	ed.page.Button(ed.page.Make(row, "td", ""), do, text, ed.words.Say(label)).Set("title", ed.words.Say(label))
}

// votesShown returns the rows of the table of votes: the experiment's own
// pairs on the shown prompt, or what was simulated.
func (ed *editor) votesShown() []data.Pair {
	if ed.lab.Experiment.Settings[core.Source] != core.FromGiven {
		return ed.lab.Problem.VotesOf(ed.lab.Prompt())
	}
	var out []data.Pair
	for _, p := range ed.lab.Data.Pairs {
		if p.Prompt == ed.lab.Prompt() {
			if out = append(out, p); len(out) > mostVotes {
				break
			}
		}
	}
	return out
}

// mostVotes is how many pairs the table of votes lists.
const mostVotes = 60

func (ed *editor) syncVotes(can bool) {
	own := ed.lab.Experiment.Settings[core.Source] == core.FromGiven
	votes := ed.votesShown()
	n := min(len(votes), mostVotes)
	key := "edit.votes.simulated"
	switch {
	case own && len(votes) > n:
		key = "edit.votes.more"
	case own:
		key = "edit.votes.own"
	}
	ed.page.ByID("edit-votes-note").SetText(ed.words.Say(key, "n", strconv.Itoa(mostVotes)))
	ed.page.ByID("votes-edit").SetHidden(own)
	ed.page.ByID("votes-thumbs").SetHidden(ed.lab.Problem.Total == 0 || !ed.controls.readsThumbs())
	ed.page.ByID("votes-thumbs").Set("disabled", !can)
	ed.page.ByID("vote-add").SetHidden(!own)
	ed.page.ByID("vote-add").Set("disabled", !can)
	ed.page.ByID("votes-edit").Set("disabled", !can)
	rows := ed.page.Rows("edit-votes", n, func(row js.Value) {
		for _, field := range [2]string{"chosen", "rejected"} {
			list := ed.page.Make(ed.page.Make(row, "td", ""), "select", "")
			list.Call("setAttribute", "aria-label", ed.words.Say("pair."+field))
			list.Get("dataset").Set("doChange", "edit-vote")
			list.Get("dataset").Set("field", field)
		}
		ed.inputCell(row, "edit-vote", "count", "edit.count").Set("className", "number")
		ed.buttonCell(row, "vote-flip", "⇄", "edit.flip")
		ed.buttonCell(row, "vote-remove", "×", "edit.remove")
	})
	replies := ed.lab.Problem.Prompts[ed.lab.Prompt()].Replies
	ed.slow.syncPair() // its lists offer all replies
	options := ed.page.ByID("pair-chosen").Get("innerHTML")
	for i := 0; i < n; i++ {
		cells := rows.Index(i).Get("children")
		for j, chosen := range [2]int{votes[i].Chosen, votes[i].Rejected} {
			list := &page.Element{Value: cells.Index(j).Get("firstElementChild")}
			if !own || !can { // it cannot be changed: the others are not looked for
				list.Offer([]string{read.Quoted(read.Told(replies, chosen))}, 0)
				continue
			}
			if !list.Get("innerHTML").Equal(options) {
				list.Set("innerHTML", options)
			}
			list.Set("selectedIndex", chosen)
		}
		cells.Index(2).Get("firstElementChild").Set("value", words.Count(votes[i].Count))
		for j := 0; j < 5; j++ {
			control := cells.Index(j).Get("firstElementChild")
			control.Set("disabled", !own || !can)
			control.Get("dataset").Set("row", i)
		}
	}
}

// edit changes data of the experiment's own, or says why it cannot.
func (ed *editor) edit(change func(e *core.Experiment) *data.Complaint) {
	e := ed.lab.Experiment.Own(ed.presets)
	e.File = nil
	if c := change(&e); c != nil {
		ed.host.refuse(c)
		return
	}
	ed.host.SetAndRecord(e)
	ed.sync() // what was typed may be written otherwise
}

func (ed *editor) editPrompt(text string) {
	text = strings.TrimSpace(text)
	ed.edit(func(e *core.Experiment) *data.Complaint {
		e.Prompts[ed.lab.Prompt()].Text = text
		return core.CheckText("q", text)
	})
}

func (ed *editor) editField(reply int, field, value string) {
	ed.edit(func(e *core.Experiment) (c *data.Complaint) {
		p := &e.Prompts[ed.lab.Prompt()]
		switch field {
		case "text":
			p.Replies[reply].Text = value
			return core.CheckText("a", value)
		case "reward":
			p.Replies[reply].Reward, c = parseReward(value)
		case "weight":
			var weight float64
			if weight, c = core.ParseWeight(plainNumber(value)); c != nil {
				return c
			}
			if p.Reference == nil {
				p.Reference = make([]float64, len(p.Replies))
				for k := range p.Reference {
					p.Reference[k] = 1
				}
			}
			p.Reference[reply] = weight
		case "tokens":
			p.Replies[reply].Tokens, c = core.ParseTokens(plainNumber(value))
		case "up", "down":
			return ed.editThumbs(e, reply, field == "up", value)
		case "custom":
			p.Replies[reply].Custom, c = core.ParseReward(plainNumber(value))
		case "x", "y":
			var x float64
			if x, c = core.ParseFeature(plainNumber(value)); c == nil {
				p.Replies[reply].SetFeature(strings.Index("xy", field), x)
			}
		}
		return c
	})
}

// editThumbs takes a count of one kind of thumbs.
func (ed *editor) editThumbs(e *core.Experiment, reply int, isUp bool, value string) *data.Complaint {
	n, c := core.ParseThumbs(plainNumber(value))
	if c != nil {
		return c
	}
	up, down := ed.thumbs(reply)
	if isUp {
		up = n
	} else {
		down = n
	}
	e.SetThumbs(ed.lab.Prompt(), reply, up, down)
	return nil
}

// editReply changes a reply's text and its true reward at once.
func (ed *editor) editReply(reply int, text, reward string) {
	ed.edit(func(e *core.Experiment) *data.Complaint {
		r := &e.Prompts[ed.lab.Prompt()].Replies[reply]
		if c := core.CheckText("a", text); c != nil && text != r.Text {
			return c
		}
		x, c := parseReward(reward)
		r.Text, r.Reward = text, x
		return c
	})
}

// rewardText writes a true reward for a control; one that is not given is left
// empty.
func rewardText(reward float64) string {
	if math.IsNaN(reward) {
		return ""
	}
	return strconv.FormatFloat(reward, 'g', -1, 64)
}

// featureText writes one of a reply's features for a control.
func featureText(r *data.Reply, i int) string {
	if i >= len(r.Features) {
		return "0"
	}
	return strconv.FormatFloat(r.Features[i], 'g', -1, 64)
}

// parseReward is the inverse of rewardText.
func parseReward(text string) (float64, *data.Complaint) {
	if text = plainNumber(text); text == "" {
		return math.NaN(), nil
	}
	return core.ParseReward(text)
}

// plainNumber lets a decimal comma, a typographic minus and thin spaces pass.
func plainNumber(s string) string {
	return strings.NewReplacer(",", ".", "−", "-", "\u202f", "").Replace(strings.TrimSpace(s))
}

// editPair changes the pair in a row of the table, which is number i of the
// experiment's.
func (ed *editor) editPair(row int, change func(e *core.Experiment, i int) *data.Complaint) {
	ed.edit(func(e *core.Experiment) *data.Complaint {
		for i, p := range e.Given {
			if p.Prompt == ed.lab.Prompt() {
				if row--; row < 0 {
					return change(e, i)
				}
			}
		}
		return nil
	})
}

func (ed *editor) editVote(row int, target js.Value) {
	field, value := page.Data(target, "field"), target.Get("value").String()
	ed.editPair(row, func(e *core.Experiment, i int) (c *data.Complaint) {
		p := &e.Given[i]
		switch field {
		case "count":
			p.Count, c = core.ParseCount(plainNumber(value))
		case "chosen":
			p.Choose(target.Get("selectedIndex").Int())
		case "rejected":
			p.Reject(target.Get("selectedIndex").Int())
		}
		return c
	})
}

// flipVote swaps the replies of a pair.
func (ed *editor) flipVote(row int) {
	ed.editPair(row, func(e *core.Experiment, i int) *data.Complaint {
		p := &e.Given[i]
		p.Chosen, p.Rejected = p.Rejected, p.Chosen
		return nil
	})
}

func (ed *editor) removeVote(row int) {
	ed.editPair(row, func(e *core.Experiment, i int) *data.Complaint {
		e.Given = append(e.Given[:i], e.Given[i+1:]...)
		return nil
	})
	ed.keepFocus("vote-remove", row)
}

func (ed *editor) addVote() {
	ed.edit(func(e *core.Experiment) *data.Complaint {
		pair := read.WorkedPair(ed.lab)
		e.Given = append(e.Given, data.Pair{Prompt: ed.lab.Prompt(), Chosen: pair[0], Rejected: pair[1], Count: 1})
		return nil
	})
}

func (ed *editor) removeReply(row int) {
	ed.edit(func(e *core.Experiment) *data.Complaint {
		e.View.ForgetReplies()
		return e.RemoveReply(ed.lab.Prompt(), row)
	})
	ed.keepFocus("reply-remove", row)
}

func (ed *editor) addReply() {
	ed.edit(func(e *core.Experiment) *data.Complaint {
		e.AddReply(ed.lab.Prompt(), ed.words.Say("edit.newreply"))
		return nil
	})
}

// keepFocus gives the focus to the neighbour of a row that was removed.
func (ed *editor) keepFocus(do string, row int) {
	for ; row >= 0; row-- {
		button := ed.page.First(`[data-do="` + do + `"][data-row="` + strconv.Itoa(row) + `"]:not(:disabled)`)
		if button.Truthy() {
			button.Call("focus")
			return
		}
	}
	ed.page.First(`[data-do="` + strings.TrimSuffix(do, "remove") + `add"]`).Call("focus")
}
