//go:build !js

package pagetest

import (
	"fmt"
	"strings"
	"testing"
)

// waitTold waits until an element says all the texts.
func (p *tab) waitTold(id string, texts ...string) string {
	p.t.Helper()
	var told string
	p.eventually(func() error {
		told = eval[string](p, `document.getElementById($).textContent`, id)
		for _, text := range texts {
			if !strings.Contains(told, text) {
				return fmt.Errorf("#%s says %q, without %q", id, told, text)
			}
		}
		return nil
	})
	return told
}

// sweepLog is a log of which the first and the last evaluation are known.
func sweepLog(loss, chosen, margin, kl float64) string {
	return fmt.Sprintf(`{"log_history":[
		{"loss":0.693,"rewards/chosen":0,"rewards/rejected":0,"rewards/margins":0,"rewards/accuracies":0.6,"logps/chosen":-6.4,"step":10},
		{"eval_loss":0.693,"eval_rewards/chosen":0,"eval_rewards/margins":0,"eval_rewards/accuracies":0.8,"eval_kl_sampled":0,"step":10},
		{"loss":0.55,"rewards/chosen":-0.1,"rewards/rejected":-0.5,"rewards/margins":0.4,"rewards/accuracies":0.8,"logps/chosen":-8,"step":300},
		{"eval_loss":%g,"eval_rewards/chosen":%g,"eval_rewards/margins":%g,"eval_rewards/accuracies":0.9,"eval_kl_sampled":%g,"step":300}]}`, loss, chosen, margin, kl)
}

// Two logs dropped with preferences: each lies over the other in the charts, the
// toy stands beside them, and the link says that it does not carry them.
func TestRealRunsBesideTheToy(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&beta=0.1&step=50")
	before := p.agree()
	p.bring(writeTemp(t, "trainer_state_beta_0.02.json", sweepLog(0.544, -0.126, 0.359, 31)),
		writeTemp(t, "trainer_state_beta_0.5.json", sweepLog(0.374, 0.019, 1.199, 0.6)))
	p.waitTold("log-read", "trainer_state_beta_0.02.json: a log with 4 rows.", "trainer_state_beta_0.5.json: a log with 4 rows.")
	facts := p.waitTold("log-facts", "β = 0.02: The chosen reward fell from 0 to −0.126 while the margin rose from 0 to 0.359")
	if strings.Contains(facts, "β = 0.5:") {
		t.Errorf("a reward above 0 is said to have sunk: %q", facts)
	}
	p.until(`document.querySelector("#chart-log-margin svg") !== null`)
	for id, texts := range map[string][]string{
		"margin": {"β = 0.02 eval", "β = 0.5 eval", "β = 0.5 eval: 1.20", "this page"},
		"loss":   {"β = 0.02", "0.374", "this page"},
		"kl":     {"β = 0.5 eval", "31", "this page"},
		"logps":  {"β = 0.5"},
	} {
		p.waitTold("chart-log-"+id, texts...)
	}
	if text := eval[string](p, `document.getElementById("chart-log-logps").textContent`); strings.Contains(text, "this page") {
		t.Errorf("log-probabilities of the toy share an axis: %q", text)
	}
	p.choose("#obj", "ipo")
	p.waitTold("log-note", "The losses are not compared")
	if text := eval[string](p, `document.getElementById("chart-log-loss").textContent`); strings.Contains(text, "this page") {
		t.Errorf("losses of two objectives share an axis: %q", text)
	}
	p.choose("#obj", "dpo")
	p.waitTold("chart-log-loss", "this page")
	if after := p.agree(); after.numbers() != before.numbers() {
		t.Errorf("a log changed the run from\n%v\nto\n%v", before.numbers(), after.numbers())
	}
	p.click(`[data-do="share"]`)
	p.waitTold("share-note", "The logs of real runs (β = 0.02, β = 0.5) are not in the link.")
	if link := eval[string](p, `document.getElementById("share-link").value`); strings.Contains(link, "trainer") {
		t.Errorf("the link is %q", link)
	}
	p.click(`[data-do="share-close"]`)
	p.click(`[data-do="log-close"]`)
	p.until(`document.querySelector('[data-section="log"]').hidden`)
}

// What a file says covers nothing: it is told where the file was chosen. The
// objective that thumbs need goes again with them. Files that come together are
// used together, and what a later file takes the place of comes back.
func TestFilesAfterEachOther(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre")
	p.agree()
	thumbs := writeTemp(t, "thumbs.csv", "prompt,completion,label\nq,x,true\nq,y,0\n")
	pairs := writeTemp(t, "pairs.csv", "prompt,chosen,rejected\nq,x,y\nq,y,z\n")
	p.bring(thumbs)
	p.waitTold("file-summary", "thumbs.csv", "KTO")
	if !eval[bool](p, `document.querySelector('[data-section="data"]').open && document.querySelectorAll("#messages > p, .fault").length === 0`) {
		t.Error("what the file held is not told in the open section, or covers the page")
	}
	if l := labAt(t, p.agree().Hash); l.Experiment.Settings.Objective().Key != "kto" {
		t.Errorf("thumbs are learnt by %s", l.Experiment.Settings.Objective().Key)
	}
	p.bring(pairs, thumbs)
	p.waitTold("file-summary", "pairs.csv", "DPO again", "thumbs.csv", "used together", "It has taken the place of thumbs.csv")
	p.holdsData("dpo", 2, 2)
	p.click(`[data-do="file-back"]`)
	p.waitTold("file-summary", "It has taken the place of pairs.csv + thumbs.csv")
	p.holdsData("kto", 0, 2)
	more := writeTemp(t, "more.csv", "prompt,chosen,rejected\nr,x,y\n")
	p.bring(more)
	p.waitTold("file-summary", "more.csv", "It has taken the place of thumbs.csv")
	p.holdsData("dpo", 1, 0)
	p.click(`[data-do="file-join"]`)
	p.waitTold("file-summary", "used together", "2 questions")
	p.holdsData("dpo", 1, 2)
	if !eval[bool](p, `document.getElementById("file-choice").hidden`) {
		t.Error("there is nothing left to choose")
	}
	hash := p.read().Hash
	p.run(`const folder = { name: "folder", size: 4096, slice: () => ({ arrayBuffer: () => Promise.reject(new Error("no file")) }) };
		const drop = new Event("drop", { cancelable: true }); drop.dataTransfer = { types: ["Files"], files: [folder] }; document.dispatchEvent(drop)`)
	p.waitMessage("folder was not taken", "it is a folder")
	if p.read().Hash != hash {
		t.Error("a folder changed something")
	}
}

// holdsData waits until the experiment is learnt by an objective from so many
// pairs and thumbs.
func (p *tab) holdsData(objective string, pairs, thumbs int) {
	p.t.Helper()
	l := labAt(p.t, p.agree().Hash)
	if key := l.Experiment.Settings.Objective().Key; key != objective || len(l.Data.Pairs) != pairs || len(l.Data.Thumbs) != thumbs {
		p.t.Errorf("%d pairs and %d thumbs are learnt by %s, expected %d, %d and %s", len(l.Data.Pairs), len(l.Data.Thumbs), key, pairs, thumbs, objective)
	}
}
