package serve

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// get returns the status and the text of an address.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
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
	go func() { done <- Until(ctx, ln, slow, io.Discard) }()
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
	if _, err := Listen(taken.Addr().String()); err == nil || !strings.Contains(err.Error(), "choose another -addr") {
		t.Errorf("-addr taken: error %v", err)
	}
}

func TestURL(t *testing.T) {
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
		if got := URL(tcp); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}
