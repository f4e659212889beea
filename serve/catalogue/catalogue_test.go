package catalogue

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"dpoplayground/assets"
	"dpoplayground/scenes/plural"
)

const header = `msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

`

// TestPluralsAreThoseOfCLDR holds rules, compiled and evaluated, to the samples
// that CLDR gives.
func TestPluralsAreThoseOfCLDR(t *testing.T) {
	data, err := os.ReadFile("testdata/plurals.txt")
	if err != nil {
		t.Fatal(err)
	}
	var language, rule string
	form, checked := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "#":
		case "language":
			language = rest
		case "plural":
			if rule, err = compilePlural(rest); err != nil {
				t.Fatalf("%s: %v", language, err)
			}
			form = 0
		default:
			for _, n := range samples(t, rest) {
				if got, _, ok := plural.Form(rule, n); !ok || got != form {
					t.Errorf("%s: %d has form %d (%v), want %d (%s)", language, n, got, ok, form, word)
				}
				checked++
			}
			form++
		}
	}
	if checked < 300 {
		t.Errorf("only %d samples were checked", checked)
	}
}

// samples reads CLDR's way of writing numbers: 1, 3~5, 100.
func samples(t *testing.T, text string) (numbers []int) {
	t.Helper()
	for _, part := range strings.Split(text, ", ") {
		low, high, isRange := strings.Cut(part, "~")
		first, err := strconv.Atoi(low)
		last := first
		if err == nil && isRange {
			last, err = strconv.Atoi(high)
		}
		if err != nil {
			t.Fatal(err)
		}
		for n := first; n <= last; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func TestPluralFormsThatAreWrong(t *testing.T) {
	for _, text := range []string{"", "nplurals=2", "nplurals=0; plural=0;", "nplurals=2; plural=n % 0;", "nplurals=2; plural=n % n;", "nplurals=2; plural=(n != 1;",
		"nplurals=2; plural=n ! 1;", "nplurals=2; plural=n ? 1;", "nplurals=2; plural=m;", "nplurals=2; plural=n = 1;", "nplurals=2; plural=99999999999999999999;"} {
		if rule, err := compilePlural(text); err == nil {
			t.Errorf("%q became %q", text, rule)
		}
	}
	for _, rule := range []string{"", "2", "2 n n", "2 +", "2 n 1", "x n", "2 n 0 %", "2 n ?", "2 " + strings.Repeat("n ", 20)} {
		if form, _, ok := plural.Form(rule, 7); ok {
			t.Errorf("the rule %q gives form %d", rule, form)
		}
	}
}

// TestFaultsNameTheirLine: each mistake in a catalogue is told with its line.
func TestFaultsNameTheirLine(t *testing.T) {
	entry := "msgctxt \"a\"\nmsgid \"x {n}\"\nmsgstr \"\"\n"
	for _, c := range []struct{ text, want string }{
		{header + entry + "\n" + entry, "line 10: the key \"a\" stands a second time"},
		{header + entry + entry, "line 9: the key \"a\" stands a second time"},
		{header + "\"stray\"\n", "line 6: the text \"stray\" follows no keyword"},
		{header + "msgctxt \"a\"\nmsgid \"x\n", "line 7: expected a text in double quotes"},
		{header + "msgctxt \"a\"\nmsgid \"x \\u00e9\"\n", "line 7: \\u is no escape"},
		{header + "msgctxt \"a\"\nmsgid \"x \"y\" z\"\n", "line 7: a double quote inside"},
		{header + "msgctxt \"a\"\nmsgid \"x\"\n", "the entry of line 6 lacks its msgid or msgstr"},
		{header + "msgctxt \"a\"\nmsgid \"x\"\nmsgid_plural \"y\"\nmsgstr \"\"\n", "line 6 needs both"},
		{header + "msgctxt \"a\"\nmsgid \"x\"\nmsgid_plural \"y\"\nmsgstr[0] \"\"\n", "line 6: \"a\" has 1 forms, and Plural-Forms names 2"},
		{header + "msgctxt \"a\"\nmsgid \"x\"\nmsgid_plural \"y\"\nmsgstr[1] \"\"\n", "line 9: msgstr[1] stands where msgstr[0]"},
		{header + "msgctxt \"a\"\nmsgid \"x\"\nmsgstr \"{n}\"\n", "line 6: a sentence of \"a\" has the place {n}"},
		{header + "msgctxt \"a b\"\nmsgid \"x\"\nmsgstr \"\"\n", "line 6: \"a b\" is no key"},
		{header + "msgid \"x\"\nmsgstr \"\"\n", "line 6: \"\" is no key"},
		{header + "key = sentence\n", "line 6: "},
		{entry, "must begin with a header"},
		{"msgid \"\"\nmsgstr \"Language: en\\n\"\n", "lacks Plural-Forms"},
		{"msgid \"\"\nmsgstr \"Plural-Forms: nplurals=2; plural=n;\\n\"\n", "of 2 things the form would be number 2 of 2"},
	} {
		_, err := Compact(fstest.MapFS{"en.po": {Data: []byte(c.text)}}, "en")
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "en.po: ") {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// TestTranslation: a translation is used where there is one that is sure, and
// English stands in, with the form that fits, where there is none.
func TestTranslation(t *testing.T) {
	english := header + `#. tier: class
msgctxt "hello"
msgid "Hello"
msgstr ""

msgctxt "bye"
msgid "Good"
"bye"
msgstr ""

msgctxt "steps"
msgid "{n} step"
msgid_plural "{n} steps"
msgstr[0] ""
msgstr[1] ""

msgctxt "votes"
msgid "{n} vote"
msgid_plural "{n} votes"
msgstr[0] ""
msgstr[1] ""
`
	polish := strings.Replace(header, "nplurals=2; plural=(n != 1)", "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)", 1) + `msgctxt "hello"
msgid "Hello"
msgstr "Cześć"

#, fuzzy
msgctxt "bye"
msgid "Goodbye"
msgstr "Dobranoc"

msgctxt "steps"
msgid "{n} step"
msgid_plural "{n} steps"
msgstr[0] "{n} krok"
msgstr[1] "{n} kroki"
msgstr[2] "{n} kroków"
`
	folder := fstest.MapFS{"en.po": {Data: []byte(english)}, "pl.po": {Data: []byte(polish)}}
	for language, want := range map[string]string{
		"en": "@plural = 2 n 1 ≠\nhello = Hello\nbye = Goodbye\nsteps = {n} steps\nsteps@0 = {n} step\nvotes = {n} votes\nvotes@0 = {n} vote\n",
		"pl": "hello = Cześć\nbye = Goodbye\nsteps = {n} kroków\nsteps@0 = {n} krok\nsteps@1 = {n} kroki\nvotes = {n} votes\nvotes@0 = {n} vote\n",
	} {
		got, err := Compact(folder, language)
		if err != nil || !strings.HasSuffix(got, want) {
			t.Errorf("%s: %v\ngot\n%s\nwant\n%s", language, err, got, want)
		}
	}
	if languages, _ := Languages(folder); fmt.Sprint(languages) != "[en pl]" {
		t.Errorf("the languages are %v", languages)
	}
}

// TestGettextReadsTheSame holds our reader to GNU gettext: what msgfmt makes of
// the English catalogue is what ours says.
func TestGettextReadsTheSame(t *testing.T) {
	for _, tool := range []string{"msgen", "msgfmt"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT CHECKED: %s of GNU gettext is not installed", tool)
		}
	}
	source := filepath.Join("..", "..", "assets", "locales", "en.po")
	full, err := exec.Command("msgen", "--no-wrap", source).Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("msgfmt", "--check-format", "-o", "-", "-")
	cmd.Stdin = bytes.NewReader(full)
	mo, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := readMO(t, mo)
	f, err := load(assets.Locales(), Source)
	if err != nil {
		t.Fatal(err)
	}
	if len(theirs) != len(f.entries)+1 {
		t.Errorf("gettext finds %d entries, and we find %d and a header", len(theirs), len(f.entries))
	}
	for _, e := range f.entries {
		id, says := e.context+"\x04"+e.id, e.id
		if e.plural != "" {
			id, says = id+"\x00"+e.plural, e.id+"\x00"+e.plural
		}
		if got, ok := theirs[id]; !ok || got != says {
			t.Errorf("%s: gettext reads %q, and we read %q", e.context, got, says)
		}
	}
}

// readMO reads gettext's compiled form: two tables of (length, offset), of the
// originals and of their translations.
func readMO(t *testing.T, mo []byte) map[string]string {
	t.Helper()
	if len(mo) < 28 || binary.LittleEndian.Uint32(mo) != 0x950412de {
		t.Fatal("msgfmt's output is no MO file")
	}
	word := func(at int) int { return int(binary.LittleEndian.Uint32(mo[at:])) }
	text := func(table, i int) string {
		length, offset := word(table+8*i), word(table+8*i+4)
		return string(mo[offset : offset+length])
	}
	out := map[string]string{}
	for i := range word(8) {
		out[text(word(12), i)] = text(word(16), i)
	}
	return out
}

// TestTierOfAClass: what a class cannot do without is marked, is about 1,500
// words, and holds what stands on every screen.
func TestTierOfAClass(t *testing.T) {
	f, err := load(assets.Locales(), Source)
	if err != nil {
		t.Fatal(err)
	}
	words, marked := 0, map[string]bool{}
	for i := range f.entries {
		switch e := &f.entries[i]; e.Tier() {
		case "class":
			marked[e.context] = true
			words += len(strings.Fields(e.id)) + len(strings.Fields(e.plural))
		case "":
		default:
			t.Errorf("line %d: there is no tier %q", e.line, e.Tier())
		}
	}
	if words < 1200 || words > 1800 {
		t.Errorf("the tier of a class has %d words", words)
	}
	for _, key := range []string{"time.play", "time.step", "param.beta.name", "param.view.mass", "param.view.race", "complaint.range", "trouble.wasm", "file.bad", "number.decimal"} {
		if !marked[key] {
			t.Errorf("%s is not marked", key)
		}
	}
}

// FuzzReadPO: no text makes the reader run on or fall over.
func FuzzReadPO(f *testing.F) {
	f.Add(header)
	f.Add("msgid \"\\\\\"\n\"\\\"")
	f.Fuzz(func(t *testing.T, text string) { readPO(text) })
}

func FuzzCompilePlural(f *testing.F) {
	f.Add("nplurals=3; plural=n==1 ? 0 : !(n%10 < 2 || n > 4) ? 1 : 2;")
	f.Fuzz(func(t *testing.T, text string) {
		if rule, err := compilePlural(text); err == nil {
			plural.Form(rule, 5)
		}
	})
}
