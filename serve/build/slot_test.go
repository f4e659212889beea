package build

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Whatever happens to what is kept of a build, the next one gives the program.
func TestADamagedBuildIsMadeAgain(t *testing.T) {
	root := testRoot(t)
	first, _ := mustBuild(t, root)
	dir, err := cacheDir(root)
	if err != nil {
		t.Fatal(err)
	}
	file := newSlot(dir).file
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	overwrite := func(data []byte) func() error {
		return func() error { return os.WriteFile(file, data, 0o600) }
	}
	flipped := bytes.Clone(kept)
	flipped[len(kept)/2] ^= 1
	for name, damage := range map[string]func() error{
		"half of it":        overwrite(kept[:len(kept)/2]),
		"without its end":   overwrite(kept[:len(kept)-1]),
		"with a byte more":  overwrite(append(bytes.Clone(kept), 0)),
		"one bit":           overwrite(flipped),
		"only the hash":     overwrite(kept[:32]),
		"without its hash":  overwrite(kept[32:]),
		"empty":             overwrite(nil),
		"zeros":             overwrite(make([]byte, len(kept))),
		"gone":              func() error { return os.Remove(file) },
		"no folder":         func() error { return os.RemoveAll(dir) },
		"a folder":          func() error { os.Remove(file); return os.MkdirAll(filepath.Join(file, "deep"), 0o700) },
		"a link to nowhere": func() error { os.Remove(file); return os.Symlink(filepath.Join(dir, "nowhere"), file) },
		"a link elsewhere":  func() error { os.Remove(file); return os.Symlink(filepath.Join(root, "go.mod"), file) },
		"of other inputs":   func() error { return newSlot(dir).store("another key", []byte("\x00asm another")) },
		"not to be read":    func() error { overwrite(kept[:99])(); return os.Chmod(file, 0) },
	} {
		if err := damage(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, log := mustBuild(t, root)
		if !bytes.Equal(again.Wasm, first.Wasm) || !strings.Contains(log, "Building") {
			t.Errorf("%s: %d bytes, not the %d of the program; log %q", name, len(again.Wasm), len(first.Wasm), log)
		}
		if then, log := mustBuild(t, root); !bytes.Equal(then.Wasm, first.Wasm) || !strings.Contains(log, "unchanged") {
			t.Errorf("%s: not kept: %d bytes, log %q", name, len(then.Wasm), log)
		}
	}
	if mod, err := os.ReadFile(filepath.Join(root, "go.mod")); err != nil || !strings.HasPrefix(string(mod), "module") {
		t.Errorf("go.mod was overwritten: %q", mod)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*.*"))
	left = slices.DeleteFunc(left, func(name string) bool { return filepath.Base(name) == "words.json" }) // the overlay of every build
	if len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// A change of how programs are built is a change of the program.
func TestBuildAgainWhenBuiltInAnotherWay(t *testing.T) {
	root := testRoot(t)
	mustBuild(t, root)
	writeText(t, filepath.Join(root, "serve/build/lighten.go"), "package build\n")
	if _, log := mustBuild(t, root); !strings.Contains(log, "Building") {
		t.Errorf("log %q", log)
	}
	writeText(t, filepath.Join(root, "serve/site/site.go"), "package site\n")
	if _, log := mustBuild(t, root); !strings.Contains(log, "unchanged") {
		t.Errorf("log %q", log)
	}
}
