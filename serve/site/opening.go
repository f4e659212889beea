package site

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"

	"dpoplayground/scenes/argument"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/serve/catalogue"
)

// localesFolder holds the catalogues of sentences.
const localesFolder = assetsFolder + "/locales"

// draw writes into the first page what the program will show there first, so that it
// can be seen and read before the program has come.
func draw(fsys fs.FS, sources map[string][]byte) error {
	if _, err := fs.Stat(fsys, localesFolder); errors.Is(err, fs.ErrNotExist) {
		return nil // a page without sentences shows none
	}
	holds, err := opening(fsys)
	if err != nil {
		return fmt.Errorf("the opening picture cannot be drawn: %w", err)
	}
	sources[indexName] = fillIn(string(sources[indexName]), holds)
	return nil
}

// opening returns what the program shows first, as markup, by the elements' ids.
func opening(fsys fs.FS) (map[string]string, error) {
	locales, err := fs.Sub(fsys, localesFolder)
	if err != nil {
		return nil, err
	}
	text, err := catalogue.Compact(locales, catalogue.Source)
	if err != nil {
		return nil, err
	}
	w, err := words.Parse(text)
	if err != nil {
		return nil, err
	}
	read.NameObjectives(w)
	words.UseNumbers(w)
	l, err := argument.Open(w)
	if err != nil {
		return nil, err
	}
	page := argument.Page(l, w)
	first, err := argument.FirstVisit(w)
	maps.Copy(page, first)
	return page, err
}

// fillIn puts markup into elements, which are known by their ids and hold no others,
// in place of what they hold.
func fillIn(page string, holds map[string]string) []byte {
	var edits []edit
	for _, t := range scanTags(page) {
		if markup, known := holds[t.value(page, "id")]; known {
			edits = append(edits, edit{t.end, skipText(page, t.end, t.name), markup})
		}
	}
	return apply(page, edits)
}
