// Package build compiles the playground's program for the browser. It may import
// the standard library alone: what it compiles is named by folder, not imported.
package build

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

// Program is the playground's program, compiled for the browser.
type Program struct {
	Wasm []byte // the program
	Exec []byte // the JavaScript that starts it, of the toolchain that compiled it
}

// ForBrowser compiles the program under root for the browser, unless nothing it
// depends on has changed. What it does is told on log in a line or two.
func ForBrowser(ctx context.Context, root string, log io.Writer) (*Program, error) {
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
	return &Program{Wasm: wasm, Exec: wasmExec}, nil
}

// FindRoot returns the nearest folder at or above dir that holds the module.
func FindRoot(dir string) (string, error) {
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
	endsWithItsChildren(cmd)
	cmd.WaitDelay = graceOfChildren
	return cmd
}

// graceOfChildren is how long a run of the go command, and what it has started,
// may take to stop when it is asked to.
const graceOfChildren = 300 * time.Millisecond

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
	slot := newSlot(dir)
	if wasm := slot.load(key); wasm != nil {
		fmt.Fprintf(log, "The program is unchanged since its last build (%s of wasm).\n", megabytes(len(wasm)))
		return wasm, nil
	}
	fmt.Fprintf(log, "Building the program for the browser with %s; the first build takes a minute or so.\n", tools.version)
	start := time.Now()
	wasm, err := compile(ctx, root, tools, words, log)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(log, "Built %s of wasm in %.1f s.\n", megabytes(len(wasm)), time.Since(start).Seconds())
	if err := slot.store(key, wasm); err != nil {
		fmt.Fprintf(log, "The build could not be kept: %v\n", err)
	}
	return wasm, nil
}

func megabytes(n int) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) }

// compile builds the program as light as it can be: with the slim Ebitengine,
// little inlined, and without what only tracebacks read. Where one of them cannot
// be, the program does the same with more weight, and a line on log says why.
func compile(ctx context.Context, root string, tools toolchain, words *overlay, log io.Writer) ([]byte, error) {
	var flags []string
	light := isLightGo(tools.version)
	if light {
		flags = lightFlags
	} else {
		fmt.Fprintf(log, "The program is larger than it need be: the light build was tested with %s, not with %s.\n", strings.Join(lightGo, " and "), tools.version)
	}
	wasm, err := compileSlim(ctx, root, tools, words, flags, log)
	if err == nil && light {
		wasm = lighter(wasm, log)
	}
	return wasm, err
}

// compileSlim builds the program with the slim Ebitengine or, where that cannot
// be, with Ebitengine as it is.
func compileSlim(ctx context.Context, root string, tools toolchain, words *overlay, flags []string, log io.Writer) ([]byte, error) {
	slimFiles := filepath.Join(root, filepath.FromSlash(slimSums))
	if _, err := os.Stat(slimFiles); err != nil {
		return buildPlain(ctx, root, tools, words, flags)
	}
	overlay, err := slimOverlay(ctx, root, tools.command, words)
	if err == nil {
		wasm, failed := goBuild(ctx, root, tools, append(slices.Clip(flags), "-overlay="+overlay)...)
		if failed == nil || ctx.Err() != nil {
			return wasm, failed
		}
		err = failed
	}
	if ctx.Err() != nil {
		return nil, interrupted(ctx)
	}
	wasm, plain := buildPlain(ctx, root, tools, words, flags)
	if plain == nil {
		fmt.Fprintf(log, "The program is larger than it need be: %v\n", err)
	}
	return wasm, plain
}

// buildPlain builds the program with Ebitengine as it is.
func buildPlain(ctx context.Context, root string, tools toolchain, words *overlay, flags []string) ([]byte, error) {
	overlay, err := words.write("words.json")
	if err != nil {
		return nil, err
	}
	return goBuild(ctx, root, tools, append(slices.Clip(flags), "-overlay="+overlay)...)
}

func interrupted(ctx context.Context) error {
	return fmt.Errorf("the build was interrupted: %w", ctx.Err())
}

// goBuild returns the program that go build makes. It makes it in a folder of
// its own: it would take a damaged program of an earlier build for an up-to-date one.
func goBuild(ctx context.Context, root string, tools toolchain, flags ...string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "dpo-playground")
	if err != nil {
		return nil, fmt.Errorf("there is no room to build in: %w", err)
	}
	defer os.RemoveAll(dir)
	output := filepath.Join(dir, "app.wasm")
	args := slices.Concat([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", output}, flags, []string{"./wasm"})
	said, err := goCommand(ctx, tools.command, root, args...).CombinedOutput()
	if ctx.Err() != nil {
		return nil, interrupted(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("the program in wasm/ does not build (%w):\n%s", err, bytes.TrimSpace(said))
	}
	wasm, err := os.ReadFile(output)
	if err != nil || !bytes.HasPrefix(wasm, []byte("\x00asm")) {
		return nil, errors.New("go build ./wasm made no program: the folder wasm must hold a package main with a func main")
	}
	return wasm, nil
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

// VisitInputs calls visit for each file the program may depend on, by its path
// below root, in a fixed order.
func VisitInputs(root string, visit func(name string, d fs.DirEntry) error) error {
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

// isInputDir reports whether a folder holds sources of the program, or of what
// decides how it is built.
func isInputDir(name string) bool {
	top, below, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"core", "scenes", "wasm", "assets"}, top) || top == "serve" && (below == "" || below == "build")
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
	err := VisitInputs(root, func(name string, d fs.DirEntry) error {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		fmt.Fprintf(sum, "%q %x\n", name, sha256.Sum256(data))
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}
