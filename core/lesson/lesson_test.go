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
