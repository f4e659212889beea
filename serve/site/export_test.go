package site

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"dpoplayground/serve/internal/sample"
)

func mustExport(t *testing.T, s *Site, dir string) string {
	t.Helper()
	var out bytes.Buffer
	if err := writeExport(context.Background(), s, dir, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func readTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		tree[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestExportIsTheServedSite(t *testing.T) {
	s := testSite(t)
	dir := filepath.Join(t.TempDir(), "new", "site")
	mustExport(t, s, dir)
	tree := readTree(t, dir)
	for name, f := range s.files {
		if tree[name] != string(f.body) {
			t.Errorf("%s is not as it is served", name)
		}
	}
	want := []string{
		".dpo-playground-export", ".nojekyll", "Caddyfile", "_headers", "assets/app.wasm", "assets/app.wasm.br", "assets/app.wasm.gz", "assets/img/hero.svg", "assets/img/still.webp",
		"assets/lessons/one.json", "assets/notes.txt", "assets/page.css", "assets/page.css.br", "assets/page.css.gz", "assets/page.js",
		"assets/page.js.br", "assets/page.js.gz", "assets/stage.html", "assets/stage.html.br", "assets/stage.html.gz", "assets/stage.js",
		"assets/stage.js.br", "assets/stage.js.gz", "assets/wasm_exec.js", "index.html", "index.html.br", "index.html.gz", "nginx.conf",
	}
	if got := slices.Sorted(maps.Keys(tree)); !slices.Equal(got, want) {
		t.Errorf("files:\n%q\nwant\n%q", got, want)
	}
	wasm, err := io.ReadAll(brotli.NewReader(strings.NewReader(tree["assets/app.wasm.br"])))
	if err != nil || !bytes.Equal(wasm, testWasm) {
		t.Errorf("app.wasm.br decodes to %d bytes, error %v", len(wasm), err)
	}
}

// A plain file server in a sub-folder of a host must find every reference.
func TestExportWorksInAnyFolder(t *testing.T) {
	dir := t.TempDir()
	mustExport(t, testSite(t), dir)
	host := httptest.NewServer(http.StripPrefix("/class/dpo/", http.FileServer(http.Dir(dir))))
	defer host.Close()
	reference := regexp.MustCompile(`(?:src|href|data-wasm|data-stage)="([^"#:]+)"`)
	found := 0
	for page, folder := range map[string]string{"index.html": "", "assets/stage.html": "assets/"} {
		text, err := os.ReadFile(filepath.Join(dir, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range reference.FindAllStringSubmatch(string(text), -1) {
			found++
			r, err := http.Get(host.URL + "/class/dpo/" + folder + m[1])
			if err != nil {
				t.Fatal(err)
			}
			r.Body.Close()
			if r.StatusCode != 200 || strings.HasPrefix(m[1], "/") || !strings.Contains(m[1], "?v=") {
				t.Errorf("%s refers to %s: status %d", page, m[1], r.StatusCode)
			}
		}
	}
	if found != 6 {
		t.Errorf("%d references, want the 6 of the two pages", found)
	}
}

func TestExportAgainReplacesOnlyItsOwnFiles(t *testing.T) {
	s := testSite(t)
	dir := t.TempDir()
	mustExport(t, s, dir)
	sample.Write(t, filepath.Join(dir, "CNAME"), "example.org")
	sample.Write(t, filepath.Join(dir, "assets/mine.txt"), "mine")
	sample.Write(t, filepath.Join(dir, "assets/img/still.webp"), "retouched")

	files := testFS()
	delete(files, "assets/lessons/one.json") // removed: goes
	delete(files, "assets/img/still.webp")   // removed, but no longer what was exported: stays
	files["assets/page.js"].Data = []byte("// shorter")
	next, err := newSite(files, testWasm, []byte("// wasm_exec"))
	if err != nil {
		t.Fatal(err)
	}
	mustExport(t, next, dir)
	tree := readTree(t, dir)
	for name, want := range map[string]string{
		"CNAME": "example.org", "assets/mine.txt": "mine", "assets/img/still.webp": "retouched", "assets/page.js": "// shorter",
	} {
		if tree[name] != want {
			t.Errorf("%s holds %q, want %q", name, tree[name], want)
		}
	}
	for _, name := range []string{"assets/lessons/one.json", "assets/page.js.br", "assets/page.js.gz"} {
		if _, ok := tree[name]; ok {
			t.Errorf("%s of the earlier export is still there", name)
		}
	}
}

func TestExportRefusesWhatIsNotItsOwn(t *testing.T) {
	s := testSite(t)
	for name, c := range map[string]struct {
		prepare func(t *testing.T, dir string)
		want    string
	}{
		"a folder in use": {func(t *testing.T, dir string) {
			sample.Write(t, filepath.Join(dir, "thesis.tex"), "years of work")
		}, "holds other files"},
		"a file": {func(t *testing.T, dir string) {
			os.Remove(dir)
			sample.Write(t, dir, "a file")
		}, "cannot export"},
		"an edited file": {func(t *testing.T, dir string) {
			mustExport(t, s, dir)
			sample.Write(t, filepath.Join(dir, "index.html"), "my own page")
		}, "index.html there is not as an export left it"},
		"a file in the way": {func(t *testing.T, dir string) {
			sample.Write(t, filepath.Join(dir, markerName), "")
			sample.Write(t, filepath.Join(dir, "assets"), "mine")
		}, "assets"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "site")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			c.prepare(t, dir)
			err := checkTarget("/no/such/root", dir)
			if err == nil {
				err = writeExport(context.Background(), s, dir, io.Discard)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "assets"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := checkTarget(root, filepath.Join(root, "assets", "out")); err == nil {
		t.Error("exported into the site's own sources")
	}
}

// A marker is a file like any other: it cannot lead the export out of its folder.
func TestExportNeverLeavesItsFolder(t *testing.T) {
	parent := t.TempDir()
	outside := filepath.Join(parent, "outside.txt")
	sample.Write(t, outside, "x")
	dir := filepath.Join(parent, "site")
	const sumOfX = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
	sample.Write(t, filepath.Join(dir, markerName), sumOfX+"  ../outside.txt\n"+sumOfX+"  "+outside+"\n")
	mustExport(t, testSite(t), dir)
	if data, err := os.ReadFile(outside); err != nil || string(data) != "x" {
		t.Errorf("the file outside is now %q, error %v", data, err)
	}
	linked := filepath.Join(parent, "linked")
	sample.Write(t, filepath.Join(linked, markerName), "")
	if err := os.Symlink(parent, filepath.Join(linked, "assets")); err != nil {
		t.Skip(err)
	}
	if err := writeExport(context.Background(), testSite(t), linked, io.Discard); err == nil {
		t.Error("wrote through a link to another folder")
	}
}

func TestExportTellsSizes(t *testing.T) {
	s := testSite(t)
	dir := t.TempDir()
	out := mustExport(t, s, dir)
	tree := readTree(t, dir)
	first := []string{"index.html.br", "assets/page.css.br", "assets/img/hero.svg", "assets/page.js.br", "assets/stage.html.br", "assets/stage.js.br", "assets/wasm_exec.js", "assets/app.wasm.br"}
	total := 0
	for _, name := range first {
		total += len(tree[name])
	}
	line := regexp.MustCompile(`(\d+) +\* first visit`).FindStringSubmatch(out)
	if line == nil || line[1] != strconv.Itoa(total) {
		t.Errorf("want a first visit of %d bytes in brotli:\n%s", total, out)
	}
	if !regexp.MustCompile(` 21008 +\d+ +` + strconv.Itoa(len(tree["assets/app.wasm.br"])) + ` +\* assets/app.wasm\n`).MatchString(out) {
		t.Errorf("no line for the program:\n%s", out)
	}
}

func TestExportStopsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := filepath.Join(t.TempDir(), "site")
	if err := writeExport(ctx, testSite(t), dir, io.Discard); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("something was written")
	}
}

// An export proves the lessons before all else, and names what does not hold.
func TestExportRefusesALessonThatDoesNotHold(t *testing.T) {
	root, dir := t.TempDir(), filepath.Join(t.TempDir(), "out")
	sample.Write(t, filepath.Join(root, "assets/lessons/wrong.txt"),
		"lesson: A\nminutes: 1\nfor: all\nstep: B\nstate: v=1&preset=tyre&step=1000\ntext: KL is {kl}.\nnumber kl: kl of state is 0.498\n")
	err := Export(context.Background(), root, dir, "", io.Discard, io.Discard)
	for _, want := range []string{"wrong.txt", "line 7", "step 1", "0.498", "0.497"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the export says %v, without %q", err, want)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a folder was written all the same")
	}
}
