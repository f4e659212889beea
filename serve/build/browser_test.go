package build

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"
)

// runPage runs a program as the page does, and sends home what it printed.
const runPage = `<!doctype html><meta charset="utf-8"><script src="wasm_exec.js"></script><script>
(async () => {
	let printed = "";
	const decoder = new TextDecoder();
	globalThis.fs.writeSync = (_, bytes) => { printed += decoder.decode(bytes, { stream: true }); return bytes.length; };
	const go = new Go();
	go.argv = ["program", ...%s];
	try {
		const program = await WebAssembly.instantiateStreaming(fetch("app.wasm"), go.importObject);
		await go.run(program.instance);
	} catch (problem) {
		printed += "\n" + problem;
	}
	await fetch("printed", { method: "POST", body: printed + "\nended" });
})();
</script>`

// runInBrowser returns what a program prints that runs in a browser. Without
// one the test is skipped, and fails where CI is set.
func runInBrowser(t *testing.T, p *Program, args ...string) string {
	t.Helper()
	browser := findBrowser()
	switch {
	case browser == "" && os.Getenv("CI") != "":
		t.Fatal("there is no Chromium; set CHROME to one")
	case browser == "":
		t.Skip("SKIPPED: there is no Chromium to run the program in; set CHROME to one")
	}
	printed := make(chan string, 1)
	quoted, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, runPage, quoted) })
	mux.HandleFunc("GET /wasm_exec.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		w.Write(p.Exec)
	})
	mux.HandleFunc("GET /app.wasm", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/wasm")
		w.Write(p.Wasm)
	})
	mux.HandleFunc("POST /printed", func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		printed <- string(text)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking", "--user-data-dir="+t.TempDir(), server.URL)
	endsWithItsChildren(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatalf("the browser %s does not start: %v", browser, err)
	}
	defer func() { cancel(); cmd.Wait() }()
	select {
	case text := <-printed:
		return text
	case <-ctx.Done():
		t.Fatal("the program has not ended after three minutes")
		return ""
	}
}

func findBrowser() string {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if chrome := os.Getenv("CHROME"); chrome != "" {
		names = []string{chrome}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
