// Package sample makes the sources of a small playground, for tests. It may
// import the standard library alone.
package sample

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The pages of the small playground.
const (
	Index = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="site-version" content="">
<link rel="stylesheet" href="assets/page.css">
<script src="assets/page.js" defer data-stage="assets/stage.html"></script></head>
<body><a href="#top">up</a> <a href="https://example.org/paper">the paper</a></body></html>`
	Stage = `<!doctype html><html><head><script src="wasm_exec.js"></script>
<script src="stage.js" data-wasm="app.wasm" data-size="0"></script></head></html>`
)

// Wasm only has to look like a program and to shrink when compressed.
var Wasm = append([]byte("\x00asm\x01\x00\x00\x00"), bytes.Repeat([]byte("margin "), 3000)...)

// Files returns the playground's files by path, but for those that make a program.
func Files() map[string]string {
	return map[string]string{
		"index.html":              Index,
		"serve.go":                "package main // not for the public",
		"assets/page.css":         ".hero { background: url('img/hero.svg') } " + strings.Repeat("p { margin: 0 } ", 30),
		"assets/page.js":          strings.Repeat("// the page\n", 30),
		"assets/stage.js":         strings.Repeat("// the stage\n", 30),
		"assets/stage.html":       Stage,
		"assets/img/hero.svg":     `<svg xmlns="http://www.w3.org/2000/svg"/>`,
		"assets/img/still.webp":   strings.Repeat("webp", 100),
		"assets/lessons/one.json": `{"beta": 0.1}`,
		"assets/notes.txt":        "naïve",
		"assets/embed.go":         "package assets",
		"assets/page_test.js":     "// a test",
		"assets/.secret":          "dotfile",
		"assets/.git/config":      "dot folder",
		"assets/testdata/x.json":  "{}",
	}
}

// Root writes the playground with a tiny program into a folder of the test's, and
// gives the test a cache of its own beside the Go toolchain's.
func Root(t *testing.T) string {
	t.Helper()
	OwnCache(t)
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":              "module dpoplayground\n\ngo 1.24\n",
		"wasm/main.go":        "package main\n\nfunc main() { println(\"a program\") }\n",
		"wasm/broken_test.go": "package main\n\nvar _ = testsAreNoPartOfTheProgram\n",
	} {
		Write(t, filepath.Join(root, name), text)
	}
	for name, text := range Files() {
		if strings.HasPrefix(name, "assets/") && !strings.HasSuffix(name, ".go") || name == "index.html" {
			Write(t, filepath.Join(root, name), text)
		}
	}
	return root
}

// OwnCache gives the test a cache folder of its own beside the Go toolchain's. It
// skips the test where there is no go command.
func OwnCache(t *testing.T) {
	t.Helper()
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Skip("this test builds a program and needs the go command")
	}
	build, modules, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	t.Setenv("GOCACHE", strings.TrimSpace(build))
	t.Setenv("GOMODCACHE", strings.TrimSpace(modules))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
}

// Write writes a file and the folders above it.
func Write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
