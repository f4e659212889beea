package site

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"dpoplayground/serve/internal/sample"
)

func mustLink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skip(err)
	}
}

// By whatever path a folder is reached, it is refused among the sources.
func TestExportRefusesTheSources(t *testing.T) {
	root, elsewhere := t.TempDir(), t.TempDir()
	for _, name := range []string{"assets/img", "core", "wasm"} {
		if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	at := func(parts ...string) string { return filepath.Join(append([]string{elsewhere}, parts...)...) }
	mustLink(t, filepath.Join(root, "assets"), at("assets"))
	mustLink(t, filepath.Join(root, "assets", "img"), at("pictures"))
	mustLink(t, root, at("root"))
	mustLink(t, at("root"), at("twice"))
	linkedRoot := at("root")
	for dir, allowed := range map[string]bool{
		filepath.Join(root, "assets"):               false,
		filepath.Join(root, "assets", "new", "er"):  false,
		filepath.Join(root, "core", "site"):         false,
		filepath.Join(root, "site", "..", "assets"): false,
		at("assets"):                                  false,
		at("assets", "new"):                           false,
		at("pictures", "new"):                         false,
		at("root", "assets", "new"):                   false,
		at("twice", "wasm"):                           false,
		at("site"):                                    true,
		at("root", "site"):                            true,
		filepath.Join(root, "site"):                   true,
		filepath.Join(root, "assets2"):                true,
		filepath.Join(root, "site", "assets", "core"): true,
	} {
		for _, r := range []string{root, linkedRoot} {
			err := checkTarget(r, dir)
			if refused := err != nil && strings.Contains(err.Error(), "among the sources"); refused == allowed || allowed && err != nil {
				t.Errorf("%s from %s: error %v", dir, r, err)
			}
		}
	}
	if left, _ := filepath.Glob(filepath.Join(root, ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// What cannot be written is refused before anything is built or compressed.
func TestExportRefusesWhatCannotBeWritten(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	sample.Write(t, filepath.Join(dir, "file"), "a file")
	mustLink(t, filepath.Join(dir, "nowhere"), filepath.Join(dir, "link"))
	cases := map[string]string{
		filepath.Join(dir, "file"):         "is a file",
		filepath.Join(dir, "file", "site"): "", // in the system's words
		filepath.Join(dir, "link"):         "leads nowhere",
		filepath.Join(dir, "link", "site"): "leads nowhere",
	}
	if runtime.GOOS == "linux" {
		cases["/proc/self/site"] = "cannot be written"
	}
	if os.Getuid() > 0 {
		locked := filepath.Join(dir, "locked")
		if err := os.Mkdir(locked, 0o500); err != nil {
			t.Fatal(err)
		}
		cases[locked] = "cannot be written"
		cases[filepath.Join(locked, "site")] = "cannot be written"
	}
	for target, want := range cases {
		if err := checkTarget(root, target); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "cannot export to") {
			t.Errorf("%s: error %v, want one with %q", target, err, want)
		}
	}
}

// A file in the way is noticed before the compressing, which would go on until
// the test ends.
func TestExportLooksBeforeItCompresses(t *testing.T) {
	s := testSite(t)
	compressions := bestCompressions
	defer func() { bestCompressions = compressions }()
	bestCompressions = []struct {
		ending string
		to     compressor
	}{{".br", func(io.Writer) io.WriteCloser { t.Error("compressed"); return brotliTo(0)(io.Discard) }}}
	for name, prepare := range map[string]func(dir string){
		"an edited page": func(dir string) {
			sample.Write(t, filepath.Join(dir, markerName), "")
			sample.Write(t, filepath.Join(dir, "index.html"), "mine")
		},
		"a compressed file": func(dir string) {
			sample.Write(t, filepath.Join(dir, markerName), "")
			sample.Write(t, filepath.Join(dir, "assets/app.wasm.br"), "mine")
		},
		"a file for a folder": func(dir string) {
			sample.Write(t, filepath.Join(dir, markerName), "")
			sample.Write(t, filepath.Join(dir, "assets"), "mine")
		},
		"a folder for a file": func(dir string) {
			sample.Write(t, filepath.Join(dir, markerName), "")
			sample.Write(t, filepath.Join(dir, "index.html", "x"), "mine")
		},
	} {
		dir := t.TempDir()
		prepare(dir)
		if err := writeExport(t.Context(), s, dir, io.Discard); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// stuck is a compressor that takes no end of time over its first block.
type stuck struct{ started, release chan bool }

func (s stuck) Write(p []byte) (int, error) { close(s.started); <-s.release; return len(p), nil }

func (s stuck) Close() error { return nil }

func TestCompressingIsInterrupted(t *testing.T) {
	s := stuck{make(chan bool), make(chan bool)}
	defer close(s.release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-s.started; cancel() }()
	packed, err := compressUnless(ctx, bytes.Repeat([]byte("margin "), 1<<16), func(io.Writer) io.WriteCloser { return s })
	if err == nil || packed != nil {
		t.Errorf("%d bytes, error %v", len(packed), err)
	}
}

func TestTheVerdictOnAFirstVisit(t *testing.T) {
	for bytes, want := range map[int]string{
		0: "within its budget", 1_700_000: "within its budget", 1_700_001: "1 bytes over its budget of 1700000", 1_840_962: "140962 bytes over",
	} {
		if got := verdict(bytes); !strings.Contains(got, want) {
			t.Errorf("%d: %q, want %q", bytes, got, want)
		}
	}
}
