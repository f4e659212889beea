package link_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/link"
)

var coded = regexp.MustCompile("`([^`]*)`")

// Each row of docs/teaching.md has an example that opens without a complaint and is
// written back as it is, and each name there can be hidden or locked as it is said.
func TestTeachingTable(t *testing.T) {
	text, err := os.ReadFile("../../docs/teaching.md")
	if err != nil {
		t.Fatal(err)
	}
	presets := coretest.TestPresets()
	examples, names := 0, 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		switch found := coded.FindAllStringSubmatch(line, -1); {
		case len(cells) == 5 && len(found) > 1:
			examples++
			checkExample(t, presets, found[len(found)-1][1])
		case len(cells) == 4 && len(found) > 0:
			for _, name := range coded.FindAllStringSubmatch(cells[1], -1) {
				names++
				checkName(t, name[1], cells[2])
			}
		}
	}
	if examples < 5 || names < 12 {
		t.Errorf("only %d examples and %d names were found", examples, names)
	}
}

func checkExample(t *testing.T, presets []core.Preset, fragment string) {
	e, complaints := link.Parse(fragment, presets)
	for _, c := range complaints {
		t.Errorf("%s: %v", fragment, c)
	}
	again, carried := link.Write(&e, presets)
	f, complaints := link.Parse(again, presets)
	if len(complaints) > 0 || !carried || !coretest.SameExperiment(e, f) || again == "v=1&preset=tyre" {
		t.Errorf("%s is written as %s, %v", fragment, again, complaints)
	}
}

func checkName(t *testing.T, name, told string) {
	hide, lock := !strings.Contains(told, "Only for `lock`"), !strings.Contains(told, "Only for `hide`")
	if core.Hideable(name) != hide || core.Lockable(name) != lock {
		t.Errorf("%s can be hidden: %v, locked: %v; the table says %v, %v", name, core.Hideable(name), core.Lockable(name), hide, lock)
	}
}

// What is not known is answered, and changes nothing else.
func TestUnknownHandoutsAreAnswered(t *testing.T) {
	for fragment, code := range map[string]string{
		"hide=answers": "hide", "hide=optimum.": "hide", "hide=all": "hide", "lock=optimum": "lock", "lock=beta.x": "lock",
		"lesson=../x": "lesson", "lesson=beta.0": "lesson", "lesson=beta.x": "lesson", "lesson=": "lesson",
		"present=yes": "choice", "play=1": "choice", "lang=english please": "lang", "lang=e": "lang",
	} {
		e, complaints := link.Parse("v=1&preset=tyre&beta=0.2&"+fragment, coretest.TestPresets())
		if len(complaints) != 1 || complaints[0].Code != code {
			t.Errorf("%s: %v", fragment, complaints)
		}
		h := e.View.Handout
		if e.Settings[core.Beta] != 0.2 || h.Lesson != "" || h.Hide != nil || h.Lock != nil || h.Present || h.Play || h.Lang != "" {
			t.Errorf("%s left %+v", fragment, h)
		}
	}
}
