//go:build !js

package core

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPackagesSayWhatTheyMayImport: the doc comment of each package names the
// packages of core that it imports, no more and no fewer.
func TestPackagesSayWhatTheyMayImport(t *testing.T) {
	folders, err := filepath.Glob("*/doc.go")
	if err != nil || len(folders) < 16 {
		t.Fatalf("only %d packages have a doc.go: %v", len(folders), err)
	}
	for _, name := range append(folders, "doc.go") {
		dir := filepath.Dir(name)
		if dir == "traces" {
			continue // tests alone
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Join(strings.Fields(strings.ReplaceAll(string(text), "//", "")), " ")
		_, may, said := strings.Cut(words, "It may import ")
		may, _, _ = strings.Cut(may, ".")
		if got, want := ownImports(t, dir), namesIn(may); !said || !slices.Equal(got, want) {
			t.Errorf("%s says that it may import %v, and imports %v", name, want, got)
		}
	}
}

// namesIn lists the names of a sentence's enumeration, sorted.
func namesIn(sentence string) []string {
	names := regexp.MustCompile(`[a-z]+`).FindAllString(sentence, -1)
	names = slices.DeleteFunc(names, func(name string) bool { return name == "and" || name == "nothing" })
	slices.Sort(names)
	return names
}

// ownImports lists the packages of core that a folder's program imports, sorted.
func ownImports(t *testing.T, dir string) (names []string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, use := range parsed.Imports {
			if path, own := strings.CutPrefix(strings.Trim(use.Path.Value, `"`), "dpoplayground/"); own {
				names = append(names, filepath.Base(path))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
