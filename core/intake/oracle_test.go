package intake

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A pick of pieces that texts are made of: what quoting, escaping, trimming
// and cutting into chunks may stumble over.
var pieces = []string{"a", "B", "é", "😀", " ", "\n", "\r\n", "\"", "\\", ",", ";", "\t", "{", "]", "\u2028", "\ufffd", "\x7f", "x y", "'"}

func randomText(rng *rand.Rand) string {
	var b strings.Builder
	for range rng.IntN(8) {
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	return b.String()
}

// plain is what the reader is to make of a text.
func plain(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
}

type triple struct{ Prompt, Chosen, Rejected string }

func randomTriples(rng *rand.Rand) []triple {
	rows := make([]triple, 1+rng.IntN(20))
	for i := range rows {
		rows[i] = triple{"p" + randomText(rng), "c" + randomText(rng), "r" + randomText(rng)}
	}
	return rows
}

// wanted counts the triples, in order of first appearance.
func wanted(rows []triple) []string {
	var order []string
	counts := map[string]int{}
	for _, row := range rows {
		line := fmt.Sprintf("%s: %s > %s", plain(row.Prompt), plain(row.Chosen), plain(row.Rejected))
		if counts[line] == 0 {
			order = append(order, line)
		}
		counts[line]++
	}
	for i, line := range order {
		order[i] = fmt.Sprintf("%s × %d", line, counts[line])
	}
	return order
}

// What the standard library writes is read back, in every chunking.
func TestWrittenByTheLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		rows := randomTriples(rng)
		var lines, table bytes.Buffer
		encoder, writer := json.NewEncoder(&lines), csv.NewWriter(&table)
		encoder.SetEscapeHTML(rng.IntN(2) == 0)
		writer.UseCRLF = rng.IntN(2) == 0
		writer.Comma = []rune{',', ';', '\t'}[rng.IntN(3)]
		writer.Write([]string{"Prompt", "Chosen", "Rejected"})
		for _, row := range rows {
			encoder.Encode(row)
			writer.Write([]string{row.Prompt, row.Chosen, row.Rejected})
		}
		writer.Flush()
		whole, _ := json.MarshalIndent(rows, "", "\t")
		for _, content := range []string{lines.String(), table.String(), string(whole)} {
			d, _, err := read("", content, 1+rng.IntN(50))
			if err != nil {
				t.Fatalf("%q: %v", content, err)
			}
			if got, want := show(d), wanted(rows); !reflect.DeepEqual(got, want) {
				t.Fatalf("%q:\ngot  %q\nwant %q", content, got, want)
			}
		}
	}
}

// Single replies that the standard library writes are read back, in every
// chunking: each reply's thumbs are counted.
func TestSingleRepliesWrittenByTheLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		type single struct {
			Prompt, Completion string
			Label              bool
		}
		var lines, table bytes.Buffer
		encoder, writer := json.NewEncoder(&lines), csv.NewWriter(&table)
		writer.Write([]string{"Prompt", "Completion", "Label"})
		want := map[string][2]int{}
		for i := range 2 + rng.IntN(20) {
			row := single{"p", fmt.Sprintf("%d%s.", i%2, randomText(rng)), rng.IntN(2) == 0}
			encoder.Encode(row)
			writer.Write([]string{row.Prompt, row.Completion, fmt.Sprint(row.Label)})
			count := want[plain(row.Completion)]
			if row.Label {
				count[0]++
			} else {
				count[1]++
			}
			want[plain(row.Completion)] = count
		}
		writer.Flush()
		for _, content := range []string{lines.String(), table.String()} {
			d, _, err := read("", content, 1+rng.IntN(50))
			if err != nil {
				t.Fatalf("%q: %v", content, err)
			}
			got := map[string][2]int{}
			for _, thumb := range d.Thumbs {
				got[d.Prompts[thumb.Prompt].Replies[thumb.Reply].Text] = [2]int{int(thumb.Up), int(thumb.Down)}
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%q:\ngot  %v\nwant %v", content, got, want)
			}
		}
	}
}

// The grammar is the standard library's: a value inside an ignored key is
// accepted exactly where encoding/json accepts it.
func FuzzGrammar(f *testing.F) {
	for _, seed := range []string{`1`, `-0.5e+3`, `01`, `[1,{"a":[]}]`, `"\ud800x"`, `"\u12"`, `[1,]`, `{"a"}`, `tru`, "\"\x01\"", `{}`, `1 2`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		content := `{"chosen":"a","rejected":"b","x":` + value + `}`
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || len(value) > 1000 ||
			strings.Contains(value, "NaN") || strings.Contains(value, "Infinity") {
			return // Python's words are read, too
		}
		want := json.Valid([]byte(content))
		_, s, err := read("x.jsonl", content, 1+len(value)%7)
		var e *Error
		if errors.As(err, &e) && (e.Code == "json.depth" || meaning(e.Code)) {
			return
		}
		if got := err == nil; got != want && s.Rows <= 1 {
			t.Errorf("%q: accepted %v (%v), encoding/json %v", content, got, err, want)
		}
	})
}

// meaning tells errors about what a row means from errors of grammar: the
// value may have closed the object and gone on.
func meaning(code string) bool {
	switch code {
	case "json.repeated", "json.text", "json.plain", "json.message", "json.role", "json.content", "json.part", "json.unfinished", "json.many":
		return true
	}
	return strings.HasPrefix(code, "row.") || strings.HasPrefix(code, "file.")
}

// isComposable tells whether a character may be changed where a text is composed
// (NFC): all but those of Latin-1, unified ideographs and pictures are taken to be.
func isComposable(r rune) bool {
	return r > 0xFF && !(r >= 0x4E00 && r <= 0x9FFF) && !(r >= 0x1F000 && r < 0x20000) && r != utf8.RuneError
}

// Texts are decoded as encoding/json decodes them.
func FuzzText(f *testing.F) {
	for _, seed := range []string{`\ud83d\ude00`, `\ud83d\u0041`, `\ude00`, `\ud83d`, `\ud83d\ud83d\ude00`, `\n\/`, "é", `\u0000`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, escaped string) {
		var want string
		literal := `"x` + escaped + `x"`
		if !utf8.ValidString(escaped) || strings.ContainsRune(escaped, 0) || json.Unmarshal([]byte(literal), &want) != nil {
			return
		}
		if strings.IndexFunc(want, isComposable) >= 0 {
			return // what composing makes of it is held by testdata/nfc.txt
		}
		d, _, err := read("x.jsonl", `{"rejected":"b","chosen":`+literal+`}`, 1+len(escaped)%5)
		if err != nil {
			t.Fatalf("%q: %v", literal, err)
		}
		if got := d.Prompts[0].Replies[0].Text; got != plain(want) {
			t.Errorf("%q: got %q, want %q", literal, got, plain(want))
		}
	})
}

// No file makes the reader panic, and no chunking changes what it says.
func FuzzReader(f *testing.F) {
	for _, test := range good {
		f.Add(test.name, test.content, 1)
	}
	for _, test := range bad {
		if len(test.content) < 100_000 {
			f.Add(test.name, test.content, 3)
		}
	}
	for _, test := range kinds {
		f.Add(test.name, test.content, 2)
	}
	f.Fuzz(func(t *testing.T, name, content string, chunk int) {
		d, s, err := read(name, content, 1<<20)
		d2, s2, err2 := read(name, content, 1+int(uint(chunk)%1000))
		if !reflect.DeepEqual(d, d2) || !reflect.DeepEqual(s, s2) || !reflect.DeepEqual(err, err2) {
			t.Fatalf("chunks of %d: %v, %v; whole: %v, %v", chunk, s2, err2, s, err)
		}
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || !slices.Contains(Codes(), e.Code) || !utf8.ValidString(e.Error()) || len(e.Error()) > 900 {
				t.Fatalf("error %v (%q)", err, err)
			}
			return
		}
		if d == nil {
			return // a log
		}
		votes := 0.0
		for _, p := range d.Pairs {
			replies := d.Prompts[p.Prompt].Replies
			if p.Chosen == p.Rejected || replies[p.Chosen].Text == replies[p.Rejected].Text || p.Count < 1 {
				t.Fatalf("pair %+v of %v", p, replies)
			}
			votes += p.Count
		}
		up, down := 0.0, 0.0
		for _, thumb := range d.Thumbs {
			if replies := d.Prompts[thumb.Prompt].Replies; len(replies) < 2 || thumb.Reply >= len(replies) || thumb.Up+thumb.Down < 1 {
				t.Fatalf("thumb %+v of %v", thumb, replies)
			}
			up, down = up+thumb.Up, down+thumb.Down
		}
		if up != s.Up || down != s.Down || len(d.Thumbs) != s.Thumbs || len(d.Pairs)+len(d.Thumbs) == 0 {
			t.Fatalf("%g up and %g down on %d replies, summary %+v", up, down, len(d.Thumbs), s)
		}
		if votes != s.Votes || len(d.Pairs) != s.Pairs {
			t.Fatalf("%g votes in %d pairs, summary %+v", votes, len(d.Pairs), s)
		}
	})
}
