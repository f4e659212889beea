//go:build !js

package pagetest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dpoplayground/core/intake"
	"dpoplayground/internal/full"
)

// A link that is wrong is answered in words, and the page goes on. Package link's own
// tests hold every complaint; the short form shows every third of these on the page.
func TestHostileLinksGetASentence(t *testing.T) {
	t.Parallel()
	p := openPage(t, "")
	p.run(`window.hurt = 0`)
	for i, c := range []struct {
		name, fragment string
		words          []string // of one message
	}{
		{"not a number", "v=1&beta=NaN", []string{"β", "“NaN”", "0.01", "5"}},
		{"infinite", "v=1&beta=Infinity", []string{"β", "“Infinity”"}},
		{"huge", "v=1&beta=1e300", []string{"β", "1e+300", "0.01", "5"}},
		{"beyond a float", "v=1&lr=1e999", []string{"Learning rate", "1e999", "0.001", "1000"}},
		{"negative", "v=1&step=-1", []string{"Step", "-1", "0", "10000000"}},
		{"a fraction of a step", "v=1&step=1.5", []string{"Step", "whole number"}},
		{"a step behind the end", "v=1&steps=100&step=101", []string{"Step", "101", "0", "100"}},
		{"unknown field", "v=1&noise=2000", []string{"“noise”", "is not known"}},
		{"__proto__", "v=1&__proto__=x", []string{"“__proto__”", "is not known"}},
		{"twice", "v=1&beta=0.2&beta=0.3", []string{"β", "twice", "first one holds"}},
		{"no value", "v=1&beta", []string{"β", "without a value"}},
		{"broken percent", "v=1&q=%zz", []string{"“q” is damaged", "hexadecimal"}},
		{"not UTF-8", "v=1&q=%ff%fe", []string{"“q” is damaged", "UTF-8"}},
		{"unknown choice", "v=1&opt=lion", []string{"Optimiser", "“lion”", "sgd, adam"}},
		{"unknown preset", "v=1&preset=secret", []string{"“preset”", "“secret”", "tyre, jury"}},
		{"later version", "v=2&beta=0.2", []string{"version 2", "reads version 1"}},
		{"script in a value", "v=1&beta=%3Cscript%3Ewindow.hurt=1%3C/script%3E", []string{"β", "“<script>window.hurt=1</script>”"}},
		{"image in a key", "v=1&%3Cimg%20src=x%20onerror=window.hurt=1%3E", []string{"<img src"}},
		{"a pair of one", "v=1&preset=tyre&from=given&pairs=0-0", []string{"Field “pairs”", "“0-0”", "two different replies"}},
		{"a reply that is not there", "v=1&preset=tyre&from=given&pairs=0-77", []string{"Field “pairs”", "“0-77”", "from 0 to 5"}},
		{"no votes on a pair", "v=1&preset=tyre&from=given&pairs=0-1x0", []string{"Field “pairs”", "count of at least 1"}},
		{"one reply", "v=1&q=Why&a=0__x", []string{"“Why” needs at least 2 replies"}},
		{"an orphan", "v=1&a=0__x&a=0__y", []string{"Field “a”", "before any question"}},
		{"a reply without numbers", "v=1&q=Why&a=x&a=y", []string{"Field “a”", "“x” is not a reply"}},
		{"half a reference", "v=1&q=Why&a=0_1_x&a=0__y", []string{"“Why”", "All or none"}},
		{"a reward beyond", "v=1&q=Why&a=1e9_1_x&a=0_1_y", []string{"Field “a”", "from −100 to 100"}},
		{"control characters", "v=1&q=a%00b&a=0__x&a=0__y", []string{"field “q”", "control characters"}},
		{"a prompt that is not there", "v=1&preset=tyre&prompt=9", []string{"“prompt”", "from 0 to 0"}},
		{"a file of nothing", "v=1&file=zz_0_", []string{"“file”", "names no file"}},
		{"a file that is not here", "v=1&file=ab_12_votes.csv", []string{"votes.csv", "cannot carry"}},
		{"sections", "v=1&open=<b>", []string{"“open”", "small letters"}},
		{"a long text", "v=1&q=" + strings.Repeat("x", 3000) + "&a=0__x&a=0__y", []string{"field “q”", "2000 characters"}},
		{"100 kB", "v=1&q=" + strings.Repeat("y", 100_000), []string{"100006 characters", "65536"}},
		{"10,000 fields", "v=1" + strings.Repeat("&x=1", 10_000), []string{"“x”"}},
	} {
		if i%3 != 1 && !full.Asked() {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			p.run(`location.hash = $`, c.fragment)
			p.waitMessage(c.words...)
			p.stillRuns()
			p.run(`location.hash = "v=1&preset=tyre"`)
			p.until(`document.querySelectorAll("#messages > p, .fault").length === 0`)
		})
	}
	p.t = t
	if eval[int](p, `window.hurt`) != 0 {
		t.Error("a link ran a script")
	}
	p.open("v=1&beta=NaN&lr=0.2&opt=lion") // the same on arrival
	p.waitMessage("β", "“NaN”")
	p.waitMessage("“lion”")
	if v := eval[string](p, `document.getElementById("lr").value`); v != "0.2" {
		t.Errorf("what is right in a wrong link does not hold: the learning rate is %s", v)
	}
	p.stillRuns()
}

// stillRuns takes a step and sees a number move.
func (p *tab) stillRuns() {
	p.t.Helper()
	before := p.read().Clock
	p.run(`document.querySelector('[data-do="forward"]').click()`)
	p.until(`document.getElementById("clock").textContent !== $ && document.getElementById("said").textContent.startsWith("Step ")`, before)
	if now := p.read().Now; strings.ContainsAny(now, "NaI[") {
		p.t.Errorf("KL is %q", now)
	}
}

// writeTemp writes a file to bring to the page.
func writeTemp(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHostileFilesGetASentenceAndLoseNothing(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&beta=0.3&step=50")
	before := p.agree()
	row := `{"prompt":"p","chosen":"a","rejected":"b"}` + "\n"
	for _, c := range []struct {
		name, content string
		words         []string
	}{
		{"empty.jsonl", "", []string{"is empty"}},
		{"blank.csv", "\n \n", []string{"is empty"}},
		{"picture.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", []string{"PNG format", "CSV or JSONL"}},
		{"sheet.xlsx", "PK\x03\x04....[Content_Types].xml", []string{"Excel format"}},
		{"noise.csv", "a,b,winner\nx,\x00\x01\x02,a\n", []string{"Line 2, column 3", "zero byte"}},
		{"latin.csv", "chosen,rejected\ngr\xfc\xdfe,b\n", []string{"Line 2, column 3", "UTF-8"}},
		{"utf16.csv", "\xff\xfec\x00h\x00", []string{"Line 1", "“ch”"}},
		{"page.html", "<!doctype html><script>parent.hurt=1</script>", []string{"web page"}},
		{"columns.csv", "good,bad\nx,y\n", []string{"Line 1", "chosen and rejected", "good"}},
		{"fields.csv", "chosen,rejected\nx,y,z\n", []string{"Line 2", "2 fields"}},
		{"quotes.csv", "chosen,rejected\n\"x,y\n", []string{"Line 2, column 1", "never closed"}},
		{"inner.csv", "chosen,rejected\n\"x\"z,y\n", []string{"Line 2", "closing quote"}},
		{"third.jsonl", "\n\n" + `{"prompt":"p","chosen":"a" "rejected":"b"}` + "\n" + row, []string{"Line 3, column 28", "comma"}},
		{"cut.jsonl", "\n" + `{"prompt":"p","chosen":"a`, []string{"Line 2", "cut off"}},
		{"number.jsonl", "\n" + `{"prompt":"p","chosen":7,"rejected":"b"}`, []string{"Line 2", "“chosen”", "7"}},
		{"missing.jsonl", `{"prompt":"p","chosen":"a"}`, []string{"Line 1", "“rejected”"}},
		{"count.csv", "chosen,rejected,count\nx,y,-3\n", []string{"Line 2", "count", "-3"}},
		{"winner.csv", "a,b,winner\nx,y,z\n", []string{"Line 2", "winner", "“z”"}},
		{"deep.jsonl", `{"x":` + strings.Repeat("[", 5000), []string{"nested deeper"}},
		{"proto.jsonl", `{"__proto__":{"chosen":"a"},"constructor":"b"}`, []string{"Line 1", "“chosen”"}},
		{"<img src=x onerror=parent.hurt=1>.csv", "x", []string{"<img src=x onerror=parent.hurt=1>.csv was not taken"}},
		{"same.csv", "chosen,rejected\nx,x\n", []string{"two different replies"}},
		{"header.csv", "chosen,rejected\n", []string{"no preferences"}},
		{"large.csv", "chosen,rejected\n" + strings.Repeat("x,y\n", 20<<18), []string{"at most 20 MB"}},
		{"rows.csv", "chosen,rejected\n" + strings.Repeat("x,y\n", intake.MaxRows+1), []string{"Line 200002", "more than 200000 rows"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			name := c.name
			p.bring(writeTemp(t, name, c.content))
			p.waitMessage(append([]string{name + " was not taken, and nothing was changed."}, c.words...)...)
			if after := p.agree(); after.Hash != before.Hash || after.numbers() != before.numbers() {
				t.Errorf("the page changed from\n%v\nto\n%v", before, after)
			}
			p.run(`document.querySelectorAll("#messages button, .fault button").forEach((b) => b.click())`)
		})
	}
	p.t = t
	if eval[bool](p, `"hurt" in window`) {
		t.Error("a file ran a script")
	}
	p.stillRuns()
}

func TestFilesOfPreferences(t *testing.T) {
	t.Parallel()
	chat := `{"prompt":[{"role":"user","content":"Hi?"}],"chosen":[{"role":"assistant","content":"Hello"}],"rejected":[{"role":"assistant","content":"Go away"}]}` + "\n"
	for _, c := range []struct {
		name, content string
		replies       []string
		kl            float64 // at the optimum or limit, uniform reference; by hand
		words         []string
	}{
		// One-sided: all mass goes to the winner, KL → log 2.
		{"chat.jsonl", chat + chat, []string{"Hello", "Go away"}, 0.693147, []string{"2 rows", "2 replies", "2 preferences"}},
		// 3:1 votes: σ(u) = 3/4, so h = log(3)/β with β = 0.5, π = 9/10, 1/10.
		{"votes.csv", "a,b,winner\nx,y,a\nx,y,a\ny,x,b\nx,y,b\nx,y,tie\n", []string{"x", "y"}, 0.693147 + 0.9*-0.1053605 + 0.1*-2.3025851,
			[]string{"5 rows", "4 preferences", "Left out because they are ties", ": 1."}},
		{"semicolon.csv", "prompt;chosen;rejected;count\r\n\"say \"\"x\"\"\";\"x;1\";y;3\r\n\"say \"\"x\"\"\";y;\"x;1\";1\r\n", []string{"x;1", "y"}, 0.693147 + 0.9*-0.1053605 + 0.1*-2.3025851,
			[]string{"2 rows", "4 preferences"}},
		{"markup.jsonl", `{"prompt":"<script>parent.hurt=1</script>","chosen":"<img src=x onerror=parent.hurt=1>","rejected":"__proto__"}`,
			[]string{"<img src=x onerror=parent.hurt=1>", "__proto__"}, 0.693147, []string{"1 row,"}},
		{"array.json", `[{"chosen":"ja","rejected":"nein"},` + "\n" + `{"chosen":"nein","rejected":"ja"}]`, []string{"ja", "nein"}, 0, []string{"2 rows", "2 preferences"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := openPage(t, "v=1&preset=tyre&open=data.edit")
			p.agree()
			p.bring(writeTemp(t, c.name, c.content))
			p.waitTold("file-summary", append([]string{c.name}, c.words...)...)
			s := p.agree()
			if len(s.Bars) != len(c.replies) {
				t.Fatalf("the bars are %q", s.Bars)
			}
			for k, text := range c.replies {
				if !strings.HasPrefix(s.Bars[k], text+": 50% now, 50% in the reference") {
					t.Errorf("bar %d is %q", k, s.Bars[k])
				}
			}
			if !near(s.Optimum, c.kl) {
				t.Errorf("KL at the optimum is %s, not %v", s.Optimum, c.kl)
			}
			if eval[bool](p, `"hurt" in window`) {
				t.Error("a file ran a script")
			}
			p.stillRuns()
		})
	}
}

// hugeFile is a file of rows that are all different.
func hugeFile(t *testing.T, rows int) string {
	t.Helper()
	var b bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&b, "{\"prompt\":\"Question %d?\",\"chosen\":\"A good reply, %d\",\"rejected\":\"A bad one, %d\"}\n", i/4, i, i)
	}
	if b.Len() > intake.MaxBytes {
		t.Fatalf("%d bytes are too many", b.Len())
	}
	return writeTemp(t, "huge.jsonl", b.String())
}

func TestHugeFile(t *testing.T) {
	rows := full.Or(intake.MaxRows/10, intake.MaxRows)
	path := hugeFile(t, rows)
	p := openPage(t, "v=1&preset=tyre&step=20")
	before := p.agree()
	p.run(`window.longest = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) window.longest = Math.max(window.longest, e.duration); }).observe({ type: "longtask" })`)

	p.atProgress(`window.share = document.getElementById("file-bar").value; document.querySelector('[data-do="file-cancel"]').click()`)
	p.bring(path)
	p.waitMessage("huge.jsonl was cancelled")
	if share := eval[float64](p, `window.share`); share <= 0 || share > 0.5 {
		t.Errorf("it was cancelled when %v of it was read", share)
	}
	if after := p.agree(); after.numbers() != before.numbers() || after.Hash != before.Hash {
		t.Errorf("a cancelled file changed the page from\n%v\nto\n%v", before, after)
	}

	start := time.Now()
	p.atProgress(`document.getElementById("play").click(); window.during = [document.getElementById("play").className, document.getElementById("file-progress").hidden].join()`)
	p.bring(path)
	p.waitTold("file-summary", "huge.jsonl", digitsApart(strconv.Itoa(rows))+" rows", digitsApart(strconv.Itoa(rows/4))+" questions")
	if during := eval[string](p, `window.during`); during != "primary playing,false" {
		t.Errorf("Play was pressed while the file was read: the button and the progress are %q", during)
	}
	t.Logf("the rows were taken after %.1f s; the longest task took %.0f ms", time.Since(start).Seconds(), eval[float64](p, `window.longest`))
	p.until(`!document.getElementById("prompts").hidden`)
	p.run(`window.longest = 0`)
	p.stillRuns()
	p.until(`document.getElementById("clock").textContent.startsWith("1 /")`)
	p.run(`const e = document.getElementById("prompt-find"); e.value = "question 3210?"; e.dispatchEvent(new Event("change", { bubbles: true }))`)
	p.until(`document.getElementById("prompt").textContent === "“Question 3210?”"`)
	p.click("#play")
	p.meanwhile(`document.getElementById("play").classList.contains("playing")`)
	p.click("#play")
	p.until(`!document.getElementById("play").classList.contains("playing")`)
	t.Logf("training on it, the longest task took %.0f ms", eval[float64](p, `window.longest`))

	p.click(`[data-do="share"]`)
	p.until(`document.getElementById("share").open`)
	if note := eval[string](p, `document.getElementById("share-note").textContent`); !strings.Contains(note, "not the preferences of huge.jsonl") {
		t.Errorf("sharing says %q", note)
	}
	link := eval[string](p, `document.getElementById("share-link").value`)
	other := newTab(t, browser(t), p.base)
	other.open(strings.TrimPrefix(link, p.base+"#"))
	other.waitMessage("made with the file huge.jsonl")
	other.bring(path)
	other.waitTold("file-summary", "huge.jsonl: ", digitsApart(strconv.Itoa(rows)))
	other.until(`document.getElementById("prompt").textContent === "“Question 3210?”"`)
	other.until(`document.getElementById("clock").textContent === $`, p.read().Clock)
}

// atProgress runs JavaScript as soon as the page says how much of a file is read.
func (p *tab) atProgress(script string) {
	p.t.Helper()
	p.run(`new MutationObserver((_, observer) => { observer.disconnect(); ` + script + ` }).observe(document.getElementById("file-state"), { childList: true })`)
}

// digitsApart writes a number with thin spaces between thousands.
func digitsApart(s string) string {
	return s[:len(s)-3] + "\u202f" + s[len(s)-3:]
}
