package site

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

const (
	singleName  = "dpo-playground.html"
	singleFetch = "assets/single.js" // has fetch find what lies in the page
)

// singlePolicy lets the page of one file run what stands in it, and load nothing.
const singlePolicy = "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; " +
	"img-src blob: data:; frame-src 'self'; base-uri 'none'; form-action 'none'"

// ExportSingle builds the site and writes it to the folder dir as one page, which
// opens from a disk by a double click.
func ExportSingle(ctx context.Context, root, dir, source string, stdout, log io.Writer) error {
	if err := checkTarget(root, dir); err != nil {
		return err
	}
	s, err := Build(ctx, root, source, log)
	if err != nil {
		return err
	}
	page, err := s.Single()
	if err != nil {
		return fmt.Errorf("cannot export one page: %w", err)
	}
	if err := writeContent(dir, map[string][]byte{singleName: page}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "Wrote %s of %d bytes to %s.\n", singleName, len(page), dir)
	return err
}

// Single returns the site as one page. Styles and scripts stand in it, the frame's
// document is an attribute, and what is fetched is packed with gzip, as base64.
func (s *Site) Single() ([]byte, error) {
	single := &singlePage{site: s}
	stage := single.put("assets/stage.html", func(t tag, src string) string { return "" })
	page := single.put(indexName, func(t tag, src string) string {
		if !t.has("data-wasm") {
			return ""
		}
		return fmt.Sprintf(`%s<script data-srcdoc="%s" data-wasm="%s" data-size="%d">`, single.packed(),
			html.EscapeString(stage), wasmName, len(s.files[wasmName].body))
	})
	return []byte(page), single.err
}

type singlePage struct {
	site *Site
	err  error // the first
}

// put returns an HTML file with what it refers to put into it. A script's start
// tag may be replaced by opening's answer.
func (p *singlePage) put(name string, opening func(t tag, source string) string) string {
	f, ok := p.site.files[name]
	if !ok {
		p.err = cmp.Or(p.err, fmt.Errorf("the site has no %s", name))
		return ""
	}
	source := string(f.body)
	var edits []edit
	for _, t := range scanTags(source) {
		start := strings.LastIndex(source[:t.end], "<"+t.name)
		if text, changed := p.tag(name, source, source[start:t.end], t, opening(t, source)); changed {
			edits = append(edits, edit{start, t.end, text})
		}
	}
	return string(apply(source, edits))
}

// tag returns what stands in the place of a tag, and whether it is another thing.
func (p *singlePage) tag(from, source, old string, t tag, opening string) (string, bool) {
	name := p.target(from, html.UnescapeString(cmp.Or(t.value(source, "src"), t.value(source, "href"))))
	switch {
	case t.name == "meta" && t.value(source, "http-equiv") == "Content-Security-Policy":
		return `<meta http-equiv="Content-Security-Policy" content="` + singlePolicy + `">`, true
	case t.value(source, "id") == "single-note":
		return strings.Replace(old, " hidden", "", 1), true
	case name == "":
		return "", false
	case t.name == "script":
		if t.has("defer") {
			opening = `<script>addEventListener("DOMContentLoaded", () => {` + p.inline(name, "</script") + "\n});"
			return opening, true
		}
		return cmp.Or(opening, "<script>") + p.inline(name, "</script"), true
	case t.name == "link" && t.value(source, "rel") == "stylesheet":
		return "<style>" + p.inline(name, "</style") + "</style>", true
	case t.name == "a":
		return "<a hidden>", true
	case t.name == "link" && t.value(source, "rel") == "manifest": // a file cannot be installed
		return "", true
	default:
		address := "data:" + p.site.files[name].contentType() + ";base64," + base64.StdEncoding.EncodeToString(p.site.files[name].body)
		return strings.Replace(old, cmp.Or(t.value(source, "src"), t.value(source, "href")), address, 1), true
	}
}

// target returns the name of the site's file that a reference is to, or "".
func (p *singlePage) target(from, reference string) string {
	reference, _, _ = strings.Cut(reference, "?")
	name := path.Join(path.Dir(from), reference)
	if _, ok := p.site.files[name]; ok && reference != "" {
		return name
	}
	return ""
}

// inline returns a file's text, which may not end the element it stands in.
func (p *singlePage) inline(name, end string) string {
	f := p.site.files[name]
	text := string(f.body)
	if strings.Contains(strings.ToLower(text), end) || strings.Contains(text, "<!--") || len(f.links) > 0 {
		p.err = cmp.Or(p.err, fmt.Errorf("%s holds %s, <!-- or a reference, and cannot stand inside a page", name, end))
	}
	return text
}

// packed returns the elements that hold what is fetched, and the script that finds it.
func (p *singlePage) packed() string {
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.site.files)) {
		f := p.site.files[name]
		if path.Ext(name) != ".txt" && name != wasmName {
			continue
		}
		data := base64.StdEncoding.EncodeToString(compress(f.body, gzipTo(bestGzip)))
		fmt.Fprintf(&out, "<script type=\"text/plain\" id=\"packed:%s\" data-type=%q>%s</script>\n", name, f.contentType(), data)
	}
	if _, ok := p.site.files[singleFetch]; !ok {
		p.err = cmp.Or(p.err, fmt.Errorf("the site has no %s", singleFetch))
		return ""
	}
	return out.String() + "<script>" + p.inline(singleFetch, "</script") + "</script>\n"
}
