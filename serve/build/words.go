package build

import (
	"os"
	"path/filepath"

	"dpoplayground/serve/catalogue"
)

// compactCatalogues makes every PO file of the sources at root into the form
// that the program reads, kept in dir, and returns an overlay for go build that
// puts these into the places of the PO files. An error names the line of a PO
// file that is at fault.
func compactCatalogues(root, dir string) (*overlay, error) {
	o := &overlay{Replace: map[string]string{}, root: root, dir: dir}
	folder := filepath.Join(root, "assets", "locales")
	languages, err := catalogue.Languages(os.DirFS(folder))
	if err != nil {
		return nil, err
	}
	for _, language := range languages {
		text, err := catalogue.Compact(os.DirFS(folder), language)
		if err != nil {
			return nil, err
		}
		name := language + ".words"
		o.Replace[filepath.Join(folder, language+".po")] = ""
		if o.Replace[filepath.Join(folder, name)], err = o.store(name, []byte(text)); err != nil {
			return nil, err
		}
	}
	return o, nil
}
