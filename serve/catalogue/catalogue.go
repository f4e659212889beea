package catalogue

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"dpoplayground/assets"
	"dpoplayground/scenes/plural"
)

// Source is the language that the sentences are written in first. Where another
// language lacks a sentence, this one's is said.
const Source = "en"

// Tier is what the extracted comment "tier: …" of an entry says: "class" marks
// the sentences that a class cannot do without, which are translated first.
func (e *entry) Tier() string {
	for _, note := range e.notes {
		if tier, ok := strings.CutPrefix(note, "tier:"); ok {
			return strings.TrimSpace(tier)
		}
	}
	return ""
}

// English returns the compact English catalogue of these sources.
func English() (string, error) { return Compact(assets.Locales(), Source) }

// Compact returns a language's catalogue, NAME.po in a folder, in the form that
// words.Parse reads: a line for each form of each sentence, and the rule
// of plurals. What the language lacks, or has marked as fuzzy, is English.
func Compact(folder fs.FS, language string) (string, error) {
	source, err := load(folder, Source)
	if err != nil {
		return "", err
	}
	target := source
	if language != Source {
		if target, err = load(folder, language); err != nil {
			return "", err
		}
	}
	var out strings.Builder
	out.WriteString("@plural = " + target.rule + "\n")
	for i := range source.entries {
		e := &source.entries[i]
		write(&out, e.context, forms(e, target.find(e.context), target))
	}
	return out.String(), nil
}

// file is a PO file whose entries have been checked.
type file struct {
	name    string
	rule    string // of plurals, compiled
	count   int    // of plural forms
	entries []entry
	byKey   map[string]int
}

func (f *file) find(key string) *entry {
	if i, ok := f.byKey[key]; ok {
		return &f.entries[i]
	}
	return nil
}

func load(folder fs.FS, language string) (*file, error) {
	name := language + ".po"
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fmt.Errorf("the catalogue %s cannot be read: %w", name, err)
	}
	f, err := check(name, string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

func check(name, text string) (*file, error) {
	entries, err := readPO(text)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 || entries[0].context != "" || entries[0].id != "" {
		return nil, fmt.Errorf("the file must begin with a header, an entry with an empty msgid")
	}
	f := &file{name: name, entries: entries[1:], byKey: map[string]int{}}
	if err := f.readPlural(entries[0].forms[0]); err != nil {
		return nil, err
	}
	for i := range f.entries {
		e := &f.entries[i]
		if _, twice := f.byKey[e.context]; twice {
			return nil, fmt.Errorf("line %d: the key %q stands a second time", e.line, e.context)
		}
		f.byKey[e.context] = i
		if err := f.checkEntry(e); err != nil {
			return nil, fmt.Errorf("line %d: %w", e.line, err)
		}
	}
	return f, nil
}

func (f *file) readPlural(header string) (err error) {
	for _, line := range strings.Split(header, "\n") {
		if value, ok := strings.CutPrefix(line, "Plural-Forms:"); ok {
			if f.rule, err = compilePlural(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
	}
	if f.rule == "" {
		return fmt.Errorf("the header lacks Plural-Forms")
	}
	for _, n := range checkedNumbers() {
		if form, count, ok := plural.Form(f.rule, n); !ok {
			return fmt.Errorf("Plural-Forms: of %d things the form would be number %d of %d", n, form, count)
		} else {
			f.count = count
		}
	}
	return nil
}

// checkedNumbers are numbers that between them meet every case of a rule.
func checkedNumbers() []int {
	var numbers []int
	for n := range 1100 {
		numbers = append(numbers, n)
	}
	return append(numbers, 10000, 10001, 100000, 1000000, 1000001, 2000000)
}

// checkEntry holds an entry to what a key and its sentences must be, and the
// translation to the English places.
func (f *file) checkEntry(e *entry) error {
	if e.context == "" || strings.ContainsAny(e.context, "= @\n") {
		return fmt.Errorf("%q is no key: expected a msgctxt without spaces, = and @", e.context)
	}
	if e.plural != "" && len(e.forms) != f.count {
		return fmt.Errorf("%q has %d forms, and Plural-Forms names %d", e.context, len(e.forms), f.count)
	}
	for _, text := range append([]string{e.id, e.plural}, e.forms...) {
		if strings.Contains(text, "\n") || text != strings.TrimSpace(text) && !strings.HasPrefix(e.context, "number.") {
			return fmt.Errorf("a sentence of %q has a line break, or a space at an end", e.context)
		}
		for place := range places(text) {
			if !places(e.id + e.plural)[place] {
				return fmt.Errorf("a sentence of %q has the place {%s}, which the English has not", e.context, place)
			}
		}
	}
	return nil
}

// places are the names in braces of a sentence.
func places(text string) map[string]bool {
	names := map[string]bool{}
	for {
		_, after, ok := strings.Cut(text, "{")
		name, rest, closed := strings.Cut(after, "}")
		if !ok || !closed {
			return names
		}
		names[name], text = true, rest
	}
}

// forms returns what the target says for an English entry, form by form. An
// English sentence stands in for each form that is missing: the singular for
// the form that is used of one thing, the plural for the others.
func forms(e, t *entry, target *file) []string {
	n := 1
	if e.plural != "" {
		n = target.count
	}
	of1, _, _ := plural.Form(target.rule, 1)
	out := make([]string, n)
	for i := range out {
		switch {
		case t != nil && !t.has("fuzzy") && i < len(t.forms) && t.forms[i] != "":
			out[i] = t.forms[i]
		case e.plural != "" && (n == 1 || i != of1):
			out[i] = e.plural
		default:
			out[i] = e.id
		}
	}
	return out
}

// write writes the lines of a sentence. A form that says the same as the last
// one needs no line.
func write(out *strings.Builder, key string, forms []string) {
	last := forms[len(forms)-1]
	out.WriteString(key + " = " + last + "\n")
	for i, form := range forms[:len(forms)-1] {
		if form != last {
			fmt.Fprintf(out, "%s@%d = %s\n", key, i, form)
		}
	}
}

// Languages returns the languages that a folder has catalogues of, sorted.
func Languages(folder fs.FS) ([]string, error) {
	names, err := fs.Glob(folder, "*.po")
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, ".po")
	}
	slices.Sort(names)
	return names, err
}
