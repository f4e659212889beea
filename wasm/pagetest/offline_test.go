//go:build !js

package pagetest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"dpoplayground/serve/site"
)

// host serves a handler under a name that is not this machine's: the page keeps
// itself only where it comes from elsewhere.
func host(t *testing.T, h http.Handler, folder string, expected ...string) (*httptest.Server, *tab) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	origin := "http://class.test:" + u.Port()
	b := browser(t, "host-resolver-rules=MAP class.test 127.0.0.1", "unsafely-treat-insecure-origin-as-secure="+origin,
		"use-angle=swiftshader", "enable-unsafe-swiftshader", "ignore-gpu-blocklist")
	return server, newTab(t, b, origin+folder, expected...)
}

// holdsVersion waits until the browser keeps a whole version.
func (p *tab) holdsVersion() {
	p.t.Helper()
	p.run(`navigator.serviceWorker.ready.then(() => { window.isKept = true; })`)
	p.meanwhile(`window.isKept`)
}

// staticSite writes the real site into a folder, as it lies on a static host.
func staticSite(t *testing.T) string {
	t.Helper()
	s, err := pageSite()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	get := func(path string) string {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/"+path, nil))
		if w.Code != http.StatusOK {
			t.Fatalf("%s has status %d", path, w.Code)
		}
		return w.Body.String()
	}
	worker := get("sw.js")
	var hashes map[string]string
	list := regexp.MustCompile(`const files = (\{.*\});`).FindStringSubmatch(worker)[1]
	if err := json.Unmarshal([]byte(list), &hashes); err != nil {
		t.Fatal(err)
	}
	names := []string{"sw.js", "assets/site.webmanifest"}
	for name := range hashes {
		names = append(names, name)
	}
	for _, name := range names {
		file := filepath.Join(dir, name)
		if name == "" {
			file = filepath.Join(dir, "index.html")
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(get(name)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// After one visit the page opens and runs with its server gone, at another link
// than the visit's, too: from the server, and from a static host's folder.
func TestOfflineAfterOneVisit(t *testing.T) {
	s, err := pageSite()
	if err != nil {
		t.Fatal(err)
	}
	for folder, h := range map[string]http.Handler{
		"/":           s,
		"/class/dpo/": http.StripPrefix("/class/dpo/", http.FileServer(http.Dir(staticSite(t)))),
	} {
		server, p := host(t, h, folder, "ERR_CONNECTION_REFUSED", "Failed to load resource", "FetchEvent", "fetch")
		p.open("v=1&preset=tyre&beta=0.7")
		p.holdsVersion()
		server.CloseClientConnections()
		server.Close()
		if r, err := http.Get(server.URL); err == nil {
			r.Body.Close()
			t.Fatalf("the server still answers with status %d", r.StatusCode)
		}
		p.open("v=1&preset=tyre&beta=0.3")
		if s := p.agree(); s.Beta != "0.3" {
			t.Errorf("at %s β is %s without a network, want 0.3", folder, s.Beta)
		}
		if eval[bool](p, `!document.getElementById("newer").hidden`) {
			t.Errorf("at %s the page announces a newer version without a network", folder)
		}
	}
}

// A newer version is announced and leaves the page as it is, its program too, until the
// visitor wants it. From then on the older one is gone from the browser.
func TestNewerVersionWaitsUntilItIsWanted(t *testing.T) {
	old, err := pageSite()
	if err != nil {
		t.Fatal(err)
	}
	program, err := realProgram()
	if err != nil {
		t.Fatal(err)
	}
	sources := fstest.MapFS{}
	if err := copyInto(sources, "index.html", "README.md", "CONTRIBUTING.md", "assets", "docs"); err != nil {
		t.Fatal(err)
	}
	sources["index.html"].Data = []byte(strings.Replace(string(sources["index.html"].Data), "<body>", `<body class="second">`, 1))
	next, err := site.New(sources, program, "https://example.org/code")
	if err != nil {
		t.Fatal(err)
	}
	var current atomic.Pointer[site.Site]
	current.Store(old)
	_, p := host(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { current.Load().ServeHTTP(w, r) }), "/")
	p.open("v=1&preset=tyre&beta=0.7")
	p.holdsVersion()
	p.open("v=1&preset=tyre&beta=0.6")

	current.Store(next)
	p.open("v=1&preset=tyre&beta=0.4")
	p.meanwhile(`!document.getElementById("newer").hidden`)
	if eval[bool](p, `document.body.classList.contains("second")`) {
		t.Error("the page is of the newer version before it was wanted")
	}
	if s := p.agree(); s.Beta != "0.4" {
		t.Errorf("with a newer version waiting β is %s, want 0.4", s.Beta)
	}
	p.click("#newer-reload")
	p.until(`document.body?.classList.contains("second") && document.documentElement?.classList.contains("running")`)
	if s := p.agree(); s.Beta != "0.4" {
		t.Errorf("after the reload β is %s, want 0.4", s.Beta)
	}
	if eval[bool](p, `!document.getElementById("newer").hidden`) {
		t.Error("the newest version announces a newer one")
	}
	p.run(`caches.keys().then((names) => { window.versions = names.length; })`)
	p.meanwhile(`window.versions === 1`)
}

// Where the browser keeps nothing, the page runs as ever.
func TestStorageForbidden(t *testing.T) {
	s, err := pageSite()
	if err != nil {
		t.Fatal(err)
	}
	full := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/sw.js" {
			r.Header.Del("Accept-Encoding") // what follows is plain, too
			w.Header().Set("Content-Type", "text/javascript")
			w.Write([]byte(`caches.open = async () => { throw new DOMException("full", "QuotaExceededError"); };`))
		}
		s.ServeHTTP(w, r)
	})
	_, p := host(t, full, "/")
	p.open("v=1&preset=tyre&beta=0.7")
	p.run(`navigator.serviceWorker.getRegistration().then(async (r) => {
		window.began = Boolean(r);
		while (r?.installing) await new Promise((done) => { r.installing.addEventListener("statechange", done, { once: true }); });
		window.isOver = !r?.active && !r?.waiting;
	})`)
	p.meanwhile(`window.isOver`)
	p.open("v=1&preset=tyre&beta=0.6")
	if s := p.agree(); s.Beta != "0.6" {
		t.Errorf("β is %s, want 0.6", s.Beta)
	}
}

// On the machine that serves it the page keeps nothing.
func TestNothingIsKeptFromThisMachine(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre")
	p.run(`navigator.serviceWorker.getRegistrations().then((all) => { window.workers = all.length; })`)
	p.meanwhile(`window.workers === 0`)
}

// copyInto reads files of the sources, and those of folders, as they are.
func copyInto(files fstest.MapFS, names ...string) error {
	for _, name := range names {
		err := filepath.WalkDir(name, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			files[filepath.ToSlash(path)] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
