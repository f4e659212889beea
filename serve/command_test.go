package serve

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"dpoplayground/serve/internal/sample"
)

// The tests in this file run the command itself, as a user does.

// commandFolder is where the command is built, once for all tests.
var commandFolder string

func TestMain(m *testing.M) {
	var err error
	if commandFolder, err = os.MkdirTemp("", "command"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(commandFolder)
	os.Exit(code)
}

// builtCommand builds the command. It reads the command's source because go test
// takes a result from its cache unless a file that the test has read is changed.
var builtCommand = sync.OnceValues(func() (string, error) {
	if _, err := os.ReadFile(filepath.Join("..", "serve.go")); err != nil {
		return "", err
	}
	name := filepath.Join(commandFolder, "dpoplayground.exe")
	cmd := exec.Command("go", "build", "-o", name, "..")
	cmd.Stderr = os.Stderr
	return name, cmd.Run()
})

// command returns a run of the command in a folder.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	name, err := builtCommand()
	if err != nil {
		t.Fatalf("the command does not build: %v", err)
	}
	cmd := exec.Command(name, append(args, "-open=false")...)
	cmd.Dir = dir
	return cmd
}

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

// start runs the command in a folder until the test ends, and returns the address
// it prints, what it logs, and a function that interrupts it and returns its error.
func start(t *testing.T, dir string, args ...string) (url string, log *output, stop func() error) {
	t.Helper()
	cmd := command(t, dir, args...)
	log = &output{}
	cmd.Stderr = log
	printed, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceValue(func() error {
		if runtime.GOOS == "windows" { // which knows no interrupt
			cmd.Process.Kill()
			cmd.Wait()
			return nil
		}
		cmd.Process.Signal(os.Interrupt)
		return cmd.Wait()
	})
	t.Cleanup(func() { stop() })
	line, err := bufio.NewReader(printed).ReadString('\n')
	if url = regexp.MustCompile(`http://\S+`).FindString(line); url == "" {
		t.Fatalf("it printed %q and no address (%v):\n%s", line, err, log)
	}
	return url, log, stop
}

func TestCommandServesAndStops(t *testing.T) {
	root := sample.Root(t)
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

func TestArgumentsThatMakeNoSense(t *testing.T) {
	root := sample.Root(t)
	for args, want := range map[string]string{
		"-addr 8080":                "host:port",
		"-addr 127.0.0.1:99999":     "0 to 65535",
		"-addr 127.0.0.1:http":      "0 to 65535",
		"-export x -dev":            "leave out",
		"-export x -addr [::1]:80":  "leave out",
		"-port 80":                  "not defined",
		"-open=maybe":               "invalid boolean",
		"-export=":                  "-export is empty",
		"-addr=":                    "-addr is empty",
		"-source=":                  "-source is empty",
		"-source code":              "not the address of a page",
		"-source javascript:x()":    "not the address of a page",
		"-source //example.org/a":   "not the address of a page",
		"-source https:///a":        "not the address of a page",
		"-source https://a:b@c.org": "not the address of a page",
		"-export= -dev":             "-export is empty",
		"site":                      `unexpected argument "site"`,
		"-addr localhost:8080 site": `unexpected argument "site"`,
	} {
		said, err := command(t, root, strings.Fields(args)...).CombinedOutput()
		if err == nil || !strings.Contains(string(said), want) {
			t.Errorf("%s: %v, %q; want an error with %q", args, err, said, want)
		}
	}
	help, err := command(t, root, "-h").Output()
	if err != nil || !strings.Contains(string(help), "-export folder") {
		t.Errorf("-h: %v, text\n%s", err, help)
	}
	said, err := command(t, t.TempDir()).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "go.mod") {
		t.Errorf("in another folder: %v, %q", err, said)
	}
}

func TestCommandExports(t *testing.T) {
	root := sample.Root(t)
	printed, err := command(t, root, "-export", "site").Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "site", "assets", "app.wasm.br")); err != nil {
		t.Error(err)
	}
	if !strings.Contains(string(printed), "first visit") {
		t.Errorf("no sizes told:\n%s", printed)
	}
	if err := command(t, root, "-export", "wasm").Run(); err == nil {
		t.Error("exported into a folder with sources")
	}
}

func TestDevServesTheSourcesAsTheyAre(t *testing.T) {
	root := sample.Root(t)
	url, log, stop := start(t, root, "-dev", "-addr", "127.0.0.1:0")
	page := filepath.Join(root, "assets/page.js")
	sample.Write(t, page, "// first change")
	if _, text := get(t, url+"assets/page.js"); text != "// first change" {
		t.Errorf("after a change: %q", text)
	}
	program := filepath.Join(root, "wasm/main.go")
	sample.Write(t, program, "package main\n\nfunc main() { undefinedName }\n")
	status, text := get(t, url)
	if status != 500 || !strings.Contains(text, "undefined: undefinedName") || strings.Contains(text, "<html") {
		t.Errorf("with a broken program: status %d, %q", status, text)
	}
	sample.Write(t, program, "package main\n\nfunc main() {}\n")
	if status, text := get(t, url); status != 200 || strings.Contains(text, "EventSource") {
		t.Errorf("mended: status %d, %q", status, text)
	}
	os.Remove(page)
	if status, text := get(t, url); status != 500 || !strings.Contains(text, "the site has no file assets/page.js") {
		t.Errorf("without a file: status %d, %q", status, text)
	}
	stop()
	if !strings.Contains(log.String(), "undefined: undefinedName") {
		t.Errorf("the error was not printed:\n%s", log)
	}
}
