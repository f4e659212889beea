package build

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dpoplayground/serve/internal/sample"
)

var testRoot, writeText = sample.Root, sample.Write

func mustBuild(t *testing.T, root string) (*Program, string) {
	t.Helper()
	var log bytes.Buffer
	p, err := ForBrowser(context.Background(), root, &log)
	if err != nil {
		t.Fatal(err)
	}
	return p, log.String()
}

// The caller's environment would build for another system, or fail outright.
func TestForBrowserWhateverTheEnvironment(t *testing.T) {
	root := testRoot(t)
	t.Setenv("GOOS", "plan9")
	t.Setenv("GOARCH", "386")
	t.Setenv("GOFLAGS", "-mod=vendor -tags=nonsense")
	t.Setenv("GOWORK", filepath.Join(root, "no-such-go.work"))
	p, log := mustBuild(t, root)
	if wasm := p.Wasm; !bytes.HasPrefix(wasm, []byte("\x00asm\x01\x00\x00\x00")) {
		t.Errorf("the program begins with %q, not as WebAssembly does", wasm[:8])
	}
	if js := p.Exec; !bytes.Contains(js, []byte("globalThis.Go")) {
		t.Error("wasm_exec.js does not define Go")
	}
	if lines := strings.Count(log, "\n"); lines > 2 || !strings.HasPrefix(log, "Building the program") {
		t.Errorf("log of a first build:\n%s", log)
	}
}

func TestBuildOnlyWhenAnInputChanged(t *testing.T) {
	root := testRoot(t)
	mustBuild(t, root)
	built := func() bool {
		_, log := mustBuild(t, root)
		return strings.Contains(log, "Building")
	}
	if built() {
		t.Error("built again though nothing changed")
	}
	writeText(t, filepath.Join(root, "index.html"), sample.Index+"<!-- prose -->")
	writeText(t, filepath.Join(root, "wasm/broken_test.go"), "package main\n\nvar _ = stillNoPartOfTheProgram\n")
	if built() {
		t.Error("built again though the program does not depend on what changed")
	}
	for name, text := range map[string]string{
		"wasm/main.go":   "package main\n\nfunc main() { println(\"another program\") }\n",
		"core/new.go":    "package core\n",
		"assets/new.txt": "perhaps embedded",
		"go.sum":         "\n",
	} {
		writeText(t, filepath.Join(root, name), text)
		if !built() {
			t.Errorf("not built again after a change of %s", name)
		}
	}
	dir, err := cacheDir(root)
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, newSlot(dir).file, "\x00asm cut off")
	if !built() {
		t.Error("a damaged file of the cache was taken for the program")
	}
}

// Without what the slim build needs the program is built all the same, and the
// log says why it is larger.
func TestBuildWithoutSlim(t *testing.T) {
	root := testRoot(t)
	writeText(t, filepath.Join(root, slimSums), "")
	p, log := mustBuild(t, root)
	if !bytes.HasPrefix(p.Wasm, []byte("\x00asm")) || !strings.Contains(log, "larger than it need be: go list") {
		t.Errorf("log of the build:\n%s", log)
	}
}

func TestBuildErrorsSayWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, root string)
		want  []string
	}{
		"program does not compile": {func(t *testing.T, root string) {
			writeText(t, filepath.Join(root, "wasm/main.go"), "package main\n\nfunc main() { beta }\n")
		}, []string{"wasm/ does not build", "main.go:3", "undefined: beta"}},
		"no main package": {func(t *testing.T, root string) {
			os.Remove(filepath.Join(root, "wasm/broken_test.go"))
			writeText(t, filepath.Join(root, "wasm/main.go"), "package stage\n")
		}, []string{"package main"}},
		"no first page": {func(t *testing.T, root string) {
			os.Remove(filepath.Join(root, "index.html"))
		}, []string{"index.html is missing"}},
		"no program": {func(t *testing.T, root string) {
			os.RemoveAll(filepath.Join(root, "wasm"))
		}, []string{"wasm is missing"}},
		"no toolchain": {func(t *testing.T, root string) {
			t.Setenv("PATH", t.TempDir())
		}, []string{"go command was not found", "https://go.dev/dl/"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := testRoot(t)
			c.spoil(t, root)
			_, err := ForBrowser(context.Background(), root, io.Discard)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
		})
	}
}

func TestWasmExec(t *testing.T) {
	for _, folder := range []string{"lib", "misc"} {
		goroot := t.TempDir()
		writeText(t, filepath.Join(goroot, folder, "wasm/wasm_exec.js"), folder)
		if js, err := (toolchain{root: goroot}).wasmExec(); err != nil || string(js) != folder {
			t.Errorf("in %s: %q, error %v", folder, js, err)
		}
	}
	_, err := toolchain{root: t.TempDir()}.wasmExec()
	if err == nil || !strings.Contains(err.Error(), "lib/wasm/wasm_exec.js") {
		t.Errorf("without the file: error %v", err)
	}
}

func TestFindRoot(t *testing.T) {
	root := t.TempDir()
	writeText(t, filepath.Join(root, "go.mod"), "module dpoplayground\n")
	deep := filepath.Join(root, "core", "intake")
	writeText(t, filepath.Join(deep, "x.go"), "package intake")
	for _, from := range []string{root, deep} {
		if got, err := FindRoot(from); err != nil || got != root {
			t.Errorf("from %s: %q, error %v; want %s", from, got, err, root)
		}
	}
	other := t.TempDir()
	writeText(t, filepath.Join(other, "go.mod"), "module dpoplayground.example/other\n")
	if got, err := FindRoot(other); err == nil || !strings.Contains(err.Error(), "go run .") {
		t.Errorf("from another module: %q, error %v", got, err)
	}
}

func TestCacheDirWithoutAHome(t *testing.T) {
	for _, home := range []string{"", "/dev/null"} {
		t.Setenv("XDG_CACHE_HOME", "")
		t.Setenv("HOME", home)
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		dir, err := cacheDir("/some/root")
		if err != nil || !strings.HasPrefix(dir, temp) {
			t.Errorf("HOME=%q: %q, error %v; want a folder in %s", home, dir, err, temp)
		}
		if again, _ := cacheDir("/some/root"); again != dir {
			t.Errorf("HOME=%q: another folder the second time: %s, %s", home, dir, again)
		}
		private := filepath.Dir(dir)
		if err := os.Chmod(private, 0o777); err != nil {
			t.Fatal(err)
		}
		if got, err := cacheDir("/some/root"); err == nil {
			t.Errorf("HOME=%q: took %s, which anybody can write to", home, got)
		}
	}
}
