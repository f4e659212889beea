package site

import (
	"fmt"
	"html"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// linker gives each reference between files of a site the hash of what it refers
// to, so that a browser may keep the answer for ever. A file's own hash covers
// the hashes in it: files are linked after those they refer to.
type linker struct {
	sources map[string][]byte
	files   map[string]*file // linked; nil while being linked
	version string
	source  string // address of the source code, or ""
}

// linkAttributes are the HTML attributes that may refer to a file of the site.
var linkAttributes = []string{"src", "href", "data-wasm", "data-stage"}

// file returns the linked file, or nil for one that is just being linked: of two
// pages that refer to each other one keeps a plain reference.
func (l *linker) file(name string) (*file, error) {
	if f, ok := l.files[name]; ok {
		return f, nil
	}
	l.files[name] = nil
	var err error
	var links []string
	body := l.sources[name]
	switch path.Ext(name) {
	case ".html":
		body, links, err = l.linkHTML(name, string(body))
	case ".css":
		body, links, err = l.linkCSS(name, string(body))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l.files[name] = newFile(name, body, links)
	return l.files[name], nil
}

// edit replaces source[start:end] by text.
type edit struct {
	start, end int
	text       string
}

// apply makes edits, which stand in the order of their places.
func apply(source string, edits []edit) []byte {
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(out, source[at:e.start]...)
		out = append(out, e.text...)
		at = e.end
	}
	return append(out, source[at:]...)
}

func (l *linker) linkHTML(name, source string) ([]byte, []string, error) {
	var edits []edit
	var links []string
	hasHead := false
	for _, t := range scanTags(source) {
		if t.name == "head" && !hasHead {
			hasHead = true
			policy := `<meta http-equiv="Content-Security-Policy" content="` + contentPolicy + `">`
			edits = append(edits, edit{t.end, t.end, "\n" + policy})
		}
		more, targets, err := l.linkTag(name, source, t)
		if err != nil {
			return nil, nil, err
		}
		edits, links = append(edits, more...), append(links, targets...)
	}
	if !hasHead {
		return nil, nil, fmt.Errorf("no <head> tag: write it out, the page's security policy goes there")
	}
	return apply(source, edits), links, nil
}

// linkTag returns the edits of one tag, and the files of the site it refers to.
func (l *linker) linkTag(name, source string, t tag) (edits []edit, links []string, err error) {
	for _, a := range t.attributes {
		value := source[a.start:a.end]
		replaced := value
		switch {
		case a.name == "href" && t.has("data-source"):
			replaced = html.EscapeString(l.source)
		case slices.Contains(linkAttributes, a.name):
			var target string
			replaced, target, err = l.link(name, html.UnescapeString(value))
			if err != nil {
				return nil, nil, fmt.Errorf("%s=%q: %w", a.name, value, err)
			}
			if target == "" {
				continue
			}
			replaced = html.EscapeString(replaced)
			links = append(links, target)
		case a.name == "data-size" && t.has("data-wasm"):
			replaced = strconv.Itoa(len(l.sources[wasmName]))
		case a.name == "content" && t.name == "meta" && t.value(source, "name") == "site-version":
			replaced = l.version
		}
		if replaced != value {
			edits = append(edits, edit{a.start, a.end, replaced})
		}
	}
	return edits, links, nil
}

// link returns the reference ref of file from with the hash of the file of the
// site it refers to, and the name of that file; "" when it refers to none.
func (l *linker) link(from, ref string) (linked, target string, err error) {
	if strings.HasPrefix(ref, "data:") {
		return ref, "", nil
	}
	u, err := url.Parse(ref)
	if err != nil {
		return "", "", fmt.Errorf("not an address: %w", err)
	}
	if u.Scheme != "" || u.Host != "" || u.Path == "" {
		return ref, "", nil
	}
	if strings.HasPrefix(u.Path, "/") {
		return "", "", fmt.Errorf("this starts at the host's root; write it relative to the file, for the site must work in any folder of a host")
	}
	target = path.Join(path.Dir(from), u.Path)
	if target == "." || target == indexName {
		return ref, "", nil // the site's own address stays plain
	}
	if _, ok := l.sources[target]; !ok {
		return "", "", fmt.Errorf("the site has no file %s", target)
	}
	f, err := l.file(target)
	if err != nil {
		return "", "", err
	}
	if f == nil || u.RawQuery != "" {
		return ref, target, nil
	}
	u.RawQuery = "v=" + f.hash
	return u.String(), target, nil
}

// linkCSS links url(...) references.
func (l *linker) linkCSS(name, source string) ([]byte, []string, error) {
	var edits []edit
	var links []string
	for at := skipPast(source, 0, "url("); at < len(source); at = skipPast(source, at, "url(") {
		start, end := cssURL(source, at)
		at = end
		ref := source[start:end]
		linked, target, err := l.link(name, ref)
		if err != nil {
			return nil, nil, fmt.Errorf("url(%s): %w", ref, err)
		}
		if target != "" {
			edits = append(edits, edit{start, end, linked})
			links = append(links, target)
		}
	}
	return apply(source, edits), links, nil
}

// cssURL returns where the address stands that begins at offset at, behind "url(".
func cssURL(source string, at int) (start, end int) {
	start = skipAll(source, at, spaces)
	if start < len(source) && (source[start] == '"' || source[start] == '\'') {
		return start + 1, skipUntil(source, start+1, source[start:start+1])
	}
	return start, skipUntil(source, start, spaces+")")
}
