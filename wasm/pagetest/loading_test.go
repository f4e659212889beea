//go:build !js

package pagetest

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// siteWith serves the real page, but for the program, which it hands to answer.
func siteWith(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, site http.Handler)) string {
	t.Helper()
	s, err := pageSite()
	if err != nil {
		t.Fatal(err)
	}
	return serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "app.wasm") {
			answer(w, r, s)
			return
		}
		s.ServeHTTP(w, r)
	}))
}

// The download begins with the page, and serves the first frame: the frame's own
// document is held back here until the program was asked for. A later frame has
// the program from the browser's cache or asks for it again.
func TestTheProgramIsAskedForOnceAndEarly(t *testing.T) {
	t.Parallel()
	s, err := pageSite()
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	early := make(chan bool)
	once := sync.OnceFunc(func() { close(early) })
	base := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "app.wasm"):
			asked.Add(1)
			once()
		case strings.HasSuffix(r.URL.Path, "stage.html"):
			select {
			case <-early:
			case <-time.After(patience / 2):
				t.Error("the program was not asked for before the frame was there")
			}
		}
		s.ServeHTTP(w, r)
	}))
	p := newTab(t, browser(t), base, "panic", "goroutine", "exit code", "exception", "syscall/js", "main.", "wasm_exec", "\\t", "[recovered]", "ValueError", "error", "?:0")
	p.open("v=1&preset=tyre&beta=0.7")
	if n := asked.Load(); n != 1 {
		t.Errorf("the program was asked for %d times", n)
	}
	p.run(panicButton)
	p.trouble("crash")
	p.until(`document.documentElement?.classList.contains("running")`)
	if s := p.agree(); s.Beta != "0.7" {
		t.Errorf("in the next frame β is %s", s.Beta)
	}
}

// Hosts that do not know the type of a program give it another one.
func TestProgramOfAnotherType(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"application/octet-stream", "text/plain; charset=utf-8", "application/wasm; charset=utf-8", "Application/WASM"} {
		base := siteWith(t, func(w http.ResponseWriter, r *http.Request, site http.Handler) {
			site.ServeHTTP(typedWriter{w, kind}, r)
		})
		newTab(t, browser(t), base).open("")
	}
}

// typedWriter gives an answer another type.
type typedWriter struct {
	http.ResponseWriter
	kind string
}

func (w typedWriter) Write(b []byte) (int, error) {
	w.Header().Set("Content-Type", w.kind)
	return w.ResponseWriter.Write(b)
}

// The page shows how much of the program has come, and says so when the rest
// does not come. Another try fetches it in full.
func TestProgressAndABrokenDownload(t *testing.T) {
	t.Parallel()
	program, err := realProgram()
	if err != nil {
		t.Fatal(err)
	}
	half := len(program.Wasm) / 2
	var visits atomic.Int32
	seen := make(chan bool)
	base := siteWith(t, func(w http.ResponseWriter, r *http.Request, site http.Handler) {
		if visits.Add(1) > 1 {
			site.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/wasm")
		w.Header().Set("Content-Length", strconv.Itoa(len(program.Wasm)))
		w.Write(program.Wasm[:half])
		w.(http.Flusher).Flush()
		<-seen
		panic(http.ErrAbortHandler) // cuts the connection
	})
	release := sync.OnceFunc(func() { close(seen) })
	t.Cleanup(release)
	p := newTab(t, browser(t), base, "ERR_")
	p.load("v=1&preset=tyre&beta=0.7")
	p.until(`Math.abs(document.getElementById("load-bar").value - 0.5) < 0.02`)
	release()
	p.trouble("fetch")
	p.click("#retry")
	p.until(`document.documentElement?.classList.contains("running") && document.getElementById("trouble").hidden`)
	if s := p.agree(); s.Beta != "0.7" {
		t.Errorf("after the second try β is %s", s.Beta)
	}
}
