package site

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"

	"dpoplayground/serve/build"
	"dpoplayground/serve/internal/sample"
)

const (
	testIndex = sample.Index
	testStage = sample.Stage
)

var testWasm = sample.Wasm

// testSource has a character that HTML must escape.
const testSource = "https://example.org/code?a=1&b=2"

func testFS() fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range sample.Files() {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func newSite(files fs.FS, wasm, wasmExec []byte) (*Site, error) {
	return New(files, &build.Program{Wasm: wasm, Exec: wasmExec}, testSource)
}

func testSite(t *testing.T) *Site {
	t.Helper()
	s, err := newSite(testFS(), testWasm, []byte("// wasm_exec"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func request(h http.Handler, method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(target, "?")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSiteHoldsThePublicFilesOnly(t *testing.T) {
	want := []string{
		"assets/app.wasm", "assets/img/hero.svg", "assets/img/still.webp", "assets/lessons/one.json", "assets/notes.txt",
		"assets/page.css", "assets/page.js", "assets/stage.html", "assets/stage.js", "assets/wasm_exec.js", "index.html",
	}
	if got := slices.Sorted(maps.Keys(testSite(t).files)); !slices.Equal(got, want) {
		t.Errorf("files of the site:\n%q\nwant\n%q", got, want)
	}
}

func TestContentTypes(t *testing.T) {
	s := testSite(t)
	for target, want := range map[string]string{
		"/":                        "text/html; charset=utf-8",
		"/index.html":              "text/html; charset=utf-8",
		"/assets/stage.html":       "text/html; charset=utf-8",
		"/assets/app.wasm":         "application/wasm",
		"/assets/wasm_exec.js":     "text/javascript; charset=utf-8",
		"/assets/page.css":         "text/css; charset=utf-8",
		"/assets/img/hero.svg":     "image/svg+xml",
		"/assets/img/still.webp":   "image/webp",
		"/assets/lessons/one.json": "application/json",
		"/assets/notes.txt":        "text/plain; charset=utf-8",
	} {
		r := request(s, "GET", target)
		if got := r.Header.Get("Content-Type"); r.StatusCode != 200 || got != want {
			t.Errorf("%s: status %d, type %q; want 200, %q", target, r.StatusCode, got, want)
		}
	}
}

func TestPathsThatLeadNowhere(t *testing.T) {
	s := testSite(t)
	for _, path := range []string{
		"", "//", "/.", "/..", "/../serve.go", "/serve.go", "/assets", "/assets/", "/assets/img/", "/assets/../index.html",
		"/assets/../../etc/passwd", "/assets/..\\..\\serve.go", "\\index.html", "/assets\\page.js", "/index.html\x00", "/\x00", "/assets/%2e%2e/serve.go",
		"/assets/.secret", "/assets/.git/config", "/assets/embed.go", "/assets/page_test.js", "/assets/testdata/x.json",
		"//index.html", "///etc/passwd", "/INDEX.HTML", "/assets/page.js/", "/index.html ", "/go.mod", "C:/index.html", "index.html", "/assets/app.wasm.br",
	} {
		r := request(s, "GET", path)
		if text := body(t, r); r.StatusCode != 404 || !strings.HasPrefix(text, "There is no such page") {
			t.Errorf("%q: status %d, body %.60q; want the 404 sentence", path, r.StatusCode, text)
		}
	}
}

// The same over a socket, where net/http decodes the request line.
func TestHostileRequestLines(t *testing.T) {
	server := httptest.NewServer(testSite(t))
	defer server.Close()
	for _, raw := range []string{
		"/../serve.go", "/assets/%2e%2e/serve.go", "/assets/%2e%2e%2fserve.go", "/..%5cserve.go", "/%00", "/index.html%00.js",
		"//", "/%2f%2fetc/passwd", "/assets/%252e%252e/serve.go", "/assets/%c0%ae%c0%ae/serve.go", "/assets/", "/.git/config",
	} {
		r, err := http.NewRequest("GET", server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Opaque = "//" + r.URL.Host + raw
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		if text := body(t, resp); resp.StatusCode != 404 || strings.Contains(text, "package") {
			t.Errorf("%s: status %d, body %.60q; want 404", raw, resp.StatusCode, text)
		}
		resp.Body.Close()
	}
}

func TestMethods(t *testing.T) {
	s := testSite(t)
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "BREW"} {
		r := request(s, method, "/")
		if r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, Allow %q", method, r.StatusCode, r.Header.Get("Allow"))
		}
	}
	server := httptest.NewServer(s)
	defer server.Close()
	r, err := http.Head(server.URL + "/assets/app.wasm")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if text := body(t, r); r.StatusCode != 200 || text != "" || r.ContentLength != int64(len(testWasm)) {
		t.Errorf("HEAD: status %d, %d bytes, Content-Length %d; want 200, none, %d", r.StatusCode, len(text), r.ContentLength, len(testWasm))
	}
}

func TestSecurityHeadersOnEveryResponse(t *testing.T) {
	s := testSite(t)
	tag := request(s, "GET", "/").Header.Get("ETag")
	for name, r := range map[string]*http.Response{
		"200":    request(s, "GET", "/"),
		"304":    request(s, "GET", "/", "If-None-Match", tag),
		"404":    request(s, "GET", "/nowhere"),
		"405":    request(s, "POST", "/"),
		"406":    request(s, "GET", "/", "Accept-Encoding", "*;q=0"),
		"403":    request(LocalHostsOnly(s), "GET", "/"), // for example.com
		"static": request(s, "GET", "/assets/img/still.webp"),
	} {
		policy := r.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval';", "frame-ancestors 'self'", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q lacks %q", name, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe-inline") || strings.Contains(policy, "'unsafe-eval'") {
			t.Errorf("%s: the policy %q is lax", name, policy)
		}
		for header, want := range map[string]string{
			"X-Content-Type-Options":            "nosniff",
			"Referrer-Policy":                   "no-referrer",
			"Cross-Origin-Embedder-Policy":      "require-corp",
			"Cross-Origin-Opener-Policy":        "same-origin",
			"Cross-Origin-Resource-Policy":      "same-origin",
			"X-Permitted-Cross-Domain-Policies": "none",
		} {
			if got := r.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
		if p := r.Header.Get("Permissions-Policy"); !strings.Contains(p, "camera=()") || !strings.Contains(p, "usb=()") || !strings.Contains(p, "clipboard-write=(self)") {
			t.Errorf("%s: Permissions-Policy is %q", name, p)
		}
	}
}

func TestEncodingsDecodeToTheFile(t *testing.T) {
	s := testSite(t)
	decoders := map[string]func(io.Reader) io.Reader{
		"":   func(r io.Reader) io.Reader { return r },
		"br": func(r io.Reader) io.Reader { return brotli.NewReader(r) },
		"gzip": func(r io.Reader) io.Reader {
			z, err := gzip.NewReader(r)
			if err != nil {
				t.Fatal(err)
			}
			return z
		},
	}
	tags := map[string]bool{}
	for encoding, decode := range decoders {
		r := request(s, "GET", "/assets/app.wasm", "Accept-Encoding", encoding)
		sent := body(t, r)
		got, err := io.ReadAll(decode(strings.NewReader(sent)))
		if err != nil || !bytes.Equal(got, testWasm) {
			t.Errorf("%q: %d bytes, error %v; want the %d bytes of the program", encoding, len(got), err, len(testWasm))
		}
		if r.Header.Get("Content-Encoding") != encoding || r.Header.Get("Vary") != "Accept-Encoding" || r.Header.Get("Content-Length") != fmt.Sprint(len(sent)) {
			t.Errorf("%q: headers %v", encoding, r.Header)
		}
		tags[r.Header.Get("ETag")] = true
	}
	if len(tags) != len(decoders) {
		t.Errorf("entity tags %v: want one for each encoding", tags)
	}
	if r := request(s, "GET", "/assets/img/still.webp", "Accept-Encoding", "br, gzip"); r.Header.Get("Content-Encoding") != "" || r.Header.Get("Vary") != "" {
		t.Errorf("an image was encoded again: %v", r.Header)
	}
}

func TestRevalidation(t *testing.T) {
	s := testSite(t)
	plain := request(s, "GET", "/assets/page.js").Header.Get("ETag")
	br := request(s, "GET", "/assets/page.js", "Accept-Encoding", "br").Header.Get("ETag")
	for _, c := range []struct {
		match, accept string
		want          int
	}{
		{plain, "", 304},
		{br, "br", 304},
		{plain, "br", 200}, // the tag of another encoding
		{br, "", 200},
		{`"other", ` + plain, "", 304},
		{"W/" + plain, "", 304},
		{"*", "", 304},
		{`"other"`, "", 200},
		{strings.Trim(plain, `"`), "", 200},
	} {
		r := request(s, "GET", "/assets/page.js", "If-None-Match", c.match, "Accept-Encoding", c.accept)
		text := body(t, r)
		if r.StatusCode != c.want || (text == "") != (c.want == 304) {
			t.Errorf("If-None-Match %s, Accept-Encoding %q: status %d with %d bytes, want %d", c.match, c.accept, r.StatusCode, len(text), c.want)
		}
		if r.Header.Get("ETag") == "" || r.Header.Get("Vary") == "" || r.Header.Get("Cache-Control") == "" {
			t.Errorf("status %d without ETag, Vary or Cache-Control: %v", r.StatusCode, r.Header)
		}
	}
}

func TestCachedForEverOnlyByContentHash(t *testing.T) {
	s := testSite(t)
	hash := sha16(s.files["assets/page.js"].body)
	for query, want := range map[string]string{
		"":                        "no-cache",
		"?v=":                     "no-cache",
		"?v=0123456789abcdef":     "no-cache",
		"?v=" + hash[:15]:         "no-cache",
		"?w=" + hash:              "no-cache",
		"?v=" + hash:              "public, max-age=31536000, immutable",
		"?v=%zz&v=" + hash + "%q": "no-cache",
	} {
		if got := request(s, "GET", "/assets/page.js"+query).Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestHostNames(t *testing.T) {
	h := LocalHostsOnly(testSite(t))
	for host, want := range map[string]int{
		"localhost:8080": 200, "LOCALHOST:8080": 200, "127.0.0.1:8081": 200, "[::1]:8080": 200, "localhost": 200, "[::1]": 200, "127.0.0.1": 200,
		"evil.example:8080": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example:8080": 403, "192.168.1.5:8080": 403, "": 403,
		"0.0.0.0:8080": 403, "localhost:8080:evil": 403, "[::ffff:10.0.0.1]:80": 403,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q: status %d, want %d", host, w.Code, want)
		}
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	without := func(name string) fstest.MapFS {
		files := testFS()
		delete(files, name)
		return files
	}
	for _, c := range []struct {
		files fstest.MapFS
		wasm  []byte
		want  string
	}{
		{without("index.html"), testWasm, "index.html"},
		{without("assets/page.css"), testWasm, `href="assets/page.css": the site has no file assets/page.css`},
		{fstest.MapFS{"index.html": {Data: []byte("<head>")}}, testWasm, "assets"},
		{testFS(), nil, "empty"},
	} {
		_, err := newSite(c.files, c.wasm, []byte("// wasm_exec"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}
