//go:build js

package main

import (
	"math"
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes"
	"dpoplayground/wasm/page"
)

// The tables of replies and of votes. A row's controls carry its index in
// data-row and what they change in data-field.

// mostEdited is how many replies of all prompts the page lets edit; more are
// edited in their file.
const mostEdited = 60

// canEdit tells whether the data set is small enough to be edited on the page.
func (a *app) canEdit() bool { return a.lab.Problem.Arms() <= mostEdited }

func (a *app) syncEdit() {
	if !a.isOpen("edit") {
		return
	}
	prompt := &a.lab.Data.Prompts[a.lab.Prompt()]
	can := a.canEdit()
	a.page.ByID("edit-prompt").SetValue(prompt.Text)
	a.page.ByID("edit-prompt").Set("disabled", !can)
	note := ""
	if !can {
		note = a.words.Say("edit.toomany", "n", strconv.Itoa(mostEdited))
	}
	a.page.ByID("edit-replies-note").SetText(note)
	a.page.First("[data-do=reply-add]").Set("disabled", !can)
	a.syncReplies(prompt, can)
	a.syncVotes(can)
}

func (a *app) syncReplies(prompt *core.Prompt, can bool) {
	n := min(len(prompt.Replies), mostRows)
	rows := a.page.Rows("edit-replies", n, func(row js.Value) {
		a.inputCell(row, "edit-reply", "text", "edit.reply").Set("dir", "auto")
		a.inputCell(row, "edit-reply", "up", "edit.up").Set("className", "number thumbs")
		a.inputCell(row, "edit-reply", "down", "edit.down").Set("className", "number thumbs")
		a.inputCell(row, "edit-reply", "reward", "edit.reward").Set("className", "number")
		a.inputCell(row, "edit-reply", "weight", "edit.reference").Set("className", "number")
		a.inputCell(row, "edit-reply", "tokens", "edit.tokens").Set("className", "number")
		a.inputCell(row, "edit-reply", "x", "edit.x").Set("className", "number")
		a.inputCell(row, "edit-reply", "y", "edit.y").Set("className", "number")
		a.inputCell(row, "edit-reply", "custom", "edit.custom").Set("className", "number")
		a.buttonCell(row, "reply-remove", "×", "edit.remove")
	})
	lengths, features, thumbed := a.applies("uses:lengths"), a.applies("policy:linear"), a.applies("thumbs:+")
	shown := [9]bool{true, thumbed, thumbed, true, true, lengths, features, features, a.applies("how:rlhf")}
	for k := 0; k < n; k++ {
		row := rows.Index(k)
		reply := prompt.Replies[k]
		reward, weight := rewardText(reply.Reward), "1"
		if prompt.Reference != nil {
			weight = strconv.FormatFloat(prompt.Reference[k], 'g', -1, 64)
		}
		tokens := ""
		if reply.Tokens != 0 {
			tokens = strconv.FormatFloat(reply.Tokens, 'f', -1, 64)
		}
		up, down := a.thumbs(k)
		for i, v := range [9]string{reply.Text, thumbText(up), thumbText(down), reward, weight, tokens, featureText(&reply, 0), featureText(&reply, 1), rewardText(reply.Custom)} {
			cell := row.Get("children").Index(i)
			cell.Call("toggleAttribute", "hidden", !shown[i])
			input := cell.Get("firstElementChild")
			input.Set("value", v)
			input.Set("disabled", !can)
			input.Get("dataset").Set("row", k)
		}
		remove := row.Get("children").Index(9).Get("firstElementChild")
		remove.Get("dataset").Set("row", k)
		remove.Set("disabled", !can || len(prompt.Replies) <= 2)
	}
}

// thumbs returns how many thumbs of each kind a reply of the shown prompt has.
func (a *app) thumbs(reply int) (up, down float64) {
	for _, t := range a.lab.Data.Thumbs {
		if t.Prompt == a.lab.Prompt() && t.Reply == reply {
			up, down = up+t.Up, down+t.Down
		}
	}
	return up, down
}

// thumbText writes a count of thumbs for a control; none is left empty.
func thumbText(n float64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

func (a *app) inputCell(row js.Value, do, field, label string) js.Value {
	input := a.page.Make(a.page.Make(row, "td", ""), "input", "")
	input.Set("type", "text")
	input.Set("autocomplete", "off")
	input.Call("setAttribute", "aria-label", a.words.Say(label))
	input.Get("dataset").Set("doChange", do)
	input.Get("dataset").Set("field", field)
	return input
}

func (a *app) buttonCell(row js.Value, do, text, label string) {
	button := a.page.Make(a.page.Make(row, "td", ""), "button", "")
	button.Set("type", "button")
	button.Set("textContent", text)
	button.Set("title", a.words.Say(label))
	button.Call("setAttribute", "aria-label", a.words.Say(label))
	button.Get("dataset").Set("do", do)
}

// votesShown returns the rows of the table of votes: the experiment's own
// pairs on the shown prompt, or what was simulated.
func (a *app) votesShown() []core.Pair {
	if a.lab.Experiment.Settings[core.Source] != core.FromGiven {
		return a.lab.Problem.VotesOf(a.lab.Prompt())
	}
	var out []core.Pair
	for _, p := range a.lab.Data.Pairs {
		if p.Prompt == a.lab.Prompt() {
			if out = append(out, p); len(out) > mostVotes {
				break
			}
		}
	}
	return out
}

// mostVotes is how many pairs the table of votes lists.
const mostVotes = 60

func (a *app) syncVotes(can bool) {
	own := a.lab.Experiment.Settings[core.Source] == core.FromGiven
	votes := a.votesShown()
	n := min(len(votes), mostVotes)
	key := "edit.votes.simulated"
	switch {
	case own && len(votes) > n:
		key = "edit.votes.more"
	case own:
		key = "edit.votes.own"
	}
	a.page.ByID("edit-votes-note").SetText(a.words.Say(key, "n", strconv.Itoa(mostVotes)))
	a.page.ByID("votes-edit").SetHidden(own)
	a.page.ByID("votes-thumbs").SetHidden(a.lab.Problem.Total == 0 || !a.readsThumbs())
	a.page.ByID("votes-thumbs").Set("disabled", !can)
	a.page.ByID("vote-add").SetHidden(!own)
	a.page.ByID("vote-add").Set("disabled", !can)
	a.page.ByID("votes-edit").Set("disabled", !can)
	rows := a.page.Rows("edit-votes", n, func(row js.Value) {
		for _, field := range [2]string{"chosen", "rejected"} {
			list := a.page.Make(a.page.Make(row, "td", ""), "select", "")
			list.Call("setAttribute", "aria-label", a.words.Say("pair."+field))
			list.Get("dataset").Set("doChange", "edit-vote")
			list.Get("dataset").Set("field", field)
		}
		a.inputCell(row, "edit-vote", "count", "edit.count").Set("className", "number")
		a.buttonCell(row, "vote-flip", "⇄", "edit.flip")
		a.buttonCell(row, "vote-remove", "×", "edit.remove")
	})
	replies := quoted(a.lab.Data.Prompts[a.lab.Prompt()].Replies)
	for i := 0; i < n; i++ {
		cells := rows.Index(i).Get("children")
		for j, chosen := range [2]int{votes[i].Chosen, votes[i].Rejected} {
			list := &page.Element{Value: cells.Index(j).Get("firstElementChild")}
			list.Offer(replies, chosen)
		}
		cells.Index(2).Get("firstElementChild").Set("value", scenes.Count(votes[i].Count))
		for j := 0; j < 5; j++ {
			control := cells.Index(j).Get("firstElementChild")
			control.Set("disabled", !own || !can)
			control.Get("dataset").Set("row", i)
		}
	}
}

// changeEdit takes a change in one of the tables.
func (a *app) changeEdit(target js.Value) {
	row, _ := strconv.Atoi(page.Data(target, "row"))
	value := strings.TrimSpace(target.Get("value").String())
	switch page.Data(target, "doChange") {
	case "edit-prompt":
		a.edit(func(e *core.Experiment) *core.Complaint {
			e.Prompts[a.lab.Prompt()].Text = value
			return core.CheckText("q", value)
		})
	case "edit-reply":
		a.editField(row, page.Data(target, "field"), value)
	case "edit-vote":
		a.editVote(row, target)
	}
}

// edit changes data of the experiment's own, or says why it cannot.
func (a *app) edit(change func(e *core.Experiment) *core.Complaint) {
	e := a.lab.Experiment.Own(a.presets)
	e.File = nil
	if c := change(&e); c != nil {
		a.complain(c)
		a.syncControls()
		return
	}
	if a.set(e) {
		a.commit()
	}
}

func (a *app) editField(reply int, field, value string) {
	a.edit(func(e *core.Experiment) (c *core.Complaint) {
		p := &e.Prompts[a.lab.Prompt()]
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
			return a.editThumbs(e, reply, field == "up", value)
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
func (a *app) editThumbs(e *core.Experiment, reply int, isUp bool, value string) *core.Complaint {
	n, c := core.ParseThumbs(plainNumber(value))
	if c != nil {
		return c
	}
	up, down := a.thumbs(reply)
	if isUp {
		up = n
	} else {
		down = n
	}
	e.SetThumbs(a.lab.Prompt(), reply, up, down)
	return nil
}

// editReply changes a reply's text and its true reward at once.
func (a *app) editReply(reply int, text, reward string) {
	a.edit(func(e *core.Experiment) *core.Complaint {
		r := &e.Prompts[a.lab.Prompt()].Replies[reply]
		if c := core.CheckText("a", text); c != nil {
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
func featureText(r *core.Reply, i int) string {
	if i >= len(r.Features) {
		return "0"
	}
	return strconv.FormatFloat(r.Features[i], 'g', -1, 64)
}

// parseReward is the inverse of rewardText.
func parseReward(text string) (float64, *core.Complaint) {
	if text = plainNumber(text); text == "" {
		return math.NaN(), nil
	}
	return core.ParseReward(text)
}

// plainNumber lets a decimal comma, a typographic minus and thin spaces pass.
func plainNumber(s string) string {
	return strings.NewReplacer(",", ".", "−", "-", "\u202f", "").Replace(strings.TrimSpace(s))
}

// given returns the index among the experiment's pairs of a row of the table.
func (a *app) given(pairs []core.Pair, row int) int {
	for i, p := range pairs {
		if p.Prompt == a.lab.Prompt() {
			if row == 0 {
				return i
			}
			row--
		}
	}
	return -1
}

func (a *app) editVote(row int, target js.Value) {
	field, value := page.Data(target, "field"), target.Get("value").String()
	a.edit(func(e *core.Experiment) (c *core.Complaint) {
		i := a.given(e.Given, row)
		if i < 0 {
			return nil
		}
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

func (a *app) clickEdit(do string, button js.Value) {
	row, _ := strconv.Atoi(page.Data(button, "row"))
	prompt := a.lab.Prompt()
	if do == "votes-thumbs" {
		if a.set(a.lab.Experiment.TakeThumbs(a.lab.Problem, a.presets)) {
			a.commit()
		}
		return
	}
	if do == "votes-edit" {
		if a.set(a.lab.Experiment.TakeVotes(a.lab.Problem, a.presets)) {
			a.commit()
			a.page.ByID("vote-add").Call("focus")
		}
		return
	}
	a.edit(func(e *core.Experiment) *core.Complaint {
		switch do {
		case "reply-add":
			e.AddReply(prompt, a.words.Say("edit.newreply"))
		case "reply-remove":
			e.View.ForgetReplies()
			return e.RemoveReply(prompt, row)
		case "vote-add":
			pair := a.pair()
			e.Given = append(e.Given, core.Pair{Prompt: prompt, Chosen: pair[0], Rejected: pair[1], Count: 1})
		case "vote-flip":
			if i := a.given(e.Given, row); i >= 0 {
				p := &e.Given[i]
				p.Chosen, p.Rejected = p.Rejected, p.Chosen
			}
		case "vote-remove":
			if i := a.given(e.Given, row); i >= 0 {
				e.Given = append(e.Given[:i], e.Given[i+1:]...)
			}
		}
		return nil
	})
	a.keepFocus(do, row)
}

// keepFocus gives the focus to the neighbour of a row that was removed.
func (a *app) keepFocus(do string, row int) {
	if !strings.HasSuffix(do, "-remove") {
		return
	}
	for ; row >= 0; row-- {
		button := a.page.First(`[data-do="` + do + `"][data-row="` + strconv.Itoa(row) + `"]:not(:disabled)`)
		if button.Truthy() {
			button.Call("focus")
			return
		}
	}
	a.page.First(`[data-do="` + strings.TrimSuffix(do, "remove") + `add"]`).Call("focus")
}
