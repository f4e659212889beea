// Package lessons does natively what the site needs of its lessons: it proves each,
// lists their texts for translators, and prints a page of tips for each. It may import
// core/lesson, scenes/words and serve/catalogue.
package lessons

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/lesson"
	"dpoplayground/scenes/words"
	"dpoplayground/serve/catalogue"
)

const folder = "assets/lessons"

// A Book is the lessons of a site, with what reading them needs.
type Book struct {
	words   words.Words
	presets []core.Preset
	lessons []*lesson.Lesson // in the order of assets/lessons.txt
	names   []string         // of their files, without the ending
}

// Read reads the lessons below the root of a site's sources. An error names each file,
// line and step that is at fault.
func Read(root fs.FS) (*Book, error) {
	text, err := catalogue.English()
	if err != nil {
		return nil, err
	}
	w, err := words.Parse(text)
	if err != nil {
		return nil, err
	}
	b := &Book{words: w, presets: core.Presets(func(key string) string { return w.Say(key) })}
	files, err := ordered(root)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, file := range files {
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return nil, err
		}
		l, faults := lesson.Parse(path.Base(file), string(text), b.presets)
		wrong = append(wrong, b.told(faults)...)
		b.lessons, b.names = append(b.lessons, l), append(b.names, strings.TrimSuffix(path.Base(file), ".txt"))
	}
	return b, errors.Join(wrong...)
}

// ordered lists the files of lessons: those of the list first, in its order.
func ordered(root fs.FS) ([]string, error) {
	files, err := fs.Glob(root, folder+"/*.txt")
	if err != nil || len(files) == 0 {
		return nil, err
	}
	list, _ := fs.ReadFile(root, folder+".txt") // without one they are in the order of their names
	var out, rest []string
	for line := range strings.Lines(string(list)) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		out = append(out, folder+"/"+name+".txt")
	}
	listed := strings.Join(out, "\n") + "\n"
	for _, file := range files {
		if !strings.Contains(listed, file+"\n") {
			rest = append(rest, file)
		}
	}
	return append(out, rest...), nil
}

// told says what is wrong, as the page does.
func (b *Book) told(faults []*lesson.Fault) (wrong []error) {
	for _, f := range faults {
		why := ""
		if f.Complaint != nil {
			why = words.Complain(f.Complaint, b.words)
		}
		said := b.words.Say("lesson.fault", "file", f.File, "line", strconv.Itoa(f.Line), "found", f.Found,
			"expected", b.words.Say("lesson.expect."+f.Code, "allowed", f.Allowed, "why", why))
		wrong = append(wrong, fmt.Errorf("%s (step %d)", said, f.Step))
	}
	return wrong
}

// proofSlice is how many training steps are done between two looks at the context.
const proofSlice = 1000

// Prove runs every number and every claim of every lesson. An error names each that
// does not hold, by file, line and step, and says what the run gives.
func (b *Book) Prove(ctx context.Context) error {
	var wrong []error
	for _, l := range b.lessons {
		p := lesson.NewProver(l, b.presets)
		for p.Work(proofSlice) {
			if ctx.Err() != nil {
				return fmt.Errorf("the lessons were not proved to the end: %w", ctx.Err())
			}
		}
		wrong = append(wrong, b.told(p.Faults())...)
	}
	return errors.Join(wrong...)
}
