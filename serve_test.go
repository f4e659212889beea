package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// output is a buffer that a server writes and a test reads.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// start runs the command in root until the test ends, and returns the address it
// prints, what it logs, and a function that stops it and returns its error.
func start(t *testing.T, root string, args ...string) (url string, log *output, stop func() error) {
	t.Helper()
	t.Chdir(root)
	ctx, cancel := context.WithCancel(context.Background())
	stdout, stderr := &output{}, &output{}
	done := make(chan error, 1)
	go func() { done <- run(ctx, append(args, "-open=false"), stdout, stderr) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { stop() })
	address := regexp.MustCompile(`http://\S+`)
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if url = address.FindString(stdout.String()); url != "" {
			return url, stderr, stop
		}
		select {
		case err := <-done:
			t.Fatalf("ended before it served: %v\n%s", err, stderr)
		default:
		}
	}
	t.Fatalf("no address after two minutes:\n%s", stderr)
	return
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	return r.StatusCode, body(t, r)
}

func TestRunServesAndStops(t *testing.T) {
	root := testRoot(t)
	url, _, stop := start(t, filepath.Join(root, "wasm"), "-addr", "127.0.0.1:0")
	if status, text := get(t, url); status != 200 || !strings.Contains(text, "assets/stage.html?v=") {
		t.Errorf("%s: status %d, %.200s", url, status, text)
	}
	if err := stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
	if _, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")); err == nil {
		t.Error("still listening after its end")
	}
}

// A request in flight is answered before the server ends.
func TestShutdownIsGraceful(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	arrived := make(chan bool)
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-ctx.Done()
		time.Sleep(50 * time.Millisecond)
		io.WriteString(w, "in full")
	})
	done := make(chan error, 1)
	go func() { done <- serveUntil(ctx, ln, slow, io.Discard) }()
	go func() { <-arrived; cancel() }()
	if _, text := get(t, "http://"+ln.Addr().String()); text != "in full" {
		t.Errorf("answered %q", text)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestPorts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	next, err := listenFrom(port, portsToTry)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if got := next.Addr().(*net.TCPAddr).Port; got <= port || got >= port+portsToTry {
		t.Errorf("port %d taken: got %d, want one of the next %d", port, got, portsToTry)
	}
	if _, err := listenFrom(port, 1); err == nil || !strings.Contains(err.Error(), "-addr") {
		t.Errorf("all ports taken: error %v", err)
	}
	if _, err := listen(taken.Addr().String()); err == nil || !strings.Contains(err.Error(), "choose another -addr") {
		t.Errorf("-addr taken: error %v", err)
	}
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	for args, want := range map[string]string{
		"-addr 8080":                "host:port",
		"-addr 127.0.0.1:99999":     "0 to 65535",
		"-addr 127.0.0.1:http":      "0 to 65535",
		"-export x -dev":            "leave out",
		"-export x -addr [::1]:80":  "leave out",
		"-port 80":                  "not defined",
		"-open=maybe":               "invalid boolean",
		"site":                      `unexpected argument "site"`,
		"-addr localhost:8080 site": `unexpected argument "site"`,
	} {
		err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", args, err, want)
		}
	}
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, &help, io.Discard); err != nil || !strings.Contains(help.String(), "-export folder") {
		t.Errorf("-h: error %v, text\n%s", err, &help)
	}
	t.Chdir(t.TempDir())
	if err := run(t.Context(), nil, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("in another folder: error %v", err)
	}
}

func TestSiteURL(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080/",
		"[::1]:80":       "http://[::1]:80/",
		"0.0.0.0:8080":   "http://localhost:8080/",
		"[::]:8080":      "http://localhost:8080/",
	} {
		tcp, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := siteURL(tcp); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

func TestRunExports(t *testing.T) {
	root := testRoot(t)
	t.Chdir(root)
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"-export", "site"}, &stdout, io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "site", "assets", "app.wasm.br")); err != nil {
		t.Error(err)
	}
	if !strings.Contains(stdout.String(), "first visit") {
		t.Errorf("no sizes told:\n%s", &stdout)
	}
	if err := run(t.Context(), []string{"-export", "wasm"}, io.Discard, io.Discard); err == nil {
		t.Error("exported into a folder with sources")
	}
}

func TestDevServesTheSourcesAsTheyAre(t *testing.T) {
	root := testRoot(t)
	url, log, _ := start(t, root, "-dev", "-addr", "127.0.0.1:0")
	page := filepath.Join(root, "assets/page.js")
	writeText(t, page, "// first change")
	if _, text := get(t, url+"assets/page.js"); text != "// first change" {
		t.Errorf("after a change: %q", text)
	}
	program := filepath.Join(root, "wasm/main.go")
	writeText(t, program, "package main\n\nfunc main() { undefinedName }\n")
	status, text := get(t, url)
	if status != 500 || !strings.Contains(text, "undefined: undefinedName") || strings.Contains(text, "<html") {
		t.Errorf("with a broken program: status %d, %q", status, text)
	}
	if !strings.Contains(log.String(), "undefined: undefinedName") {
		t.Errorf("the error was not printed:\n%s", log)
	}
	writeText(t, program, "package main\n\nfunc main() {}\n")
	if status, text := get(t, url); status != 200 || strings.Contains(text, "EventSource") {
		t.Errorf("mended: status %d, %q", status, text)
	}
	os.Remove(page)
	if status, text := get(t, url); status != 500 || !strings.Contains(text, "the site has no file assets/page.js") {
		t.Errorf("without a file: status %d, %q", status, text)
	}
}
