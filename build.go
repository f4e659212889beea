package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

const modulePath = "dpoplayground"

// buildSite compiles the program under root for the browser, unless nothing it
// depends on has changed, and returns the site it belongs to. What it does is
// told on log in a line or two.
func buildSite(ctx context.Context, root string, log io.Writer) (*site, error) {
	if err := checkSources(root); err != nil {
		return nil, err
	}
	tools, err := findToolchain(ctx, root)
	if err != nil {
		return nil, err
	}
	wasmExec, err := tools.wasmExec()
	if err != nil {
		return nil, err
	}
	wasm, err := buildWasm(ctx, root, tools, log)
	if err != nil {
		return nil, err
	}
	return newSite(os.DirFS(root), wasm, wasmExec)
}

// findRoot returns the nearest folder at or above dir that holds the module.
func findRoot(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		mod, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && slices.Contains(strings.Fields(string(mod)), modulePath) {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("the playground's sources are neither in %s nor above it: change to the folder with its go.mod and say go run . there", dir)
		}
	}
}

// checkSources names the first part of the sources that is missing.
func checkSources(root string) error {
	for _, name := range []string{"go.mod", "index.html", "assets", "wasm"} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			return fmt.Errorf("%s is missing from %s: restore it, for instance with git checkout", name, root)
		}
	}
	return nil
}

// toolchain is the Go installation that builds the program.
type toolchain struct {
	command string // path of the go command
	root    string // GOROOT
	version string // such as go1.26.1
}

func findToolchain(ctx context.Context, dir string) (toolchain, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return toolchain{}, fmt.Errorf("the go command was not found (%w): install Go from https://go.dev/dl/ and put it on the PATH", err)
	}
	out, err := goCommand(ctx, command, dir, "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return toolchain{}, fmt.Errorf("%s env: %w%s", command, err, exitMessage(err))
	}
	lines := strings.Split(strings.ReplaceAll(string(out), "\r", ""), "\n")
	if len(lines) < 2 || lines[0] == "" {
		return toolchain{}, fmt.Errorf("%s env does not tell GOROOT and GOVERSION, but %q", command, out)
	}
	return toolchain{command: command, root: lines[0], version: lines[1]}, nil
}

func exitMessage(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return ": " + strings.TrimSpace(string(exit.Stderr))
	}
	return ""
}

// wasmExec returns the JavaScript that starts a program: it must be of the very
// toolchain that builds it. Go before 1.24 kept it in misc/wasm.
func (t toolchain) wasmExec() ([]byte, error) {
	for _, folder := range []string{"lib", "misc"} {
		data, err := os.ReadFile(filepath.Join(t.root, folder, "wasm", "wasm_exec.js"))
		if err == nil {
			return data, nil
		}
	}
	return nil, fmt.Errorf("%s has neither lib/wasm/wasm_exec.js nor misc/wasm/wasm_exec.js: install Go in full from https://go.dev/dl/ (some distributions put that file in a package of its own)", t.root)
}

// goCommand returns a run of the go command that the caller's settings cannot
// lead astray. GOFLAGS is set, not cleared: an empty one would let a value kept
// by go env -w through.
func goCommand(ctx context.Context, command, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PWD="+dir,
		"GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it stops its compilers, too
	cmd.WaitDelay = 2 * time.Second
	return cmd
}

// buildWasm returns the program compiled for js/wasm, from the cache if it can.
func buildWasm(ctx context.Context, root string, tools toolchain, log io.Writer) ([]byte, error) {
	dir, err := cacheDir(root)
	if err != nil {
		return nil, err
	}
	words, err := compactCatalogues(root, dir)
	if err != nil {
		return nil, err
	}
	key, err := inputsKey(root, tools.version, words)
	if err != nil {
		return nil, err
	}
	slot := wasmSlot{dir}
	if wasm := slot.load(key); wasm != nil {
		fmt.Fprintf(log, "The program is unchanged since its last build (%s of wasm).\n", megabytes(len(wasm)))
		return wasm, nil
	}
	fmt.Fprintf(log, "Building the program for the browser with %s; the first build takes a minute or so.\n", tools.version)
	start := time.Now()
	if err := compile(ctx, root, tools, words, slot.wasm(), log); err != nil {
		return nil, err
	}
	wasm, err := slot.store(key)
	if err == nil {
		fmt.Fprintf(log, "Built %s of wasm in %.1f s.\n", megabytes(len(wasm)), time.Since(start).Seconds())
	}
	return wasm, err
}

func megabytes(n int) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) }

// compile builds the program with the slim Ebitengine or, where that cannot be,
// with Ebitengine as it is, which does the same with more weight.
func compile(ctx context.Context, root string, tools toolchain, words *overlay, output string, log io.Writer) error {
	slimFiles := filepath.Join(root, filepath.FromSlash(slimSums))
	if _, err := os.Stat(slimFiles); err != nil {
		return buildPlain(ctx, root, tools, words, output)
	}
	overlay, err := slimOverlay(root, tools.command, words)
	if err == nil {
		err = goBuild(ctx, root, tools, output, "-overlay="+overlay)
	}
	if err == nil || ctx.Err() != nil {
		return err
	}
	if plain := buildPlain(ctx, root, tools, words, output); plain != nil {
		return plain
	}
	fmt.Fprintf(log, "The program is larger than it need be: %v\n", err)
	return nil
}

// buildPlain builds the program with Ebitengine as it is.
func buildPlain(ctx context.Context, root string, tools toolchain, words *overlay, output string) error {
	overlay, err := words.write("words.json")
	if err != nil {
		return err
	}
	return goBuild(ctx, root, tools, output, "-overlay="+overlay)
}

func goBuild(ctx context.Context, root string, tools toolchain, output string, flags ...string) error {
	args := slices.Concat([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", output}, flags, []string{"./wasm"})
	said, err := goCommand(ctx, tools.command, root, args...).CombinedOutput()
	if ctx.Err() != nil {
		return fmt.Errorf("the build was interrupted: %w", ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("the program in wasm/ does not build (%w):\n%s", err, bytes.TrimSpace(said))
	}
	return nil
}

// wasmSlot is the folder with the last build: app.wasm, and app.key, which tells
// the hashes of the inputs and of app.wasm. The program always goes to the same
// place, so that the linker too finds when it has nothing to do.
type wasmSlot struct{ dir string }

func (s wasmSlot) wasm() string { return filepath.Join(s.dir, "app.wasm") }
func (s wasmSlot) key() string  { return filepath.Join(s.dir, "app.key") }

// load returns the program built from the inputs with that key, or nil.
func (s wasmSlot) load(key string) []byte {
	wasm, _ := os.ReadFile(s.wasm())
	told, _ := os.ReadFile(s.key())
	if string(told) != keyLine(key, wasm) {
		return nil
	}
	return wasm
}

// store notes that the program in the slot was built from the inputs with that key.
func (s wasmSlot) store(key string) ([]byte, error) {
	wasm, err := os.ReadFile(s.wasm())
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(wasm, []byte("\x00asm")) {
		return nil, errors.New("go build ./wasm made no program: the folder wasm must hold a package main with a func main")
	}
	return wasm, os.WriteFile(s.key(), []byte(keyLine(key, wasm)), 0o600)
}

func keyLine(key string, wasm []byte) string {
	return fmt.Sprintf("%s %x\n", key, sha256.Sum256(wasm))
}

// cacheDir returns a folder for the last build of the sources at root: in the
// user's cache or, where that cannot be written, in the system's temporary folder.
func cacheDir(root string) (string, error) {
	sum := sha256.Sum256([]byte(root))
	name := hex.EncodeToString(sum[:8])
	if base, err := os.UserCacheDir(); err == nil {
		if dir := filepath.Join(base, "dpo-playground", name); writable(dir) {
			return dir, nil
		}
	}
	private := filepath.Join(os.TempDir(), "dpo-playground-"+strconv.Itoa(os.Getuid()))
	if dir := filepath.Join(private, name); writable(dir) && ownedAlone(private) {
		return dir, nil
	}
	return "", fmt.Errorf("nowhere to keep the build: neither the user's cache folder nor %s can be written; set XDG_CACHE_HOME or TMPDIR to a folder that can", private)
}

func writable(dir string) bool {
	if os.MkdirAll(dir, 0o700) != nil {
		return false
	}
	probe, err := os.CreateTemp(dir, "probe")
	if err != nil {
		return false
	}
	probe.Close()
	return os.Remove(probe.Name()) == nil
}

// ownedAlone reports whether nobody else can write to dir, as somebody might who
// made a folder of that name in a shared temporary folder first.
func ownedAlone(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && (runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0)
}

// wasmInputs calls visit for each file the program may depend on, by its path
// below root, in a fixed order.
func wasmInputs(root string, visit func(name string, d fs.DirEntry) error) error {
	return fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && !isInputDir(name):
			return fs.SkipDir
		case !d.Type().IsRegular() || strings.HasSuffix(name, "_test.go"):
			return nil
		case !strings.Contains(name, "/") && !strings.HasSuffix(name, ".go") && name != "go.mod" && name != "go.sum":
			return nil
		}
		return visit(name, d)
	})
}

func isInputDir(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"core", "scenes", "wasm", "assets"}, top)
}

// inputsKey hashes all that the program is built from, the files that its
// catalogues were made into among them.
func inputsKey(root, goVersion string, words *overlay) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n", goVersion)
	for _, name := range slices.Sorted(maps.Keys(words.Replace)) {
		data, err := os.ReadFile(words.Replace[name])
		if err != nil && words.Replace[name] != "" {
			return "", err
		}
		fmt.Fprintf(sum, "%x\n", sha256.Sum256(data))
	}
	err := wasmInputs(root, func(name string, d fs.DirEntry) error {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		fmt.Fprintf(sum, "%q %x\n", name, sha256.Sum256(data))
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}
