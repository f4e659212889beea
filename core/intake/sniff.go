package intake

import (
	"bytes"
	"strings"
)

// magics are the first bytes of files that people take for tables of text.
var magics = []struct{ bytes, name string }{
	{"PK\x03\x04", "ZIP"},
	{"PK\x05\x06", "ZIP"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office"},
	{"PAR1", "Parquet"},
	{"ARROW1", "Arrow"},
	{"Obj\x01", "Avro"},
	{"\x89HDF\r\n\x1a\n", "HDF5"},
	{"\x93NUMPY", "NumPy"},
	{"SQLite format 3\x00", "SQLite"},
	{"\x1f\x8b", "gzip"},
	{"BZh", "bzip2"},
	{"\xfd7zXZ\x00", "xz"},
	{"\x28\xb5\x2f\xfd", "Zstandard"},
	{"7z\xbc\xaf\x27\x1c", "7-Zip"},
	{"%PDF-", "PDF"},
	{"{\\rtf", "RTF"},
	{"\x89PNG\r\n\x1a\n", "PNG"},
	{"\xff\xd8\xff", "JPEG"},
	{"GIF8", "GIF"},
	{"\x00asm", "WebAssembly"},
	{"\x7fELF", "ELF"},
}

// refuse recognises files that are not text tables at all, from their head.
func refuse(head []byte, name string) error {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			return fileError("file.binary", "found", insideZIP(m.name, head, name))
		}
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return fileError("file.utf16")
	}
	text := bytes.TrimSpace(head)
	switch {
	case len(text) == 0 && len(head) < headBytes:
		return fileError("file.empty")
	case bytes.HasPrefix(text, []byte("<")):
		return fileError("file.markup")
	}
	return nil
}

// insideZIP says what a ZIP file is for: spreadsheets are ZIP files too.
func insideZIP(magic string, head []byte, name string) string {
	name = strings.ToLower(name)
	switch {
	case magic != "ZIP":
		return magic
	case strings.HasSuffix(name, ".ods") || bytes.Contains(head, []byte("opendocument.spreadsheet")):
		return "OpenDocument spreadsheet"
	case strings.HasSuffix(name, ".xlsx") || bytes.Contains(head, []byte("[Content_Types].xml")):
		return "Excel"
	}
	return magic
}

// looksLikeJSON tells JSON from CSV. No line of column names begins with a
// bracket; whatever else begins a file named as JSON is a mistake in it.
func looksLikeJSON(head []byte, name string) bool {
	text := bytes.TrimSpace(head)
	if len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		return true
	}
	name = strings.ToLower(name)
	for _, ending := range []string{".json", ".jsonl", ".ndjson"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

// delimiter returns the one of , ; and tab that the first line has most of,
// outside quotes.
func delimiter(head []byte) byte {
	line := bytes.TrimLeft(head, "\r\n ")
	if end := bytes.IndexAny(line, "\r\n"); end >= 0 {
		line = line[:end]
	}
	var counts [256]int
	quoted := false
	for _, b := range line {
		if b == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[b]++
		}
	}
	best := byte(',')
	for _, b := range []byte(";\t") {
		if counts[b] > counts[best] {
			best = b
		}
	}
	return best
}
