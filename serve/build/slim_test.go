package build

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dpoplayground/serve/internal/sample"
)

// here returns the folder of the sources.
func here(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	root, err := FindRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// slim returns the overlay of the sources around this test, and what it maps.
func slim(t *testing.T) (file string, maps map[string]string) {
	t.Helper()
	sample.OwnCache(t)
	file, err := slimOverlay(t.Context(), here(t), "go", &overlay{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var o overlay
	if err := json.Unmarshal(data, &o); err != nil {
		t.Fatal(err)
	}
	return file, o.Replace
}

// The table of shaders was printed by a command that asks Ebitengine for every
// source, its GLSL and the uniforms it reads. Asked the same questions, the slim
// files must give the same answers.
func TestSlimShadersAreEbitengines(t *testing.T) {
	_, maps := slim(t)
	// The command prints with the standard library's fmt.
	own := &overlay{Replace: map[string]string{}, dir: t.TempDir()}
	for name, from := range maps {
		if path.Base(filepath.ToSlash(filepath.Dir(name))) != "fmt" {
			own.Replace[name] = from
		}
	}
	file, err := own.write("own.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := hostGo(t.Context(), here(t), "go", "run", "-overlay", file, path.Join(ebitenPath, slimCompiler))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(maps[filepath.Join(here(t), filepath.FromSlash(slimTree), filepath.FromSlash(slimTable))])
	if err != nil {
		t.Fatal(err)
	}
	if shaders := bytes.Count(want, []byte("void main")); shaders != 2*(1+3*3*2) {
		t.Errorf("the table has %d stages, not two of the clearing shader and of each filter, address and colour matrix", shaders)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("Ebitengine says\n%s\nthe slim files say\n%s", want, got)
	}
}

func TestSlimEbitengineCompilesForTheBrowser(t *testing.T) {
	file, _ := slim(t)
	cmd := exec.Command("go", "build", "-overlay", file, ebitenPath)
	cmd.Dir = here(t)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// A file of ours that Ebitengine also has takes its place: it must be one of
// those whose original was looked at.
func TestSlimReplacesOnlyWhatIsListed(t *testing.T) {
	upstream, err := findEbiten(t.Context(), here(t), "go")
	if err != nil {
		t.Fatal(err)
	}
	listed, err := checkReplaced(filepath.Join(here(t), slimSums), upstream)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range listed {
		if _, err := os.Stat(filepath.Join(here(t), slimTree, name)); err != nil {
			t.Errorf("%s is listed, but not replaced: %v", name, err)
		}
	}
	err = fs.WalkDir(os.DirFS(filepath.Join(here(t), slimTree)), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "go.mod" || slices.Contains(listed, name) {
			return err
		}
		if _, err := os.Stat(filepath.Join(upstream, name)); err == nil {
			t.Errorf("%s takes the place of a file that is not in %s", name, slimSums)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSlimRefusesAnotherEbitengine(t *testing.T) {
	for _, c := range []struct{ name, version, wants string }{
		{"version", "v2.9.8", "go.mod asks for v2.9.8"},
		{"file", ebitenVersion, "is not the file that the slim build replaces"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := otherEbiten(t, c.version)
			file, err := slimOverlay(t.Context(), root, "go", &overlay{})
			if err == nil || file != "" || !strings.Contains(err.Error(), c.wants) {
				t.Errorf("overlay %q, error %v; want none and an error with %q", file, err, c.wants)
			}
		})
	}
}

// otherEbiten returns a module whose Ebitengine calls itself by that version
// but has one empty file where the list of sums knows more.
func otherEbiten(t *testing.T, version string) (root string) {
	root = t.TempDir()
	for name, content := range map[string]string{
		"go.mod":           "module m\ngo 1.25.0\nrequire " + ebitenPath + " " + version + "\nreplace " + ebitenPath + " => ./e\n",
		"e/go.mod":         "module " + ebitenPath + "\n",
		"e/imagedumper.go": "package ebiten\n",
		slimSums:           strings.Repeat("0", 64) + "  imagedumper.go\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
