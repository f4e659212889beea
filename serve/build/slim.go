package build

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	ebitenPath    = "github.com/hajimehoshi/ebiten/v2"
	ebitenVersion = "v2.9.9"
	slimTree      = "wasm/slim/ebiten"          // our files, by their path in Ebitengine's module
	slimSums      = "wasm/slim/upstream.sha256" // what the files they replace must be, as sha256sum prints it
	slimFmt       = "wasm/slim/fmt"             // our own package fmt
	slimCompiler  = "internal/precompile"       // command that prints slimTable
	slimTable     = "internal/precompiled/table.go"
)

// slimOverlay writes an overlay for go build -overlay that makes the program
// less than half as large, and returns its path. The overlay puts a module
// together in the folder slimTree: Ebitengine's own files, except where a file
// of ours takes the place of one. Ours bring the built-in shaders compiled
// beforehand (by Ebitengine's own compiler, run here and now) instead of the
// shader compiler, and leave out what a page cannot use. Our package fmt, which
// writes what a fault is told with, stands where the standard library's does. The
// overlay also adds to go.mod the replacement that leads there, and it does what the overlay
// words does.
//
// An error says why this cannot be, such as another version of Ebitengine;
// the plain build then does the same with more weight.
func slimOverlay(ctx context.Context, root, goTool string, words *overlay) (string, error) {
	upstream, err := findEbiten(ctx, root, goTool)
	if err != nil {
		return "", err
	}
	replaced, err := checkReplaced(filepath.Join(root, filepath.FromSlash(slimSums)), upstream)
	if err != nil {
		return "", err
	}
	dir, err := cacheDir(root)
	if err != nil {
		return "", err
	}
	o, err := newOverlay(root, dir, upstream)
	if err != nil {
		return "", err
	}
	table, err := o.precompile(ctx, goTool)
	if err != nil {
		return "", err
	}
	for _, name := range replaced {
		delete(o.Replace, o.inTree(name))
	}
	o.Replace[o.inTree(slimTable)] = table
	if err := o.replaceFmt(ctx, goTool); err != nil {
		return "", err
	}
	maps.Copy(o.Replace, words.Replace)
	return o.write("slim.json")
}

// replaceFmt puts our package fmt where the standard library's is.
func (o *overlay) replaceFmt(ctx context.Context, goTool string) error {
	out, err := hostGo(ctx, o.root, goTool, "list", "-find", "-f", "{{.Dir}}", "fmt")
	if err != nil {
		return err
	}
	dir := strings.TrimSpace(string(out))
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	for _, file := range files {
		o.Replace[file] = "" // there is none
	}
	o.Replace[filepath.Join(dir, "print.go")] = filepath.Join(o.root, filepath.FromSlash(slimFmt), "print.go")
	return nil
}

// findEbiten returns the folder of Ebitengine's module, downloaded if need be,
// which must be of the version that the slim files were written for.
func findEbiten(ctx context.Context, root, goTool string) (string, error) {
	out, err := hostGo(ctx, root, goTool, "list", "-find", "-f", "{{.Module.Version}}\n{{.Module.Dir}}", ebitenPath)
	if err != nil {
		return "", err
	}
	version, dir, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if version != ebitenVersion {
		return "", fmt.Errorf("the slim build knows Ebitengine %s, but go.mod asks for %s", ebitenVersion, version)
	}
	return strings.TrimSpace(dir), nil
}

// checkReplaced reads a list of sums and returns the names in it. A file below
// upstream that does not match its sum is an error: our replacement may no
// longer say the same.
func checkReplaced(sums, upstream string) (names []string, err error) {
	list, err := os.ReadFile(sums)
	if err != nil {
		return nil, err
	}
	for s := bufio.NewScanner(bytes.NewReader(list)); s.Scan(); {
		want, name, ok := strings.Cut(s.Text(), "  ")
		if !ok {
			return nil, fmt.Errorf("%s: line %q is not a sum, two spaces and a name", sums, s.Text())
		}
		data, err := os.ReadFile(filepath.Join(upstream, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
			return nil, fmt.Errorf("file %s of Ebitengine is not the file that the slim build replaces: compare it with %s and update %s", name, path.Join(slimTree, name), slimSums)
		}
		names = append(names, name)
	}
	return names, nil
}

// overlay is the file that go build -overlay reads: for a path, the file that
// is to be found there, or nothing where there is to be none.
type overlay struct {
	Replace   map[string]string
	root, dir string // the playground's sources; where the overlay's own files go
}

// newOverlay returns the overlay that shows all of Ebitengine in the slim tree,
// over files of ours of the same name.
func newOverlay(root, dir, upstream string) (*overlay, error) {
	o := &overlay{Replace: map[string]string{}, root: root, dir: dir}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	// The path is relative so that the program, which records it, is the same everywhere.
	mod = fmt.Appendf(mod, "\nreplace %s => ./%s\n", ebitenPath, slimTree)
	if o.Replace[filepath.Join(root, "go.mod")], err = o.store("slim.mod", mod); err != nil {
		return nil, err
	}
	return o, fs.WalkDir(os.DirFS(upstream), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name == "examples":
			return fs.SkipDir
		case d.Type().IsRegular() && !strings.HasSuffix(name, "_test.go"):
			o.Replace[o.inTree(name)] = filepath.Join(upstream, filepath.FromSlash(name))
		}
		return nil
	})
}

// inTree returns the path in the slim tree of a file of Ebitengine's module.
func (o *overlay) inTree(name string) string {
	return filepath.Join(o.root, filepath.FromSlash(path.Join(slimTree, name)))
}

// precompile lets Ebitengine, as it is, compile its built-in shaders and returns
// the path of the table of them.
func (o *overlay) precompile(ctx context.Context, goTool string) (string, error) {
	all, err := o.write("whole.json")
	if err != nil {
		return "", err
	}
	table, err := hostGo(ctx, o.root, goTool, "run", "-overlay", all, path.Join(ebitenPath, slimCompiler))
	if err != nil {
		return "", fmt.Errorf("compiling the built-in shaders: %w", err)
	}
	return o.store("table.go", table)
}

func (o *overlay) write(name string) (string, error) {
	data, err := json.MarshalIndent(o, "", "\t")
	if err != nil {
		return "", err
	}
	return o.store(name, data)
}

// store keeps a file that the overlay is or leads to, and returns its path. A
// file that is there with the same content is left alone: a build may read it.
func (o *overlay) store(name string, data []byte) (string, error) {
	file := filepath.Join(o.dir, name)
	if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, data) {
		return file, nil
	}
	return file, replaceFile(file, data)
}

// hostGo returns what a go command prints that works for this machine, not for
// the browser.
func hostGo(ctx context.Context, dir, goTool string, args ...string) ([]byte, error) {
	cmd := goCommand(ctx, goTool, dir, args...)
	cmd.Env = append(cmd.Env, "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w%s", args[0], err, exitMessage(err))
	}
	return out, nil
}
