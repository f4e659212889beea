package site

import (
	"context"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"dpoplayground/serve/internal/sample"
)

const testWorker = "// keeps\nconst files = {};\nconst version = \"\";\n"

// workerOf returns the worker of a site of the sample's files and others, and the
// hashes and the version in it.
func workerOf(t *testing.T, others fstest.MapFS) (s *Site, hashes map[string]string, version string) {
	t.Helper()
	files := testFS()
	files["assets/sw.js"] = &fstest.MapFile{Data: []byte(testWorker)}
	for name, f := range others {
		files[name] = f
	}
	s, err := newSite(files, testWasm, []byte("// wasm_exec"))
	if err != nil {
		t.Fatal(err)
	}
	text := body(t, request(s, "GET", "/sw.js"))
	m := regexp.MustCompile(`^// keeps\nconst files = (.*);\nconst version = "([0-9a-f]{16})";\n$`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("the worker is %q", text)
	}
	if err := json.Unmarshal([]byte(m[1]), &hashes); err != nil {
		t.Fatal(err)
	}
	return s, hashes, m[2]
}

// What the worker keeps is what the server sends under the hash it names: the
// answer to each of its addresses may be kept for ever.
func TestWorkerKnowsEachFileByItsHash(t *testing.T) {
	s, hashes, _ := workerOf(t, fstest.MapFS{
		"README.md":              {Data: []byte("read me")},
		"assets/screen.png":      {Data: []byte("png")},
		"assets/app.webmanifest": {Data: []byte("{}")},
	})
	for _, name := range []string{"", "assets/app.wasm", "assets/wasm_exec.js", "assets/page.css", "assets/lessons/one.json", "assets/stage.html"} {
		if hashes[name] == "" {
			t.Errorf("%q is not kept", name)
		}
	}
	for _, name := range []string{"README.md", "assets/screen.png", "assets/app.webmanifest", "sw.js", "assets/sw.js", "index.html"} {
		if hashes[name] != "" {
			t.Errorf("%q is kept", name)
		}
	}
	for name, hash := range hashes {
		r := request(s, "GET", "/"+name+"?v="+hash)
		if !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%q is not what %s names: status %d, %s", name, hash, r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
	if r := request(s, "GET", "/sw.js"); r.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("the worker itself is kept: %s", r.Header.Get("Cache-Control"))
	}
	if r := request(s, "GET", "/assets/sw.js"); r.StatusCode != 404 {
		t.Errorf("the worker's source is served with status %d", r.StatusCode)
	}
}

func TestWorkerIsAnotherWithAnyFile(t *testing.T) {
	_, _, first := workerOf(t, nil)
	if _, _, again := workerOf(t, nil); again != first {
		t.Errorf("the same sources have the versions %s and %s", first, again)
	}
	for _, name := range []string{"assets/page.js", "assets/lessons/one.json", "assets/img/hero.svg"} {
		if _, _, other := workerOf(t, fstest.MapFS{name: {Data: []byte("other")}}); other == first {
			t.Errorf("another %s has the same version", name)
		}
	}
}

func TestWorkerWithoutItsPlaces(t *testing.T) {
	files := testFS()
	files["assets/sw.js"] = &fstest.MapFile{Data: []byte("const files = {};")}
	_, err := newSite(files, testWasm, []byte("// wasm_exec"))
	if err == nil || !strings.Contains(err.Error(), "assets/sw.js") || !strings.Contains(err.Error(), "const version") {
		t.Errorf("the error is %v", err)
	}
}

// A site that is being worked on keeps nothing, and ends what a worker kept before.
func TestDevRetiresTheWorker(t *testing.T) {
	root := sample.Root(t)
	sample.Write(t, root+"/assets/sw.js", testWorker)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	text := body(t, request(Dev(ctx, root, "", io.Discard), "GET", "/sw.js"))
	if !strings.Contains(text, "registration.unregister()") || strings.Contains(text, `"fetch"`) {
		t.Errorf("the worker is %q", text)
	}
}
