//go:build !js

package pagetest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// These tests hold the house to its plan: who imports whom, what the program may
// not hold, and what no file may name.

const module = "dpoplayground"

// exitMessage returns what a command that failed said.
func exitMessage(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return ": " + string(exit.Stderr)
	}
	return ""
}

// goList lists packages with all that they depend on, for a platform.
func goList(t *testing.T, platform string, patterns ...string) []string {
	t.Helper()
	goos, goarch, _ := strings.Cut(platform, "/")
	cmd := exec.Command("go", append([]string{"list", "-deps"}, patterns...)...)
	cmd.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0")
	if goos != "" {
		cmd.Env = append(cmd.Env, "GOOS="+goos, "GOARCH="+goarch)
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v%s", err, exitMessage(err))
	}
	return strings.Fields(string(out))
}

func TestImportsPointOneWay(t *testing.T) {
	for _, c := range []struct {
		platform, of string
		own          []string // packages of ours that it may use
		others       []string // beginnings of others' packages that it may use
		never        []string // packages of ours, the standard library's and others' that it may not
	}{
		{"", "./core", []string{"core"}, []string{"gonum.org/v1/gonum/"},
			[]string{"syscall/js", "time", "os", "math/rand", "math/rand/v2", "net/http", "text/template", "html/template", "regexp", "encoding/json", "gonum.org/v1/gonum/optimize"}},
		{"", "./core/parse", []string{"core/parse"}, nil, []string{"syscall/js", "os", "math/rand", "net/http", "text/template", "html/template", "encoding/json", "encoding/csv"}},
		{"", "./core/intake", []string{"core", "core/intake", "core/parse"}, []string{"gonum.org/v1/gonum/"}, []string{"syscall/js", "os", "math/rand", "net/http", "text/template", "html/template"}},
		{"", "./scenes", []string{"core", "scenes", "scenes/plural"}, []string{"gonum.org/v1/gonum/"},
			[]string{"syscall/js", "net/http", "text/template", "html/template", "regexp", "encoding/json"}},
		{"js/wasm", "./wasm", []string{"core", "core/intake", "core/parse", "scenes", "scenes/plural", "assets", "wasm", "wasm/page", "wasm/view", "wasm/paint", "wasm/paint/mesh"},
			[]string{"gonum.org/v1/gonum/", "github.com/hajimehoshi/ebiten/v2", "github.com/ebitengine/", "golang.org/x/"}, []string{"net/http", "html/template"}},
	} {
		deps := goList(t, c.platform, c.of)
		for _, dep := range deps {
			own, isOwn := strings.CutPrefix(dep, module+"/")
			first, _, _ := strings.Cut(dep, "/")
			switch {
			case slices.Contains(c.never, dep) && !reachedByStandardLibrary(t, c.of, c.platform, dep):
				t.Errorf("%s uses %s", c.of, dep)
			case isOwn && !slices.Contains(c.own, own):
				t.Errorf("%s uses %s", c.of, dep)
			case !isOwn && strings.Contains(first, ".") && !slices.ContainsFunc(c.others, func(p string) bool { return strings.HasPrefix(dep, p) }):
				t.Errorf("%s uses %s", c.of, dep)
			}
		}
		if len(deps) < 10 {
			t.Errorf("%s has only %d dependencies", c.of, len(deps))
		}
	}
}

// reachedByStandardLibrary tells whether only packages of others use dep, as
// package fmt uses os: what counts is what our packages import.
func reachedByStandardLibrary(t *testing.T, of, platform, dep string) bool {
	t.Helper()
	if dep != "time" && dep != "os" {
		return false
	}
	cmd := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, of)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v%s", err, exitMessage(err))
	}
	return !slices.Contains(strings.Fields(string(out)), dep)
}

// The program as it is shipped is built through an overlay that takes heavy
// packages out of Ebitengine; none may come back.
func TestProgramLinksNothingHeavy(t *testing.T) {
	built, err := realProgram()
	if err != nil {
		t.Fatal(err)
	}
	program := built.Wasm
	for _, name := range []string{"net/http.", "text/template.", "html/template.", "regexp.", "encoding/json.", "archive/zip."} {
		for _, function := range []string{"(*Client).Do", "(*Template).Execute", "(*Regexp).doExecute", "(*decodeState).object", "(*Writer).CreateHeader"} {
			if bytes.Contains(program, []byte(name+function)) {
				t.Errorf("the program holds %s%s", name, function)
			}
		}
	}
	if !bytes.Contains(program, []byte("dpoplayground/core.(*Lab).Work")) {
		t.Error("the program does not name its functions: this test sees nothing")
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
