//go:build js

package main

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/lesson"
	"dpoplayground/core/link"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// lessons walk a lesson beside the picture: a card shows a step, takes a bet, and
// reveals what happened. Answers stay in this tab.
type lessons struct {
	*app
	name     string // of the open lesson's file, without its ending; "" for none
	lesson   *lesson.Lesson
	faults   []*lesson.Fault
	prover   *lesson.Prover
	at       int            // the step shown, from 0
	bets     map[int]string // by step: the choice's index, or the number
	shown    map[int]bool   // steps whose answer was asked for before its run came to its end
	opened   string         // the fragment that the step opened last
	awaited  string         // the lesson that is being fetched
	guess    string         // where the slider of a guess stands
	proofDue bool
}

func (ls *lessons) register(on *handlers) {
	on.do["lessons"] = func(js.Value) { ls.list() }
	on.do["lessons-close"] = func(js.Value) { ls.page.ByID("lessons").Call("close") }
	on.do["lesson-open"] = func(button js.Value) {
		ls.page.ByID("lessons").Call("close")
		ls.fetch(page.Data(button, "value"), 0, true)
	}
	on.do["lesson-leave"] = func(js.Value) { ls.leave() }
	on.do["lesson-back"] = func(js.Value) { ls.goTo(ls.at - 1) }
	on.do["lesson-next"] = func(js.Value) { ls.next() }
	on.do["lesson-step"] = func(button js.Value) { ls.goTo(page.Row(button)) }
	on.do["lesson-return"] = func(js.Value) { ls.enter() }
	on.do["lesson-choose"] = func(button js.Value) { ls.bet(page.Data(button, "value")) }
	on.do["lesson-bet"] = func(js.Value) { ls.bet(ls.guess) }
	on.do["lesson-receipt"] = func(js.Value) { ls.giveReceipt() }
	on.do["lesson-now"] = func(js.Value) { ls.hurry() }
	on.input["lesson-guess"] = ls.slide
	on.change["lesson-guess"] = ls.slide
	on.keys = append(on.keys, ls.onKey)
	on.shows(ls.follow)
	on.tells = append(on.tells, panelWriter{"", ls.write})
}

// step is the one shown.
func (ls *lessons) step() *lesson.Step { return &ls.lesson.Steps[ls.at] }

func (ls *lessons) isOpen() bool { return ls.lesson != nil }

// follow opens the lesson that the experiment names, if it is not the open one.
func (ls *lessons) follow() {
	h := &ls.lab.Experiment.View.Handout
	switch {
	case h.Lesson == "" && ls.isOpen() && ls.awaited == "" && ls.name != ownLesson:
		ls.close()
	case h.Lesson != "" && h.Lesson != ls.name && h.Lesson != ls.awaited:
		ls.fetch(h.Lesson, h.LessonStep-1, false)
	case h.Lesson != "" && h.Lesson == ls.name && h.LessonStep-1 != ls.at && h.LessonStep <= len(ls.lesson.Steps):
		ls.at, ls.opened = h.LessonStep-1, ""
		ls.veil()
	}
}

// fetch gets a lesson's file from where the page came from, and shows a step of it.
// fresh has the step's own state opened in place of what the page shows.
func (ls *lessons) fetch(name string, step int, fresh bool) {
	ls.awaited = name
	response := ls.page.Window.Call("fetch", "assets/lessons/"+name+".txt")
	go func() {
		text, ok := textOf(response)
		if ls.awaited != name {
			return
		}
		ls.awaited = ""
		if !ok {
			ls.page.Message(ls.words.Say("lesson.fetch", "name", name), "", ls.words.Say("message.close"), "lesson")
			ls.leave()
			return
		}
		ls.open(name, name+".txt", text, step, fresh)
	}()
}

// textOf waits for a response and its text.
func textOf(promise js.Value) (text string, ok bool) {
	response, err := page.Await(promise)
	if err != nil || !response.Get("ok").Bool() {
		return "", false
	}
	body, err := page.Await(response.Call("text"))
	if err != nil {
		return "", false
	}
	return body.String(), true
}

// open shows a step of a lesson's file, or what is wrong with the file.
func (ls *lessons) open(name, file, text string, step int, fresh bool) {
	l, faults := lesson.Parse(file, text, ls.presets)
	ls.name, ls.lesson, ls.faults, ls.prover = name, l, faults, nil
	ls.bets, ls.shown, ls.at, ls.opened, ls.guess = map[int]string{}, map[int]bool{}, max(0, min(step, len(l.Steps)-1)), "", ""
	if len(l.Steps) == 0 || len(faults) > 0 {
		ls.turnTo()
		return
	}
	ls.prover, ls.proofDue = lesson.NewProver(l, ls.presets), true
	ls.recall()
	if plain := ls.lab.Experiment; fresh || ls.isBare(&plain) {
		ls.enter()
	} else {
		ls.veil()
	}
	ls.turnTo()
}

// isBare tells that a link says nothing but which lesson is opened.
func (ls *lessons) isBare(e *core.Experiment) bool {
	plain := *e
	plain.View.Handout = core.Handout{}
	fragment, _ := link.Write(&plain, ls.presets)
	start, _ := link.Write(ptr(ls.presets[0].Start()), ls.presets)
	return fragment == start
}

func ptr(e core.Experiment) *core.Experiment { return &e }

// close leaves the lesson's card.
func (ls *lessons) close() {
	ls.name, ls.lesson, ls.faults, ls.prover, ls.proofDue = "", nil, nil, nil, false
	ls.turnTo()
}

// leave closes the lesson. The page stays as it is, with nothing hidden.
func (ls *lessons) leave() {
	e := ls.lab.Experiment
	h := &e.View.Handout
	h.Lesson, h.LessonStep, h.StepHide, h.StepLock = "", 0, nil, nil
	ls.awaited = ""
	ls.close()
	ls.host.SetAndRecord(e)
}

func (ls *lessons) turnTo() {
	ls.panels.turn()
	ls.readout.stale = true
	ls.screen.wake()
}

// next goes on, and after the last step back to the list.
func (ls *lessons) next() {
	if ls.at+1 < len(ls.lesson.Steps) {
		ls.goTo(ls.at + 1)
		return
	}
	ls.list()
}

// goTo shows another step, in its own state.
func (ls *lessons) goTo(step int) {
	if !ls.isOpen() || step < 0 || step >= len(ls.lesson.Steps) {
		return
	}
	ls.at, ls.guess = step, ""
	ls.enter()
	ls.page.ByID("lesson-title").Call("focus")
	ls.page.ByID("lesson").Set("scrollTop", 0)
}

// enter opens the state of the step that is shown: what its bet opens, if that is
// placed.
func (ls *lessons) enter() {
	fragment := ls.step().State
	if _, placed := ls.bets[ls.at]; placed && ls.step().Then != "" {
		fragment = ls.step().Then
	}
	ls.openState(fragment)
}

// openState opens a fragment as the lesson's; "" keeps what the page shows.
func (ls *lessons) openState(fragment string) {
	ls.clock.halt()
	e := ls.lab.Experiment
	if fragment != "" {
		e, _ = link.Parse(fragment, ls.presets)
		h := &ls.lab.Experiment.View.Handout
		e.View.Hide, e.View.Lock, e.View.Lang = h.Hide, h.Lock, h.Lang
		if !strings.Contains(fragment, "open=") {
			e.View.Open = nil // what an example opens would stand over the card
		}
	}
	ls.panels.aside, ls.panels.settings = false, false
	play := e.View.Play
	e.View.Play = false
	ls.mark(&e)
	ls.handout.opening = true
	if ls.host.SetAndRecord(e) {
		ls.opened = ls.stateOf(&e)
		ls.host.Play(play)
	}
	ls.handout.opening = false
	ls.readout.stale = true
}

// mark notes the lesson and its step in an experiment, with what the step hides.
func (ls *lessons) mark(e *core.Experiment) {
	h := &e.View.Handout
	h.Lesson, h.LessonStep, h.StepHide, h.StepLock = ls.name, ls.at+1, nil, nil
	if ls.name == ownLesson {
		h.Lesson, h.LessonStep = "", 0 // a link could not open it
	}
	if !ls.revealed() {
		h.StepHide, h.StepLock = ls.step().Hide, ls.step().Lock
	}
}

// veil hides what the step hides, or shows it again, and leaves the rest.
func (ls *lessons) veil() {
	e := ls.lab.Experiment
	was := e.View.Handout
	ls.mark(&e)
	if h := &e.View.Handout; h.Lesson != was.Lesson || h.LessonStep != was.LessonStep ||
		!slices.Equal(h.StepHide, was.StepHide) || !slices.Equal(h.StepLock, was.StepLock) {
		ls.host.Set(e)
		ls.link.due = true
	}
}

// stateOf writes an experiment without its step and its lesson.
func (ls *lessons) stateOf(e *core.Experiment) string {
	plain := *e
	plain.Settings[core.Step], plain.View = 0, core.View{}
	fragment, _ := link.Write(&plain, ls.presets)
	return fragment
}

// wandered tells that the page is another than the one that the step opened.
func (ls *lessons) wandered() bool {
	return ls.opened != "" && ls.stateOf(&ls.lab.Experiment) != ls.opened
}

// revealed tells whether the step's answer is shown.
func (ls *lessons) revealed() bool { return ls.shown[ls.at] }

// arrive shows the answer of a bet that is placed once its run has come to its end.
func (ls *lessons) arrive() {
	_, placed := ls.bets[ls.at]
	if placed && !ls.wandered() && ls.lab.Settled() && ls.lab.Run.StepCount() >= ls.step().Run {
		ls.shown[ls.at] = true
	}
}

// bet takes an answer, which opens what the step opens then.
func (ls *lessons) bet(answer string) {
	if _, placed := ls.bets[ls.at]; placed || answer == "" {
		return
	}
	ls.bets[ls.at] = answer
	ls.keep()
	s := ls.step()
	if s.Ask.Kind == lesson.Choices {
		i, _ := strconv.Atoi(answer)
		if v := s.Ask.Choices[i].Vote; v != nil {
			ls.addVote(*v)
		}
	}
	if s.Run == 0 {
		ls.shown[ls.at] = true
	}
	if s.Then != "" {
		ls.openState(s.Then)
	} else {
		ls.veil()
	}
	ls.readout.stale = true
	ls.page.ByID("lesson-title").Call("focus")
}

// addVote adds a preference to those of the experiment, and begins its run again.
func (ls *lessons) addVote(v [2]int) {
	e := ls.lab.Experiment
	if n := ls.lab.Arms(); max(v[0], v[1]) >= n {
		return
	}
	if e.Given == nil {
		e.Given = []data.Pair{}
	}
	e.Given = append(slices.Clip(e.Given), data.Pair{Prompt: ls.lab.Prompt(), Chosen: v[0], Rejected: v[1], Count: 1})
	e.Settings[core.Source], e.Settings[core.Step] = core.FromGiven, 0
	ls.handout.opening = true
	if ls.host.SetAndRecord(e) {
		ls.opened = ls.stateOf(&e)
	}
	ls.handout.opening = false
}

// hurry goes to the end of the run that the step waits for.
func (ls *lessons) hurry() {
	ls.clock.goTo(min(ls.step().Run, int(ls.lab.Experiment.Settings[core.Steps])))
	ls.shown[ls.at] = true
	ls.veil()
	ls.readout.stale = true
}

// slide follows the slider of a guess.
func (ls *lessons) slide(slider js.Value) {
	ls.guess = strconv.FormatFloat(slider.Get("valueAsNumber").Float(), 'f', -1, 64)
	ls.page.First("#lesson-guess-now").Set("textContent", ls.guessText(slider.Get("valueAsNumber").Float()))
}

// onKey walks at the arrows, and answers at the digits.
func (ls *lessons) onKey(event js.Value) bool {
	on := event.Get("target").Get("tagName").String()
	_, placed := ls.bets[ls.at]
	if !ls.isOpen() || len(ls.faults) > 0 || on == "INPUT" || on == "SELECT" || on == "TEXTAREA" {
		return false
	}
	switch key := event.Get("key").String(); {
	case key == "ArrowRight" && ls.at+1 < len(ls.lesson.Steps):
		ls.goTo(ls.at + 1)
	case key == "ArrowLeft" && ls.at > 0:
		ls.goTo(ls.at - 1)
	case key == "ArrowRight", key == "ArrowLeft":
	case len(key) == 1 && key[0] >= '1' && int(key[0]-'1') < len(ls.step().Ask.Choices) && !placed:
		ls.bet(strconv.Itoa(int(key[0] - '1')))
	default:
		return false
	}
	return true
}

// work proves the lesson's numbers a slice at a time, and tells whether anything is
// left.
func (ls *lessons) work(n int) (busy bool) {
	if !ls.proofDue {
		return false
	}
	if ls.proofDue = ls.prover.Work(n); !ls.proofDue {
		ls.faults = ls.prover.Faults()
		ls.readout.stale = true
	}
	return ls.proofDue
}

// ownLesson is the name of a lesson that was dropped on the page.
const ownLesson = "own"

const kept = "lesson-" // before a lesson's name, in the tab's storage

// keep keeps the answers in this tab, where the browser has room for them.
func (ls *lessons) keep() {
	var b strings.Builder
	for i := range ls.lesson.Steps {
		if bet, placed := ls.bets[i]; placed {
			b.WriteString(strconv.Itoa(i) + "=" + bet + ";")
		}
	}
	ls.page.Store(kept+ls.name, b.String())
}

// giveReceipt writes what was answered as a line to hand in, and copies it.
func (ls *lessons) giveReceipt() {
	ls.link.commit()
	right := func(step int) bool {
		q := &ls.lesson.Steps[step].Ask
		truth, _ := ls.prover.Value(q.Number)
		return q.IsRight(ls.bets[step], truth)
	}
	name := strings.TrimSuffix(strings.ReplaceAll(ls.lesson.File, " ", "-"), ".txt")
	ls.page.ByID("lesson-receipt-box").SetHidden(false)
	ls.page.ByID("lesson-receipt").Set("value", ls.lesson.Receipt(name, ls.bets, right, ls.link.shown))
	ls.page.Copy(ls.page.ByID("lesson-receipt"), func(copied bool) {
		key := "share.manual"
		if copied {
			key = "share.copied"
		}
		ls.page.ByID("lesson-receipt-note").SetText(ls.words.Say(key) + " " + ls.words.Say("lesson.receipt.note"))
	})
}

// forget takes back every answer of the open lesson.
func (ls *lessons) forget() {
	if !ls.isOpen() {
		return
	}
	ls.bets, ls.shown, ls.guess = map[int]string{}, map[int]bool{}, ""
	ls.keep()
}

// again shows the open lesson's step as it was before any answer.
func (ls *lessons) again() {
	if !ls.isOpen() || len(ls.faults) > 0 {
		return
	}
	if step := ls.lab.Experiment.View.LessonStep; step >= 1 && step <= len(ls.lesson.Steps) {
		ls.goTo(step - 1)
	}
}

// recall reads the answers that were kept, as far as the steps still ask for them.
func (ls *lessons) recall() {
	for _, item := range strings.Split(ls.page.Stored(kept+ls.name), ";") {
		step, bet, found := strings.Cut(item, "=")
		i, err := strconv.Atoi(step)
		if !found || err != nil || i < 0 || i >= len(ls.lesson.Steps) {
			continue
		}
		if q := &ls.lesson.Steps[i].Ask; q.Takes(bet) {
			ls.bets[i], ls.shown[i] = bet, true
		}
	}
}

// list shows which lessons there are.
func (ls *lessons) list() {
	ls.clock.halt()
	ls.page.ByID("lessons").Call("showModal")
	box := ls.page.ByID("lessons-list")
	if box.Get("children").Length() > 0 {
		return
	}
	response := ls.page.Window.Call("fetch", "assets/lessons.txt")
	go func() {
		text, _ := textOf(response)
		for line := range strings.Lines(text) {
			name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			minutes, title, found := strings.Cut(rest, " ")
			if !found {
				continue
			}
			item := ls.page.Make(box.Value, "li", "")
			button := ls.page.Button(item, "lesson-open", ls.words.Say("lesson.item", "title", title, "n", minutes), title)
			button.Get("dataset").Set("value", name)
		}
	}()
}

// value writes a number of the lesson as the page writes numbers.
func (ls *lessons) value(name string) string {
	n := ls.prover.Number(name)
	x, known := ls.prover.Value(name)
	if n.Live() {
		x, known = n.Read(ls.lab), true
	}
	if !known || math.IsNaN(x) {
		return "…"
	}
	return numberText(n, x)
}

func numberText(n *lesson.Number, x float64) string {
	if n.Percent {
		return words.Fixed(100*x, n.Decimals) + " %"
	}
	return words.Fixed(x, n.Decimals)
}
