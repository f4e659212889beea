// Package assets carries the files that the program itself needs. The page's
// own files lie in the same folder and are served beside it.
package assets

import "embed"

//go:embed locales
var files embed.FS

// Catalogue returns the text of a language's catalogue of sentences, such as
// "en", and whether there is one.
func Catalogue(language string) (string, bool) {
	b, err := files.ReadFile("locales/" + language + ".txt")
	return string(b), err == nil
}
