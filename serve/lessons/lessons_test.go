package lessons

import (
	"context"
	"flag"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"dpoplayground/serve/catalogue"
)

var update = flag.Bool("update", false, "write assets/lessons/en.po anew")

const root = "../.."

func book(t *testing.T) *Book {
	t.Helper()
	b, err := Read(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The catalogue of the lessons says what their files say: -update writes it.
func TestCatalogueOfTheLessonsIsTheirTexts(t *testing.T) {
	name := filepath.Join(root, folder, "en.po")
	want := book(t).PO()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("assets/lessons/en.po is not what the lessons say: go test ./serve/lessons -update writes it anew")
	}
	compact, err := catalogue.Compact(os.DirFS(filepath.Join(root, folder)), "en")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"lesson.beta.0.lesson = What β does\n", "lesson.beta.2.choice.3 = less far\n"} {
		if !strings.Contains(compact, line) {
			t.Errorf("the catalogue has no %q", line)
		}
	}
}

// changed is a site whose one lesson has a text replaced, in a line of its file.
func changed(t *testing.T, from, to string) (site fs.FS, line int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, folder, "beta.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), from) != 1 {
		t.Fatalf("beta.txt does not hold %q once", from)
	}
	before, _, _ := strings.Cut(string(text), from)
	return fstest.MapFS{folder + "/beta.txt": {Data: []byte(strings.Replace(string(text), from, to, 1))}}, 1 + strings.Count(before, "\n")
}

// What is wrong in a lesson is told by file, line, step and number, be it in how the
// file is written or in what it claims.
func TestFaultsOfLessonsAreNamed(t *testing.T) {
	for _, c := range []struct{ from, to, step, found, expected string }{
		{"number small: kl of v=1&preset=tyre&beta=0.05&step=1000 is 0.345", "number small: kl of v=1&preset=tyre&beta=0.05&step=1000 is 0.346", "2", "0.346", "0.345"},
		{"claim: small < large", "claim: small > large", "2", "small > large", "0.345, 0.497"},
		{"claim: finite of then is yes", "claim: finite of then is no", "2", "finite is no", "yes"},
		{"minutes: 5", "minutes: five", "0", "five", "90"},
		{"run: 1000", "run: soon", "2", "soon", "whole"},
	} {
		site, line := changed(t, c.from, c.to)
		b, err := Read(site)
		if err == nil {
			err = b.Prove(context.Background())
		}
		if err == nil {
			t.Errorf("%q is not found wrong", c.to)
			continue
		}
		for _, want := range []string{fmt.Sprintf("beta.txt, line %d:", line), "(step " + c.step + ")", c.found, c.expected} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is told as %q, without %q", c.to, err, want)
			}
		}
	}
}

func TestProofIsBrokenOff(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := book(t).Prove(ctx); err == nil || !strings.Contains(err.Error(), "lessons") {
		t.Error("a proof goes on though it was broken off:", err)
	}
}

// Each lesson has a page of tips: its minutes, the link of each step, what students
// get wrong, and a question to ask. No number is left out that does not depend on the
// reader.
func TestEveryLessonHasTips(t *testing.T) {
	b := book(t)
	pages := b.Pages()
	for i, l := range b.lessons {
		text := string(pages["tips/"+b.names[i]+".html"])
		wants := []string{html.EscapeString(forWhom(l)), say("tips.wrong"), say("tips.discuss"), `href="../assets/tips.css"`}
		for k := range l.Steps {
			wants = append(wants, `href="../#lesson=`+b.names[i]+"."+string(rune('1'+k))+`"`)
		}
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("the tips of %s are without %q", b.names[i], want)
			}
		}
		if b.names[i] != "annotator" && strings.Contains(text, "…") {
			t.Errorf("the tips of %s leave a number out", b.names[i])
		}
		if !strings.Contains(string(pages["tips/index.html"]), `href="`+b.names[i]+`.html"`) {
			t.Errorf("the list of tips is without %s", b.names[i])
		}
	}
}
