package parse

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
	{"\xff\xff\xff\xff", "Arrow"}, // a stream without the file's head
	{"FEA1", "Feather"},
	{"ORC", "ORC"},
	{"\x80\x02", "pickle"},
	{"\x80\x03", "pickle"},
	{"\x80\x04", "pickle"},
	{"\x80\x05", "pickle"},
	{"GGUF", "GGUF"},
	{"Rar!\x1a", "RAR"},
	{"\x04\x22\x4d\x18", "LZ4"},
	{"bplist0", "property list"},
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

// codeOf returns the code of what is said of a format.
func codeOf(format string) string {
	switch format {
	case "ZIP", "RAR", "LZ4", "gzip", "bzip2", "xz", "Zstandard", "7-Zip", "tar":
		return "file.packed"
	}
	if converters[format] != "" {
		return "file.frame"
	}
	return "file.binary"
}

// converters are what in Python reads a format of data frames.
var converters = map[string]string{
	"Parquet": "pandas.read_parquet", "Feather": "pandas.read_feather", "ORC": "pandas.read_orc",
	"pickle": "pandas.read_pickle", "Arrow": "datasets.Dataset.from_file",
}

// tarMark is where a tar file says what it is.
const tarMark = 257

// refuse recognises files that are not text tables at all, from their head.
func refuse(head []byte, name string) error {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			found := insideZIP(m.name, head, name)
			return FileError(codeOf(found), "found", found, "command", converters[found])
		}
	}
	if len(head) > tarMark && bytes.HasPrefix(head[tarMark:], []byte("ustar")) {
		return FileError(codeOf("tar"), "found", "tar")
	}
	text := bytes.TrimSpace(head)
	switch {
	case len(text) == 0 && len(head) < headBytes:
		return FileError("file.empty")
	case bytes.HasPrefix(text, []byte("<")):
		return FileError("file.markup")
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
	case strings.HasSuffix(name, ".docx"):
		return "Word"
	case strings.HasSuffix(name, ".npz"):
		return "NumPy"
	case strings.HasSuffix(name, ".xlsx") || bytes.Contains(head, []byte("[Content_Types].xml")):
		return "Excel"
	}
	return magic
}

// looksLikeJSON tells JSON from CSV. No line of column names begins with a
// bracket. Whatever else begins a file named as JSON is a mistake in it, unless
// its columns are named.
func looksLikeJSON(head []byte, name string, columns bool) bool {
	text := bytes.TrimSpace(head)
	if len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		return true
	}
	if columns {
		return false
	}
	name = strings.ToLower(name)
	for _, ending := range []string{".json", ".jsonl", ".ndjson"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}
