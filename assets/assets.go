// Package assets carries the files that the program itself needs. The page's
// own files lie in the same folder and are served beside it.
package assets

import (
	"embed"
	"io/fs"
)

//go:embed locales
var files embed.FS

// Catalogue returns the text of a language's catalogue of sentences, such as
// "en", in the form that words.Parse reads, and whether there is one. Only
// the program that serve builds has any: there it stands in the place of the PO
// files, which package serve/catalogue makes it from.
func Catalogue(language string) (string, bool) {
	b, err := files.ReadFile("locales/" + language + ".words")
	return string(b), err == nil
}

// Locales returns the folder of the PO files, the source of all sentences.
func Locales() fs.FS {
	folder, err := fs.Sub(files, "locales")
	if err != nil {
		panic(err) // only of a name that is no path
	}
	return folder
}
