package catalogue

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dpoplayground/assets"
)

// mostWords is how long a sentence may be.
const mostWords = 22

// tooLong lists the keys of sentences that are longer all the same. It may only
// become shorter. file.hint lists the keys of three kinds of file.
var tooLong = map[string]bool{"file.hint": true}

// notPlain lists, by language, words that are not the field's or that say in a
// picture what can be said as it is: a preference is no vote, and a run converges.
var notPlain = map[string]*regexp.Regexp{
	"en": regexp.MustCompile(`(?i)\b(votes?|voted|leash|mass|trembl\w*|kin|arriv\w*|grains?|timid\w*|bold\w*|push\w*|pull\w*|kindred|descend\w*|objective)\b`),
}

var (
	placeOf  = regexp.MustCompile(`\{\w+\}`)
	endsAt   = regexp.MustCompile(`[.?!]["”’)]?(\s|$)`)
	ofPreset = regexp.MustCompile(`^preset\.\w+\.\d`) // what people of an example say
)

// says returns the texts of an entry.
func says(e *entry) []string { return append([]string{e.id, e.plural}, e.forms...) }

// longest returns the words of a text's longest sentence. A place counts as one.
func longest(text string) (most int) {
	for _, sentence := range endsAt.Split(text, -1) {
		most = max(most, len(strings.Fields(sentence)))
	}
	return most
}

func TestSentencesAreShort(t *testing.T) {
	f, err := load(assets.Locales(), Source)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.entries {
		e, most := &f.entries[i], 0
		for _, text := range says(e) {
			most = max(most, longest(text))
		}
		switch long := most > mostWords; {
		case long && !tooLong[e.context]:
			t.Errorf("line %d: %s has a sentence of %d words", e.line, e.context, most)
		case !long && tooLong[e.context]:
			t.Errorf("line %d: %s has become short: take it off the list", e.line, e.context)
		}
	}
}

func TestSentencesAreInTheFieldsWords(t *testing.T) {
	languages, err := Languages(assets.Locales())
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range languages {
		words := notPlain[language]
		if words == nil {
			continue
		}
		f, err := load(assets.Locales(), language)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.entries {
			e, found := &f.entries[i], ""
			for _, text := range says(e) {
				found += words.FindString(placeOf.ReplaceAllString(text, ""))
			}
			switch {
			case ofPreset.MatchString(e.context):
			case found != "":
				t.Errorf("%s, line %d: %s says %q", language, e.line, e.context, found)
			}
		}
	}
}

// The documents keep to the same words. What stands between backquotes is code.
func TestDocumentsAreInTheFieldsWords(t *testing.T) {
	code := regexp.MustCompile("`[^`]*`")
	docs, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil || len(docs) == 0 {
		t.Fatal("no documents", err)
	}
	for _, name := range append(docs, filepath.Join("..", "..", "README.md")) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if found := notPlain["en"].FindString(code.ReplaceAllString(line, "")); found != "" {
				t.Errorf("%s:%d says %q", name, i+1, found)
			}
		}
	}
}

func TestLongestCountsASentence(t *testing.T) {
	for text, want := range map[string]int{"": 0, "One two. Three four five!": 3, "{a} is at 0.5 nats.": 5, "He says “no.” Yes": 3} {
		if got := longest(text); got != want {
			t.Errorf("%q: %d words, want %d", text, got, want)
		}
	}
}

// The map of the house calls packages by their names, objective and mass among them,
// and keeps to the field's words besides.
func TestMapIsInTheFieldsWords(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	strange := regexp.MustCompile(`(?i)\b(votes?|voted|leash|trembl\w*|kin|grains?|timid\w*|pull(s|ed)?|kindred)\b`)
	for i, line := range strings.Split(string(text), "\n") {
		if found := strange.FindString(line); found != "" {
			t.Errorf("CONTRIBUTING.md:%d says %q", i+1, found)
		}
	}
}
