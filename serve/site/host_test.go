package site

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dpoplayground/serve/internal/sample"
)

// headersFor reads a _headers file as its hosts do: every rule whose pattern, with one
// star, matches adds its headers.
func headersFor(text, path string) http.Header {
	h := http.Header{}
	applies := false
	for line := range strings.Lines(text) {
		if pattern, ok := strings.CutPrefix(strings.TrimSpace(line), "/"); ok {
			before, after, _ := strings.Cut("/"+pattern, "*")
			applies = strings.HasPrefix(path, before) && strings.HasSuffix(path, after)
		} else if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && applies {
			h.Add(name, value)
		}
	}
	return h
}

// served is what every answer of the server has, whatever the encoding.
func served(h http.Header) map[string]string {
	got := map[string]string{}
	for name, values := range h {
		switch name {
		case "Etag", "Vary", "Content-Length", "Content-Encoding", "Date", "Server", "Connection", "Last-Modified", "Accept-Ranges":
		default:
			got[name] = strings.Join(values, " AND ")
		}
	}
	return got
}

func TestHeadersFileSaysWhatTheServerSends(t *testing.T) {
	s := testSite(t)
	text := string(exported(t, s)["_headers"])
	for name := range s.files {
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, httptest.NewRequest("GET", "/"+name, nil))
		want, got := fmt.Sprint(served(answer.Header())), fmt.Sprint(served(headersFor(text, "/"+name)))
		if got != want {
			t.Errorf("%s has\n%s\nwant\n%s", name, got, want)
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > 2000 {
			t.Errorf("a line of %d characters, of which hosts read 2000: %.40s", len(line), line)
		}
	}
}

func exported(t *testing.T, s *Site) map[string][]byte {
	t.Helper()
	content, err := exportContent(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// An nginx with the exported part answers as the server does, at every address.
func TestNginxAnswersAsTheServerDoes(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("there is no nginx: ", err)
	}
	s := testSite(t)
	dir := t.TempDir()
	site := filepath.Join(dir, "site")
	mustExport(t, s, site)
	host := startNginx(t, nginx, dir, fmt.Sprintf("location /class/dpo/ { alias %s/; include %[1]s/nginx.conf; }", site))
	for name, f := range s.files {
		for _, query := range []string{"", "?v=" + f.hash, "?v=0123456789abcdef"} {
			answer := httptest.NewRecorder()
			s.ServeHTTP(answer, httptest.NewRequest("GET", "/"+name+query, nil))
			r, err := http.Get(host + "/class/dpo/" + name + query)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r.Body)
			r.Body.Close()
			if got, want := fmt.Sprint(served(r.Header)), fmt.Sprint(served(answer.Header())); err != nil || got != want || string(body) != string(f.body) {
				t.Errorf("%s%s: %d bytes, error %v, with\n%s\nwant\n%s", name, query, len(body), err, got, want)
			}
		}
	}
}

// startNginx returns the address of an nginx with one location, which ends with the test.
func startNginx(t *testing.T, command, dir, location string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	user := ""
	if os.Getuid() == 0 {
		user = "user root;"
	}
	config := filepath.Join(dir, "test.conf")
	sample.Write(t, config, fmt.Sprintf("daemon off; %s pid %s/pid; error_log stderr; events {} http { access_log off; server { listen %s; %s } }", user, dir, addr, location))
	server := exec.Command(command, "-p", dir, "-c", config)
	complaints, err := server.StderrPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan string, 1)
	go func() { text, _ := io.ReadAll(complaints); server.Wait(); ended <- string(text) }()
	t.Cleanup(func() { server.Process.Signal(os.Interrupt); <-ended })
	for {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return "http://" + addr
		}
		select {
		case text := <-ended:
			ended <- text
			t.Fatal("nginx ended: ", text)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
