package site

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// hostFiles returns, by path, what hosts of plain files read, so that an export has
// there the types, the caching and the security headers that the server sends:
// .nojekyll for GitHub Pages, _headers for Netlify and Cloudflare Pages, and parts of
// the configurations of nginx and Caddy.
func hostFiles(s *Site) map[string][]byte {
	return map[string][]byte{
		".nojekyll":  {},
		"_headers":   headersFile(),
		"nginx.conf": nginxPart(s.hashes()),
		"Caddyfile":  caddyPart(s.hashes()),
	}
}

// hashes returns the hashes of all files, sorted: the values of v in addresses that
// name their content.
func (s *Site) hashes() []string {
	var all []string
	for _, f := range s.files {
		all = append(all, f.hash)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// headersFile has everything asked for anew, which an ETag answers in few bytes: its
// rules do not see the v of an address.
func headersFile() []byte {
	var out strings.Builder
	out.WriteString("# What the playground's own server sends, for Netlify and Cloudflare Pages.\n/*\n")
	for _, h := range securityHeaders {
		fmt.Fprintf(&out, "  %s: %s\n", h.name, h.value)
	}
	fmt.Fprintf(&out, "  Cache-Control: %s\n", askAgain)
	for _, ending := range slices.Sorted(maps.Keys(contentTypes)) {
		fmt.Fprintf(&out, "/*%s\n  Content-Type: %s\n", ending, contentTypes[ending])
	}
	return []byte(out.String())
}

// nginxPart is included in a location of an nginx.
func nginxPart(hashes []string) []byte {
	var out strings.Builder
	out.WriteString("# For an nginx: location /dpo/ { alias FOLDER/; include FOLDER/nginx.conf; }\n" +
		"# Load it anew after each export, so that nginx knows the new contents.\n" +
		"index index.html;\ngzip_static on;\ndefault_type application/octet-stream;\ntypes {\n")
	for _, ending := range slices.Sorted(maps.Keys(contentTypes)) {
		fmt.Fprintf(&out, "  %q %s;\n", contentTypes[ending], ending[1:])
	}
	fmt.Fprintf(&out, "}\nset $keep %q;\nif ($arg_v ~ \"^(%s)$\") { set $keep %q; }\n", askAgain, strings.Join(hashes, "|"), keepForEver)
	out.WriteString("add_header Cache-Control $keep always;\n")
	for _, h := range securityHeaders {
		fmt.Fprintf(&out, "add_header %s %q always;\n", h.name, h.value)
	}
	return []byte(out.String())
}

// caddyPart is imported into a site, or a handle_path, of a Caddy.
func caddyPart(hashes []string) []byte {
	var out strings.Builder
	out.WriteString("# For a Caddy: handle_path /dpo/* { root * FOLDER and import FOLDER/Caddyfile }\n" +
		"# Load it anew after each export, so that Caddy knows the new contents.\n")
	for _, ending := range slices.Sorted(maps.Keys(contentTypes)) {
		fmt.Fprintf(&out, "@type_%s path *%s\nheader @type_%s Content-Type %q\n", ending[1:], ending, ending[1:], contentTypes[ending])
	}
	fmt.Fprintf(&out, "@kept query v=%s\n@asked not query v=%[1]s\n", strings.Join(hashes, " v="))
	fmt.Fprintf(&out, "header @kept Cache-Control %q\nheader @asked Cache-Control %q\n", keepForEver, askAgain)
	for _, h := range securityHeaders {
		fmt.Fprintf(&out, "header %s %q\n", h.name, h.value)
	}
	out.WriteString("file_server {\n  precompressed br gzip\n}\n")
	return []byte(out.String())
}
