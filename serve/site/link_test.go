package site

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"dpoplayground/serve/build"
)

func sha16(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data))[:16] }

func TestReferencesCarryTheHashOfWhatIsServed(t *testing.T) {
	s := testSite(t)
	stage, index := string(s.files["assets/stage.html"].body), string(s.files["index.html"].body)
	served := func(name string) string { return sha16(s.files[name].body) }
	for _, c := range []struct{ page, want string }{
		{stage, `src="wasm_exec.js?v=` + sha16([]byte("// wasm_exec")) + `"`},
		{stage, `src="stage.js?v=` + served("assets/stage.js") + `" data-wasm="app.wasm?v=` + sha16(testWasm) + `" data-size="21008"`},
		{index, `href="assets/page.css?v=` + served("assets/page.css") + `"`},
		{index, `src="assets/page.js?v=` + served("assets/page.js") + `" defer data-stage="assets/stage.html?v=` + sha16([]byte(stage)) + `"`},
		{index, `<a href="#top">`},
		{index, `<a href="https://example.org/paper">`},
		{index, `<meta name="site-version" content="` + s.version + `">`},
		{string(s.files["assets/page.css"].body), `url('img/hero.svg?v=` + served("assets/img/hero.svg") + `')`},
	} {
		if !strings.Contains(c.page, c.want) {
			t.Errorf("no %s in\n%.600s", c.want, c.page)
		}
	}
}

func TestChangedProgramChangesEveryAddressOnTheWayToIt(t *testing.T) {
	a := testSite(t)
	b, err := newSite(testFS(), append(testWasm[:len(testWasm):len(testWasm)], '!'), []byte("// wasm_exec"))
	if err != nil {
		t.Fatal(err)
	}
	for name, same := range map[string]bool{
		"assets/app.wasm": false, "assets/stage.html": false, "index.html": false, "assets/page.css": true, "assets/wasm_exec.js": true,
	} {
		if got := a.files[name].hash == b.files[name].hash; got != same {
			t.Errorf("%s: same hash %v, want %v", name, got, same)
		}
	}
	if a.version == b.version || len(a.version) != 16 {
		t.Errorf("site versions %q and %q: want two of 16 digits", a.version, b.version)
	}
}

// linked returns how the given body of a page is served beside x.js and y.css.
func linked(t *testing.T, page string) (string, error) {
	t.Helper()
	files := fstest.MapFS{
		"index.html":           {Data: []byte("<head></head>" + page)},
		"assets/x.js":          {Data: []byte("x")},
		"assets/two words.svg": {Data: []byte("w")},
	}
	s, err := newSite(files, testWasm, []byte("// wasm_exec"))
	if err != nil {
		return "", err
	}
	_, after, _ := strings.Cut(string(s.files["index.html"].body), "</head>")
	return after, nil
}

func TestLinkHTML(t *testing.T) {
	x, words := "?v="+sha16([]byte("x")), "?v="+sha16([]byte("w"))
	for _, c := range []struct{ page, want string }{
		{`<script src="assets/x.js"></script>`, `<script src="assets/x.js` + x + `"></script>`},
		{`<SCRIPT SRC='assets/x.js' async></SCRIPT>`, `<SCRIPT SRC='assets/x.js` + x + `' async></SCRIPT>`},
		{`<img src = assets/x.js>`, `<img src = assets/x.js` + x + `>`},
		{`<img src="./assets/../assets/x.js#part">`, `<img src="./assets/../assets/x.js` + x + `#part">`},
		{`<img src="assets/two%20words.svg">`, `<img src="assets/two%20words.svg` + words + `">`},
		{`<a title="a > b" href="assets/x.js">`, `<a title="a > b" href="assets/x.js` + x + `">`},
		{`<a href="assets/x.js"/><br/>`, `<a href="assets/x.js` + x + `"/><br/>`},
		// left alone
		{`<a href="assets/x.js?own=1">`, ``},
		{`<a href="">`, ``},
		{`<a href>`, ``},
		{`<a href="#part">`, ``},
		{`<a href="index.html">`, ``},
		{`<a href="./#beta=1">`, ``},
		{`<a href="//example.org/x.js">`, ``},
		{`<a href="mailto:a@example.org">`, ``},
		{`<img src="data:image/svg+xml,%3Csvg%zz">`, ``},
		{`<p data-src="assets/x.js" title="src=assets/x.js">src="assets/x.js"</p>`, ``},
		{`<!-- <img src="gone.png"> -->`, ``},
		{`<script>const s = '<img src="gone.png">'</script>`, ``},
		{`<style>/* <img src="gone.png"> */</STYLE>`, ``},
		{`<title><img src="gone.png"></title>`, ``},
		{`<p data-size="0">`, ``},
		{`<meta name="other" content="">`, ``},
		{`a < b <3 <`, ``},
		{`<!-- open`, ``},
		{`<script src="assets/x.js?a`, ``},
		{`<a href=`, ``},
	} {
		if c.want == "" {
			c.want = c.page
		}
		if got, err := linked(t, c.page); err != nil || got != c.want {
			t.Errorf("%s\nbecame %s (error %v)\nwant   %s", c.page, got, err, c.want)
		}
	}
}

func TestLinkRefuses(t *testing.T) {
	for page, want := range map[string]string{
		`<img src="gone.png">`:               `index.html: src="gone.png": the site has no file gone.png`,
		`<script src="/assets/x.js">`:        "write it relative",
		`<img src="../x.js">`:                "no file ../x.js",
		`<a href="assets/">`:                 "no file assets",
		`<img src="assets/%zz.png">`:         "not an address",
		`<iframe data-stage="stage.html">`:   "no file stage.html",
		`<a title="<p>" href="assets/X.js">`: "no file assets/X.js",
	} {
		if got, err := linked(t, page); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, error %v; want an error with %q", page, got, err, want)
		}
	}
}

func TestPagesThatReferToEachOther(t *testing.T) {
	s, err := newSite(fstest.MapFS{
		"index.html":    {Data: []byte(`<head><a href="assets/a.html">`)},
		"assets/a.html": {Data: []byte(`<head><a href="b.html">`)},
		"assets/b.html": {Data: []byte(`<head><a href="a.html">`)},
	}, testWasm, []byte("// wasm_exec"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(s.files["index.html"].body); !strings.Contains(got, "a.html?v="+sha16(s.files["assets/a.html"].body)) {
		t.Errorf("the first page does not carry the hash of a.html: %s", got)
	}
}

// Hosts that send no headers still apply the policy: it stands in each page
// before anything is loaded, and without what a page cannot say.
func TestPagesCarryTheirPolicy(t *testing.T) {
	s := testSite(t)
	for _, name := range []string{"index.html", "assets/stage.html"} {
		page := string(s.files[name].body)
		policy := strings.Index(page, `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval';`)
		if policy < 0 || policy > strings.Index(page, "<script") || strings.Contains(page, "frame-ancestors") {
			t.Errorf("%s: policy missing, late, or with frame-ancestors:\n%s", name, page)
		}
	}
	_, err := newSite(fstest.MapFS{"index.html": {Data: []byte("<p>")}, "assets/x": {}}, testWasm, testWasm)
	if err == nil || !strings.Contains(err.Error(), "index.html: no <head> tag") {
		t.Errorf("a page without a head: error %v", err)
	}
}

func TestLinkCSS(t *testing.T) {
	hash := "?v=" + sha16([]byte("f"))
	for _, c := range []struct{ css, want string }{
		{`@font-face { src: url(f.woff2) }`, `@font-face { src: url(f.woff2` + hash + `) }`},
		{`a { src: url( "f.woff2" ), url('f.woff2') }`, `a { src: url( "f.woff2` + hash + `" ), url('f.woff2` + hash + `') }`},
		{`a { fill: url(#g); background: url("data:image/svg+xml,<svg fill='url(#a)'/>") }`, ``},
		{`a { color: red } url(`, ``},
	} {
		if c.want == "" {
			c.want = c.css
		}
		s, err := newSite(fstest.MapFS{
			"index.html":     {Data: []byte("<head>")},
			"assets/a.css":   {Data: []byte(c.css)},
			"assets/f.woff2": {Data: []byte("f")},
		}, testWasm, testWasm)
		if err != nil {
			t.Errorf("%s: %v", c.css, err)
		} else if got := string(s.files["assets/a.css"].body); got != c.want {
			t.Errorf("%s became %s, want %s", c.css, got, c.want)
		}
	}
}

// Whatever the bytes, scanning ends, and every offset lies in the source.
func FuzzScanTags(f *testing.F) {
	for _, seed := range []string{testIndex, testStage, "<a b='", "<a =", "<script></scr", "<!--", "<a/=>", "<\xff<a\xff=\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		at := 0
		for _, tag := range scanTags(source) {
			if tag.end < at || tag.end > len(source) {
				t.Fatalf("tag %q ends at %d of %d, after one at %d", tag.name, tag.end, len(source), at)
			}
			for _, a := range tag.attributes {
				if a.start < at || a.end < a.start || a.end > tag.end {
					t.Fatalf("attribute %q at %d:%d of a tag at %d:%d", a.name, a.start, a.end, at, tag.end)
				}
				at = a.end
			}
			at = tag.end
		}
	})
}

// A page links to the documents beside it, which are served as text, and to the
// address of the source code where one is given.
func TestDocumentsAndSourceAreLinked(t *testing.T) {
	const page = `<!doctype html><html lang="en"><head></head><body><a href="README.md">read</a> <a data-source href="">code</a></body></html>`
	for source, want := range map[string]string{"": `<a data-source href="">`, testSource: `<a data-source href="https://example.org/code?a=1&amp;b=2">`} {
		files := testFS()
		files["index.html"] = &fstest.MapFile{Data: []byte(page)}
		files["README.md"] = &fstest.MapFile{Data: []byte("# Words")}
		s, err := New(files, &build.Program{Wasm: testWasm, Exec: []byte("// wasm_exec")}, source)
		if err != nil {
			t.Fatal(err)
		}
		if text := body(t, request(s, "GET", "/")); !strings.Contains(text, want) || !strings.Contains(text, `<a href="README.md?v=`) {
			t.Errorf("with the source %q the page is %s", source, text)
		}
		if r := request(s, "GET", "/README.md"); r.Header.Get("Content-Type") != "text/plain; charset=utf-8" || body(t, r) != "# Words" {
			t.Errorf("README.md is %q", r.Header.Get("Content-Type"))
		}
	}
}
