package lesson_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core/coretest"
	"dpoplayground/core/lesson"
)

// proved reads a lesson's text and proves it, and returns all its faults.
func proved(file, text string) []*lesson.Fault {
	presets := coretest.TestPresets()
	l, faults := lesson.Parse(file, text, presets)
	if len(faults) > 0 {
		return faults
	}
	p := lesson.NewProver(l, presets)
	for p.Work(1000) {
	}
	return p.Faults()
}

// Every lesson that comes with the playground is read without a fault, and every
// number and claim in it holds.
func TestLessonsHold(t *testing.T) {
	names, err := filepath.Glob("../../assets/lessons/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("there are no lessons: ", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range proved(filepath.Base(name), string(text)) {
				t.Error(f)
			}
		})
	}
}

// The list that the page offers names every lesson, with its minutes and its title.
func TestListAgreesWithLessons(t *testing.T) {
	list, err := os.ReadFile("../../assets/lessons.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		text, err := os.ReadFile("../../assets/lessons/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		l, _ := lesson.Parse(name+".txt", string(text), coretest.TestPresets())
		if want := strconv.Itoa(l.Minutes) + " " + l.Title; rest != want {
			t.Errorf("%s is listed as %q, not %q", name, rest, want)
		}
		listed[name+".txt"] = true
	}
	files, _ := filepath.Glob("../../assets/lessons/*.txt")
	for _, name := range files {
		if !listed[filepath.Base(name)] {
			t.Errorf("%s is not listed", name)
		}
	}
}

// The example of the documentation is a lesson, and holds.
func TestDocumentedExampleHolds(t *testing.T) {
	for _, f := range proved("example.txt", documentedExample(t)) {
		t.Error(f)
	}
}

func documentedExample(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/lessons.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, found := strings.Cut(string(text), "```lesson\n")
	example, _, closed := strings.Cut(example, "```")
	if !found || !closed {
		t.Fatal("docs/lessons.md has no example")
	}
	return example
}

// Each field of the example, written wrongly, is answered by its own line and step.
func TestWrongFieldsAreNamed(t *testing.T) {
	example := documentedExample(t)
	for _, c := range []struct{ from, to, code, found string }{
		{"minutes: 3", "minutes: three", "minutes", "three"},
		{"minutes: 3", "minutes: 0", "minutes", "0"},
		{"about: Does", "abuot: Does", "field", "abuot"},
		{"for: everybody who has seen one run\n", "", "missing", "example.txt"},
		{"state: v=1&preset=tyre&step=100", "state: v=1&preset=tire&step=100", "state", "tire"},
		{"then: v=1&preset=tyre&lr=0.8", "then: v=1&preset=tyre&lr=fast", "state", "fast"},
		{"then: v=1&preset=tyre&lr=0.8", "then: lesson=beta", "nested", "beta"},
		{"hide: optimum\nlock", "hide: answer\nlock", "hide", "answer"},
		{"lock: beta", "lock: betta", "lock", "betta"},
		{"text: The learning", "ttext: The learning", "field", "ttext"},
		{"{slow}.\nask", "{slo}.\nask", "unknown", "{slo}"},
		{"right: further\n", "", "missing", "Twice the rate"},
		{"ask: With a rate of 0.8, where is the policy after 100 steps?\n", "", "missing", "Twice the rate"},
		{"choice: just as far\n", "", "orphan", "said"},
		{"run: 100", "run: soon", "run", "soon"},
		{"drag: reply 1", "drag: reply one", "drag", "one"},
		{"within 5%", "within 5", "drag", "reply 1 to end within 5"},
		{"to end within", "to ende within", "unknown", "ende"},
		{"number slow: kl of", "number slow: KL of", "quantity", "KL"},
		{"number slow: kl of", "number Slow: kl of", "name", "Slow"},
		{"number end: probability.optimum 1", "number end: probability.optimum", "reply", "probability.optimum"},
		{"kl of state is 0.183", "kl of state is", "claimed", "kl of state is"},
		{"kl of state is 0.183", "kl of statte is 0.183", "place", "statte"},
		{"kl of state is 0.183", "kl of state is 0.184", "value", "slow is 0.184"},
		{"claim: slow < fast", "claim: slow > fast", "compare", "slow > fast"},
		{"claim: slow < fast", "claim: slow << fast", "claim", "slow << fast"},
		{"claim: finite of", "claim: endless of", "fact", "endless"},
		{"finite of state is yes", "finite of state is maybe", "answer", "maybe"},
		{"finite of state is yes", "finite of state is no", "holds", "finite is no"},
	} {
		text := strings.Replace(example, c.from, c.to, 1)
		if text == example {
			t.Errorf("the example has no %q", c.from)
			continue
		}
		faults := proved("example.txt", text)
		line := 1 + strings.Count(example[:strings.Index(example, c.from)], "\n")
		named := false
		for _, f := range faults {
			named = named || f.Code == c.code && f.Found == c.found && (f.Line == line || c.to == "" || c.code == "unknown" && f.Line < line)
		}
		if !named {
			t.Errorf("%q for %q: line %d, %s of %q is wanted, and there is %v", c.to, c.from, line, c.code, c.found, faults)
		}
	}
}
