package site

import (
	"slices"
	"strings"
)

// tag is a start tag of an HTML file, its names in lower case.
type tag struct {
	name       string
	attributes []attribute
	end        int // offset just after the tag
}

// attribute is a named value at source[start:end], without its quotes.
type attribute struct {
	name       string
	start, end int
}

func (t tag) has(name string) bool {
	return slices.ContainsFunc(t.attributes, func(a attribute) bool { return a.name == name })
}

func (t tag) value(source, name string) string {
	for _, a := range t.attributes {
		if a.name == name {
			return source[a.start:a.end]
		}
	}
	return ""
}

// scanTags returns the start tags of an HTML file in their order. What only looks
// like a tag, in comments and in the text of scripts and styles, is passed over.
func scanTags(source string) []tag {
	var tags []tag
	for at := 0; at < len(source); {
		rest := source[at:]
		switch {
		case strings.HasPrefix(rest, "<!--"):
			at = skipPast(source, at+len("<!--"), "-->")
		case len(rest) > 1 && rest[0] == '<' && isLetter(rest[1]):
			t := scanTag(source, at+1)
			tags = append(tags, t)
			at = t.end
			if slices.Contains([]string{"script", "style", "title", "textarea"}, t.name) {
				at = skipText(source, at, t.name)
			}
		default:
			at++
		}
	}
	return tags
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func skipPast(source string, at int, text string) int {
	if n := strings.Index(source[at:], text); n >= 0 {
		return at + n + len(text)
	}
	return len(source)
}

// skipText returns where the text of an element ends that contains no tags.
func skipText(source string, at int, name string) int {
	closing := "</" + name
	for ; at+len(closing) <= len(source); at++ {
		if strings.EqualFold(source[at:at+len(closing)], closing) {
			return at
		}
	}
	return len(source)
}

const spaces = " \t\r\n\f"

// scanTag reads the tag whose name starts at offset at.
func scanTag(source string, at int) tag {
	end := skipUntil(source, at, spaces+"/>")
	t := tag{name: strings.ToLower(source[at:end])}
	for at = end; ; {
		at = skipAll(source, at, spaces+"/")
		if at == len(source) || source[at] == '>' {
			t.end = min(at+1, len(source))
			return t
		}
		var a attribute
		a, at = scanAttribute(source, at)
		t.attributes = append(t.attributes, a)
	}
}

// scanAttribute reads the attribute at offset at, and returns the offset after it.
func scanAttribute(source string, at int) (attribute, int) {
	end := skipUntil(source, at+1, spaces+"/>=")
	a := attribute{name: strings.ToLower(source[at:end]), start: end, end: end}
	equals := skipAll(source, end, spaces)
	if equals == len(source) || source[equals] != '=' {
		return a, end
	}
	a.start = skipAll(source, equals+1, spaces)
	if a.start < len(source) && (source[a.start] == '"' || source[a.start] == '\'') {
		quote := source[a.start : a.start+1]
		a.start++
		a.end = skipUntil(source, a.start, quote)
		return a, min(a.end+1, len(source))
	}
	a.end = skipUntil(source, a.start, spaces+">")
	return a, a.end
}

func skipUntil(source string, at int, chars string) int {
	if at >= len(source) {
		return len(source)
	}
	if n := strings.IndexAny(source[at:], chars); n >= 0 {
		return at + n
	}
	return len(source)
}

func skipAll(source string, at int, chars string) int {
	for at < len(source) && strings.IndexByte(chars, source[at]) >= 0 {
		at++
	}
	return at
}
