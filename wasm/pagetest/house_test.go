//go:build !js

package pagetest

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// These tests hold the house to its plan: who imports whom, what the program may
// not hold, how names are made, and what no file may name.

const module = "dpoplayground"

// house tells of each package which others it may import: those that its line
// names, and all that those may. Tests may import whatever they need.
var house = map[string]string{
	// The mathematics, from numbers up to an experiment.
	"core/num":       "",
	"core/random":    "core/num",
	"core/data":      "core/num",
	"core/objective": "core/data",
	"core/scores":    "core/data",
	"core/train":     "core/objective core/random core/scores",
	"core/rlhf":      "core/train",
	"core/optimum":   "core/rlhf",
	"core":           "core/optimum",

	// What is read off an experiment, and what makes one.
	"core/census":     "core",
	"core/facts":      "core",
	"core/frontier":   "core",
	"core/landscape":  "core",
	"core/ledger":     "core",
	"core/lesson":     "core/facts core/link",
	"core/link":       "core",
	"core/race":       "core",
	"core/slowmotion": "core",

	// Files, which know no experiment, and the comparison with JavaScript.
	"core/parse":           "",
	"core/runlog":          "core/parse",
	"core/intake":          "core/data core/runlog",
	"core/versus":          "core/train",
	"core/versus/stepwasm": "core/versus",

	// Pictures and sentences. The views do not know each other, except that what
	// stands side by side is made of mass.
	"scenes/picture":   "",
	"scenes/plural":    "",
	"scenes/words":     "core scenes/picture scenes/plural",
	"scenes/read":      "core/facts scenes/words",
	"scenes/chart":     "core/runlog scenes/read",
	"scenes/mass":      "scenes/read",
	"scenes/betas":     "scenes/chart scenes/mass",
	"scenes/frontier":  "core/frontier scenes/chart",
	"scenes/landscape": "core/landscape scenes/chart",
	"scenes/loss":      "core/census scenes/chart",
	"scenes/race":      "core/race scenes/chart",
	"scenes/slow":      "core/slowmotion scenes/read",
	"scenes/argument":  "scenes/loss scenes/mass scenes/slow",

	// The program in the browser.
	"assets":          "",
	"wasm/page":       "",
	"wasm/paint/mesh": "scenes/picture",
	"wasm/paint":      "wasm/paint/mesh",
	"wasm/view":       "wasm/page scenes/betas scenes/frontier scenes/landscape scenes/loss scenes/race",
	"wasm":            "assets core/intake core/ledger core/lesson scenes/argument wasm/paint wasm/view",

	// The command.
	"serve":           "",
	"serve/catalogue": "assets scenes/plural",
	"serve/build":     "serve/catalogue",
	"serve/lessons":   "core/lesson scenes/words serve/catalogue",
	"serve/site":      "scenes/argument serve/build serve/lessons",
	"serve/startup":   "serve/site",
	"":                "serve serve/site",

	// What tests share. Nothing else imports it.
	"internal/full":         "",
	"wasm/slim/fmt":         "",
	"internal/oracle":       "",
	"core/data/datatest":    "core/data",
	"core/coretest":         "core core/data/datatest internal/oracle",
	"core/traces":           "",
	"scenes/scenetest":      "scenes/read serve/catalogue",
	"serve/internal/sample": "",
	"wasm/pagetest":         "",
}

// others tells which modules of others a package may import itself.
var others = map[string][]string{
	"core/optimum":  {"gonum.org/v1/gonum/blas", "gonum.org/v1/gonum/floats", "gonum.org/v1/gonum/lapack", "gonum.org/v1/gonum/lapack/gonum"},
	"core/scores":   {"gonum.org/v1/gonum/graph", "gonum.org/v1/gonum/graph/simple", "gonum.org/v1/gonum/graph/topo"},
	"wasm":          {"github.com/hajimehoshi/ebiten/v2", "rsc.io/qr/coding"},
	"wasm/paint":    {"github.com/hajimehoshi/ebiten/v2"},
	"serve/site":    {"github.com/andybalholm/brotli"},
	"serve/startup": {"github.com/chromedp/"},
}

// unwelcome is what is too heavy to come into the program, be it by way of another
// package.
var unwelcome = []string{
	"archive/zip", "crypto/tls", "encoding/csv", "encoding/gob", "encoding/json", "encoding/xml", "go/ast", "html/template",
	"log", "net", "net/http", "net/url", "os/exec", "regexp", "testing", "text/template",
	"gonum.org/v1/gonum/optimize",
}

// unsteady would make a run depend on more than its experiment. Ebitengine has it.
var unsteady = []string{"math/rand", "math/rand/v2"}

// unasked is what the program's packages do not import themselves, though fmt
// does, with the only folders that may. Core and scenes know no clock and no page.
var unasked = map[string]string{"os": "", "runtime": "", "reflect": "", "sync/atomic": "", "time": "wasm", "syscall/js": "wasm"}

// program lists the folders of what runs in the browser, below which tests' own
// packages stand too.
var program = []string{"assets", "core", "scenes", "wasm"}

// isProgram tells whether a package of ours runs in the browser as our own: what stands
// for others there, below wasm/slim, may import what they do.
func isProgram(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return slices.Contains(program, top) && !strings.HasSuffix(name, "test") && !strings.HasPrefix(name, "core/versus") && !strings.HasPrefix(name, "wasm/slim")
}

// own returns a package's place in the module.
func own(path string) (name string, is bool) {
	name, is = strings.CutPrefix(path+"/", module+"/")
	return strings.TrimSuffix(name, "/"), is
}

// imports lists what our packages import, and what those do, by path, as the
// command is built and as the program is.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	addImports(t, all, runtime.GOOS, runtime.GOARCH)
	addImports(t, all, "js", "wasm")
	return all
}

func addImports(t *testing.T, all map[string][]string, goos, goarch string) {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	cmd.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v: %s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		paths := strings.Fields(line)
		all[paths[0]] = append(all[paths[0]], paths[1:]...)
	}
}

// allowed returns what of ours a package may import: what its line in house names
// and all that follows from that.
func allowed(name string) map[string]bool {
	all := map[string]bool{}
	for _, next := range strings.Fields(house[name]) {
		all[next] = true
		maps.Copy(all, allowed(next))
	}
	return all
}

func TestImportsPointOneWay(t *testing.T) {
	seen, all := map[string]bool{}, imports(t)
	for path, imported := range all {
		name, is := own(path)
		if _, known := house[name]; is && !known {
			t.Errorf("%s has no line in house: say what it may import", path)
		} else if is {
			seen[name] = true
			slices.Sort(imported)
			checkImports(t, name, slices.Compact(imported))
		}
	}
	checkUnwelcome(t, all)
	for name, line := range house {
		for _, next := range append(strings.Fields(line), name) {
			if !seen[next] {
				t.Errorf("house names %s, which is no package", next)
			}
		}
	}
}

// checkImports holds a package to its lines in house, others and unasked.
func checkImports(t *testing.T, name string, imported []string) {
	t.Helper()
	may := allowed(name)
	for _, path := range imported {
		next, is := own(path)
		host, _, _ := strings.Cut(path, "/")
		folder, watched := unasked[path]
		switch {
		case is && !may[next]:
			t.Errorf("%s imports %s, which its line in house does not lead to", name, next)
		case !is && strings.Contains(host, ".") && !slices.ContainsFunc(others[name], func(begin string) bool { return strings.HasPrefix(path, begin) }):
			t.Errorf("%s imports %s, which others does not grant it", name, path)
		case watched && isProgram(name) && (folder == "" || !strings.HasPrefix(name, folder)):
			t.Errorf("%s imports %s, which is not for it", name, path)
		}
	}
}

// checkUnwelcome looks for what is unwelcome or unsteady behind the program's packages, and
// tells by which chain of imports it came in. It does not look behind Ebitengine,
// of which the program holds a part only; see TestProgramLinksNothingHeavy.
func checkUnwelcome(t *testing.T, all map[string][]string) {
	t.Helper()
	from := map[string]string{} // who brought a package in
	var queue []string
	for path := range all {
		if name, is := own(path); is && isProgram(name) {
			from[path], queue = "", append(queue, path)
		}
	}
	slices.Sort(queue)
	if len(queue) < 25 {
		t.Errorf("only %d packages of the program were found", len(queue))
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, next := range all[queue[0]] {
			if _, reached := from[next]; !reached && !strings.HasPrefix(next, "github.com/hajimehoshi/") {
				from[next], queue = queue[0], append(queue, next)
			}
		}
	}
	for _, path := range slices.Concat(unwelcome, unsteady) {
		if _, reached := from[path]; reached {
			t.Errorf("the program comes to hold %s: %s", path, chain(from, path))
		}
	}
}

// chain tells how a package came in.
func chain(from map[string]string, path string) string {
	if from[path] == "" {
		return path
	}
	return chain(from, from[path]) + " → " + path
}

// The program as it is shipped is built through an overlay that takes heavy
// packages out of Ebitengine; none may come back. The names of functions stand in
// the program one behind the other, each with a zero before it.
func TestProgramLinksNothingHeavy(t *testing.T) {
	built, err := realProgram()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range unwelcome {
		if at := bytes.Index(built.Wasm, []byte("\x00"+path+".")); at >= 0 {
			name, _, _ := bytes.Cut(built.Wasm[at+1:min(at+200, len(built.Wasm))], []byte{0})
			t.Errorf("the program holds %s", name)
		}
	}
	for _, path := range []string{"dpoplayground/core", "gonum.org/v1/gonum/mat", "strings"} {
		if !bytes.Contains(built.Wasm, []byte("\x00"+path+".")) {
			t.Errorf("the program does not name the functions of %s: this test sees nothing", path)
		}
	}
}

var camel = regexp.MustCompile(`[A-Z]+[a-z0-9]*`)

// TestNamesDoNotRepeatTheirPackage: outside, a name is read with its package's
// before it, as in loss.View. A type may be called as the package is, for what the
// package is about: frontier.Frontier.
func TestNamesDoNotRepeatTheirPackage(t *testing.T) {
	n := 0
	eachFile(t, func(set *token.FileSet, file *ast.File) {
		for _, name := range exportedNames(file) {
			n++
			for _, word := range camel.FindAllString(name.Name, -1) {
				if strings.EqualFold(word, file.Name.Name) && !strings.EqualFold(name.Name, file.Name.Name) {
					t.Errorf("%v: %s.%s says %s twice", set.Position(name.Pos()), file.Name.Name, name.Name, word)
				}
			}
		}
	})
	if n < 500 {
		t.Errorf("only %d names were looked at", n)
	}
}

// eachFile parses every Go file of the module, tests aside.
func eachFile(t *testing.T, do func(set *token.FileSet, file *ast.File)) {
	t.Helper()
	set := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == filepath.FromSlash("wasm/slim") || len(name) > 1 && name[0] == '.'):
			return fs.SkipDir
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err == nil {
			do(set, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// exportedNames lists what a file declares for other packages, methods and fields
// aside.
func exportedNames(file *ast.File) (names []*ast.Ident) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name)
				case *ast.ValueSpec:
					names = append(names, s.Names...)
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(name *ast.Ident) bool { return !name.IsExported() })
}

// Each package says what it is for.
func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	said := map[string]bool{}
	eachFile(t, func(set *token.FileSet, file *ast.File) {
		folder := filepath.Dir(set.Position(file.Package).Filename)
		said[folder] = said[folder] || file.Doc != nil
	})
	for folder, is := range said {
		if !is {
			t.Errorf("%s has no comment that says what it is for", folder)
		}
	}
}

// allowedAddresses begins every address that a file of the project may name.
var allowedAddresses = []string{
	"http://www.w3.org/", "http://www.apache.org/licenses/", "https://www.apache.org/licenses/", "https://go.dev",
	"https://arxiv.org/abs/", // papers, which are linked
	"http://127.0.0.1", "http://localhost", "https://example.org", "http://example.org", "https://example.com", "http://example.com",
}

var addresses = regexp.MustCompile(`https?://[^\s"'<>)\x60]*`)

func TestFilesNameNoMachineAndNoHost(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		t.Skip("SKIPPED: this is no git checkout: ", err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil || bytes.IndexByte(text, 0) >= 0 || name == "wasm/pagetest/house_test.go" {
			continue // deleted, or not text
		}
		for _, path := range []string{"/work/", "/root/", "/home/"} {
			if bytes.Contains(text, []byte(path)) {
				t.Errorf("%s holds a path of a machine: %s", name, path)
			}
		}
		for _, address := range addresses.FindAllString(string(text), -1) {
			if address != "http://" && !slices.ContainsFunc(allowedAddresses, func(p string) bool { return strings.HasPrefix(address, p) }) && !strings.HasSuffix(name, "_test.go") {
				t.Errorf("%s names %s", name, address)
			}
		}
	}
}
