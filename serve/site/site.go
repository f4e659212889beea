// Package site is the site in memory, as it is served, followed while its sources
// change, and exported. It may import packages build and lessons, scenes/argument for
// what the page shows before the program has come, the standard library and Brotli.
package site

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"dpoplayground/serve/build"
	"dpoplayground/serve/lessons"
)

const (
	indexName    = "index.html"
	assetsFolder = "assets"
	wasmName     = "assets/app.wasm"
	wasmExecName = "assets/wasm_exec.js"
)

// documents are files beside index.html that the page may link to, where there are any.
var documents = []string{"README.md", "CONTRIBUTING.md", "docs/figures.md", "docs/lessons.md", "docs/teaching.md"}

// Site is everything the browser can ask for, in memory: what is not in files
// cannot be reached, whatever a request's path looks like.
type Site struct {
	files   map[string]*file // by path below the site's root
	version string           // hash of all sources
}

// New reads index.html, the documents and assets/ of fsys and adds the compiled program,
// the JavaScript that starts it, and a page of tips for each lesson. References between the files get the hash of
// what they refer to. A link with data-source leads to source, the address of the
// project's source code; it stays empty, and is not shown, where that is "". An error
// names a file that is missing or misspelt.
func New(fsys fs.FS, program *build.Program, source string) (*Site, error) {
	if len(program.Wasm) == 0 || len(program.Exec) == 0 {
		return nil, errors.New("a site needs a compiled program and its wasm_exec.js: one of them is empty")
	}
	sources, err := readSources(fsys)
	if err != nil {
		return nil, err
	}
	if err := draw(fsys, sources); err != nil {
		return nil, err
	}
	sources[wasmName], sources[wasmExecName] = program.Wasm, program.Exec
	l := &linker{sources: sources, source: source, files: map[string]*file{}, version: sourcesVersion(sources)}
	worker := sources[workerSource]
	delete(sources, workerSource) // it is made last, of all the others
	for name := range sources {
		if _, err := l.file(name); err != nil {
			return nil, err
		}
	}
	s := &Site{files: l.files, version: l.version}
	if worker == nil {
		return s, nil
	}
	return s, s.keepOffline(worker)
}

func readSources(fsys fs.FS) (map[string][]byte, error) {
	index, err := fs.ReadFile(fsys, indexName)
	if err != nil {
		return nil, fmt.Errorf("the site's first page is missing: %w", err)
	}
	sources := map[string][]byte{indexName: index}
	for _, name := range documents {
		if text, err := fs.ReadFile(fsys, name); err == nil {
			sources[name] = text
		}
	}
	err = fs.WalkDir(fsys, assetsFolder, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("the site's files cannot be read: %w", err)
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case !d.Type().IsRegular() || !isPublic(d.Name()):
			return nil
		}
		sources[name], err = fs.ReadFile(fsys, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	book, err := lessons.Read(fsys)
	if err != nil {
		return nil, fmt.Errorf("a lesson has a fault: %w", err)
	}
	maps.Copy(sources, book.Pages())
	return sources, nil
}

func isPublic(base string) bool {
	return !strings.HasPrefix(base, ".") && !strings.HasSuffix(base, ".go") && !strings.Contains(base, "_test")
}

func sourcesVersion(sources map[string][]byte) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		fmt.Fprintf(sum, "%q %x\n", name, sha256.Sum256(sources[name]))
	}
	return hex.EncodeToString(sum.Sum(nil))[:hashLength]
}

// hashLength is how many hexadecimal digits of a SHA-256 name a content.
const hashLength = 16

// file is one file of the site, as it is sent.
type file struct {
	name     string
	body     []byte
	hash     string                   // of body
	links    []string                 // files of the site it refers to
	variants map[string]func() []byte // content by encoding, made when first asked for
}

func newFile(name string, body []byte, links []string) *file {
	sum := sha256.Sum256(body)
	f := &file{name: name, body: body, links: links, hash: hex.EncodeToString(sum[:])[:hashLength]}
	f.variants = map[string]func() []byte{identity: func() []byte { return body }}
	if f.compressible() {
		f.variants[gzipped] = sync.OnceValue(func() []byte { return compress(body, gzipTo(quickGzip)) })
		f.variants[brotlied] = sync.OnceValue(func() []byte { return compress(body, brotliTo(quickBrotli)) })
	}
	return f
}

// minCompress is the size in bytes below which compressing gains nothing.
const minCompress = 200

func (f *file) compressible() bool {
	t := f.contentType()
	text := strings.HasPrefix(t, "text/") || strings.Contains(t, "json") || strings.Contains(t, "xml")
	return len(f.body) >= minCompress && (text || t == "application/wasm")
}

// contentType depends on the name alone: the system's table of types, which
// package mime reads, differs between machines.
func (f *file) contentType() string {
	if t, ok := contentTypes[path.Ext(f.name)]; ok {
		return t
	}
	return "application/octet-stream"
}

var contentTypes = map[string]string{
	".avif":        "image/avif",
	".css":         "text/css; charset=utf-8",
	".csv":         "text/csv; charset=utf-8",
	".gif":         "image/gif",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".jpeg":        "image/jpeg",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".jsonl":       "text/plain; charset=utf-8",
	".md":          "text/plain; charset=utf-8",
	".mjs":         "text/javascript; charset=utf-8",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".woff2":       "font/woff2",
}

// Warm compresses the program, which takes longest, before it is asked for.
func (s *Site) Warm() {
	s.files[wasmName].variants[brotlied]()
}

// find returns the file at a request's path, or nil. There is one path per file
// and no folder: whatever the path escapes with is then just another name.
func (s *Site) find(urlPath string) *file {
	if urlPath == "/" {
		return s.files[indexName]
	}
	name, rooted := strings.CutPrefix(urlPath, "/")
	if !rooted {
		return nil
	}
	return s.files[name]
}

// ServeHTTP answers GET and HEAD for the site's files.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		plainText(w, http.StatusMethodNotAllowed, "This site only answers GET and HEAD.")
		return
	}
	f := s.find(r.URL.Path)
	if f == nil {
		plainText(w, http.StatusNotFound, "There is no such page here. The playground is at / of this address.")
		return
	}
	f.serve(w, r)
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if len(f.variants) > 1 {
		h.Set("Vary", "Accept-Encoding")
	}
	encoding, ok := negotiate(r.Header.Values("Accept-Encoding"), f.variants)
	if !ok {
		plainText(w, http.StatusNotAcceptable, "None of the encodings of this file is among those the request accepts.")
		return
	}
	tag := f.etag(encoding)
	setSecurity(h)
	h.Set("ETag", tag)
	h.Set("Cache-Control", f.cacheControl(r))
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.variants[encoding]()
	h.Set("Content-Type", f.contentType())
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if encoding != identity {
		h.Set("Content-Encoding", encoding)
	}
	w.Write(body) // of a HEAD request net/http drops it
}

// etag is strong, so it names the bytes as sent, encoding included.
func (f *file) etag(encoding string) string {
	if encoding == identity {
		return `"` + f.hash + `"`
	}
	return `"` + f.hash + "-" + encoding + `"`
}

// cacheControl lets a response be kept for ever when its address names its content.
func (f *file) cacheControl(r *http.Request) string {
	if r.URL.Query().Get("v") == f.hash {
		return keepForEver
	}
	return askAgain
}

const (
	keepForEver = "public, max-age=31536000, immutable"
	askAgain    = "no-cache"
)

// matches reports whether an If-None-Match header names tag. The comparison is
// the weak one (RFC 9110, 13.1.2).
func matches(headers []string, tag string) bool {
	for _, item := range strings.Split(strings.Join(headers, ","), ",") {
		item = strings.TrimSpace(item)
		if item == "*" || strings.TrimPrefix(item, "W/") == tag {
			return true
		}
	}
	return false
}

// contentPolicy is what pages may load and run. It also stands in the HTML files,
// for hosts that send no headers; frame-ancestors has no effect there.
const (
	contentPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
		"img-src 'self' blob: data:; connect-src 'self'; font-src 'self'; frame-src 'self'; " +
		"manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
	framePolicy = "; frame-ancestors 'self'"
)

// permissionsPolicy refuses what a page may ask a device for, but what the
// playground uses: writing to the clipboard. The program looks for gamepads.
const permissionsPolicy = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), clipboard-write=(self), " +
	"compute-pressure=(), cross-origin-isolated=(), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(self), geolocation=(), gyroscope=(), hid=(), " +
	"identity-credentials-get=(), idle-detection=(), keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), " +
	"picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), " +
	"sync-xhr=(), usb=(), window-management=(), xr-spatial-tracking=()"

// securityHeaders are those of every answer. Only pages of this very site may
// embed it, which Cross-Origin-Embedder-Policy does not hinder.
var securityHeaders = []struct{ name, value string }{
	{"Content-Security-Policy", contentPolicy + framePolicy},
	{"Cross-Origin-Embedder-Policy", "require-corp"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy", permissionsPolicy},
	{"Referrer-Policy", "no-referrer"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Permitted-Cross-Domain-Policies", "none"},
}

func setSecurity(h http.Header) {
	for _, s := range securityHeaders {
		h.Set(s.name, s.value)
	}
}

// plainText answers with a sentence.
func plainText(w http.ResponseWriter, status int, sentence string) {
	h := w.Header()
	setSecurity(h)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(sentence)+1))
	w.WriteHeader(status)
	fmt.Fprintln(w, sentence)
}

// LocalHostsOnly refuses requests that name a host other than this machine: a
// page elsewhere whose name was made to resolve to 127.0.0.1 (DNS rebinding)
// would otherwise be of this site's origin. The port may be another one, as it
// is behind a tunnel.
func LocalHostsOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLocalHost(r.Host) {
			plainText(w, http.StatusForbidden, "This server only answers to localhost, 127.0.0.1 and [::1]; start it with -addr to serve other machines.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLocalHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}
