//go:build !js

package pagetest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/intake"
	"dpoplayground/scenes/words"
)

// These tests hold together what is written in several places: the page, the
// catalogue of sentences, the table of settings, and the program.

// An element is one of index.html's.
type element struct {
	tag   string
	attrs map[string]string
	text  string // of it and what is in it
	in    []*element
}

// pageElements reads the elements of index.html, in order.
func pageElements(t *testing.T) []*element {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(readText(t, "index.html")))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var all, open []*element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", "index.html", err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := &element{tag: x.Name.Local, attrs: map[string]string{}}
			for _, a := range x.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			if len(open) > 0 {
				open[len(open)-1].in = append(open[len(open)-1].in, e)
			}
			all, open = append(all, e), append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			for _, e := range open {
				e.text += string(x)
			}
		}
	}
}

func readText(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// values returns what the elements have as an attribute.
func values(elements []*element, attr string) map[string]*element {
	out := map[string]*element{}
	for _, e := range elements {
		if v, ok := e.attrs[attr]; ok {
			out[v] = e
		}
	}
	return out
}

func TestPageSaysWhatTheCatalogueSays(t *testing.T) {
	_, words := pagePresets(t)
	n := 0
	for _, e := range pageElements(t) {
		for attr, said := range map[string]string{"data-t": strings.Join(strings.Fields(e.text), " "),
			"data-t-aria": e.attrs["aria-label"], "data-t-title": e.attrs["title"], "data-t-placeholder": e.attrs["placeholder"], "data-t-label": e.attrs["label"]} {
			key, ok := e.attrs[attr]
			if !ok {
				continue
			}
			n++
			if sentence, known := words[key]; !known {
				t.Errorf("%s has %s=%q, which the catalogue lacks", "index.html", attr, key)
			} else if sentence != said {
				t.Errorf("%s: the page says %q and the catalogue %q", key, said, sentence)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d texts were compared", n)
	}
}

func TestControlsAgreeWithTheTableOfSettings(t *testing.T) {
	byKey := map[string]core.ParamInfo{}
	for _, info := range core.Params() {
		byKey[info.Key] = info
	}
	for _, e := range pageElements(t) {
		if key, ok := e.attrs["data-range"]; ok {
			checkSlider(t, e, key, byKey)
		}
		key, ok := e.attrs["data-param"]
		if !ok {
			continue
		}
		info, known := byKey[key]
		switch {
		case !known:
			t.Errorf("the page has a control for %q, which is no setting", key)
		case e.attrs["id"] != key && !strings.HasPrefix(e.attrs["id"], key+"-"):
			t.Errorf("the control of %q has the id %q", key, e.attrs["id"])
		case e.tag == "select":
			checkChoices(t, e, info)
		case e.attrs["type"] == "checkbox":
			_, on := e.attrs["checked"]
			if !slices.Equal(info.Choices, []string{"off", "on"}) || on != (info.Default == 1) {
				t.Errorf("the box of %q is of %v, on at first: %v", key, info.Choices, on)
			}
		default:
			if x, err := strconv.ParseFloat(e.attrs["value"], 64); err != nil || x != info.Default || info.Choices != nil {
				t.Errorf("the field of %q shows %q at first; its default is %v", key, e.attrs["value"], info.Default)
			}
		}
	}
}

func checkSlider(t *testing.T, e *element, key string, byKey map[string]core.ParamInfo) {
	t.Helper()
	info, known := byKey[key]
	if !known {
		t.Errorf("the page has a slider for %q, which is no setting", key)
		return
	}
	end, _ := strconv.Atoi(e.attrs["max"])
	if place, err := strconv.Atoi(e.attrs["value"]); err != nil || place != words.SliderPlace(&info, info.Default, end) || e.attrs["min"] != "0" {
		t.Errorf("the slider of %q is at %s of %s at first; its default belongs at %d", key, e.attrs["value"], e.attrs["max"], words.SliderPlace(&info, info.Default, end))
	}
	if values := words.SliderValue(&info, 0, end); values != info.Min || words.SliderValue(&info, end, end) != info.Max {
		t.Errorf("the slider of %q does not reach from %v to %v", key, info.Min, info.Max)
	}
}

func checkChoices(t *testing.T, list *element, info core.ParamInfo) {
	t.Helper()
	var names []string
	chosen := 0
	for _, option := range optionsOf(list) {
		if _, is := option.attrs["selected"]; is {
			chosen = len(names)
		}
		names = append(names, option.attrs["value"])
	}
	if len(names) == 0 {
		return // filled by the program
	}
	if !slices.Equal(names, info.Choices) {
		t.Errorf("the list of %q offers %v; the setting's choices are %v", info.Key, names, info.Choices)
	}
	if chosen != int(info.Default) {
		t.Errorf("the list of %q shows choice %d at first, not %v", info.Key, chosen, info.Default)
	}
}

// optionsOf lists a list's options, also those in groups.
func optionsOf(e *element) (out []*element) {
	for _, child := range e.in {
		if child.tag == "option" {
			out = append(out, child)
		}
		out = append(out, optionsOf(child)...)
	}
	return out
}

// A call is one in the program whose first argument is a text.
type call struct {
	name  string // of the function or method
	args  []string
	given []bool // whether an argument is a text that is written there
	where token.Position
}

// sources is what of the program's Go files is compared.
type sources struct {
	texts    map[string]bool // every text, but for those added to another
	prefixes map[string]bool // texts that something is added to
	calls    []call
	fields   map[string]map[string]bool // texts given to a field, by its name
	made     map[string]*element        // elements that the program makes, by id
}

// readProgram parses the Go files of folders and of what is below them, tests
// aside.
func readProgram(t *testing.T, folders ...string) *sources {
	t.Helper()
	s := &sources{texts: map[string]bool{}, prefixes: map[string]bool{}, fields: map[string]map[string]bool{}, made: map[string]*element{}}
	for _, folder := range folders {
		read := 0
		err := filepath.WalkDir(filepath.FromSlash(folder), func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return fs.SkipDir
			case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool { s.take(set, n); return true })
			read++
			return nil
		})
		if err != nil || read == 0 {
			t.Fatalf("%d Go files were read in %s (%v)", read, folder, err)
		}
	}
	return s
}

func (s *sources) take(set *token.FileSet, n ast.Node) {
	switch x := n.(type) {
	case *ast.BasicLit:
		if text, ok := literal(x); ok {
			s.texts[text] = true
		}
	case *ast.BinaryExpr:
		if text, ok := literal(x.X); ok && x.Op == token.ADD {
			s.prefixes[text] = true
		}
	case *ast.CompositeLit:
		s.composite(x)
	case *ast.AssignStmt:
		for i, left := range x.Lhs {
			if i >= len(x.Rhs) {
				break
			}
			switch l := left.(type) {
			case *ast.SelectorExpr:
				s.field(l.Sel.Name, x.Rhs[i])
			case *ast.Ident:
				s.field(l.Name, x.Rhs[i])
			}
		}
	case *ast.CallExpr:
		s.call(set, x)
	}
}

// composite takes the fields of a struct that is written out, by type and name.
func (s *sources) composite(x *ast.CompositeLit) {
	var kind *ast.Ident
	switch of := x.Type.(type) {
	case *ast.Ident:
		kind = of
	case *ast.SelectorExpr:
		kind = of.Sel
	default:
		return
	}
	for _, e := range x.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok {
				s.field(kind.Name+"."+key.Name, pair.Value)
			}
		}
	}
}

func (s *sources) field(name string, value ast.Expr) {
	if text, ok := literal(value); ok {
		if s.fields[name] == nil {
			s.fields[name] = map[string]bool{}
		}
		s.fields[name][text] = true
	}
}

func (s *sources) call(set *token.FileSet, x *ast.CallExpr) {
	c := call{where: set.Position(x.Pos())}
	switch f := x.Fun.(type) {
	case *ast.SelectorExpr:
		c.name = f.Sel.Name
	case *ast.Ident:
		c.name = f.Name
	}
	for _, a := range x.Args {
		text, ok := keyOrLiteral(a)
		c.args, c.given = append(c.args, text), append(c.given, ok)
	}
	if c.name == "Set" && len(c.args) == 2 && c.args[0] == "id" && c.given[1] {
		s.made[c.args[1]] = &element{}
	}
	if len(c.args) > 0 && c.given[0] {
		s.calls = append(s.calls, c)
	}
}

// keyOrLiteral is literal, and of a sentence's form the key of the sentence.
func keyOrLiteral(e ast.Expr) (string, bool) {
	if c, ok := e.(*ast.CallExpr); ok && len(c.Args) == 2 {
		if f, ok := c.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Form" {
			return literal(c.Args[0])
		}
	}
	return literal(e)
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// composed lists the beginnings of keys that the program completes: what
// follows them comes from data.
var composed = []string{"preset.", "measure.", "landscape.none.", "race.by.", "race.conditions.", "race.desc.", "race.raced.", "race.reward.", "race.y.", "param.", "complaint.", "objective.", "beta.role.", "beta.title.", "pair.", "slow.", "edit.", "reward.status.", "headed.", "file.count.", "gloss.", "view.", "learns.", "lesson.expect.", "handout.name."}

func isComposed(key string) bool {
	return slices.ContainsFunc(composed, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

func TestEverySentenceIsThereAndIsSaid(t *testing.T) {
	_, words := pagePresets(t)
	program := readProgram(t, "wasm", "scenes", "core")
	for _, c := range program.calls {
		if c.name != "Say" && c.name != "Announce" && c.name != "phrase" || !strings.Contains(c.args[0], ".") || strings.HasSuffix(c.args[0], ".") {
			continue
		}
		sentence, known := words[c.args[0]]
		if !known {
			t.Errorf("%v: the catalogue lacks %q", c.where, c.args[0])
		}
		if c.name == "phrase" || c.name == "Form" {
			continue
		}
		for _, place := range places.FindAllStringSubmatch(sentence, -1) {
			if !slices.Contains(c.args[1:], place[1]) {
				t.Errorf("%v: nothing is given for {%s} of %q", c.where, place[1], c.args[0])
			}
		}
	}
	said := map[string]bool{}
	for _, e := range pageElements(t) {
		for _, attr := range [...]string{"data-t", "data-t-aria", "data-t-title", "data-t-placeholder", "data-t-label"} {
			said[e.attrs[attr]] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(words)) {
		base, _, _ := strings.Cut(key, "@") // of a form of a sentence
		if !said[key] && !program.texts[key] && !program.texts[base] && !isComposed(key) {
			t.Errorf("nothing says %q", key)
		}
	}
}

var places = regexp.MustCompile(`\{([a-z]+)\}`)

func TestEveryComplaintHasASentence(t *testing.T) {
	_, words := pagePresets(t)
	program := readProgram(t, "core")
	codes := map[string]bool{}
	for _, field := range []string{"Complaint.Code", "Code", "code"} {
		maps.Copy(codes, program.fields[field])
	}
	for _, c := range program.calls {
		if c.name == "complain" || c.name == "breakAt" {
			codes[c.args[0]] = true
		}
	}
	delete(codes, "")
	if len(codes) < 15 {
		t.Fatalf("only %d codes were found", len(codes))
	}
	for code := range codes {
		if _, known := words["complaint."+code]; !known {
			t.Errorf("the complaint %q has no sentence", code)
		}
	}
	for key := range words {
		if code, is := strings.CutPrefix(key, "complaint."); is && !codes[code] {
			t.Errorf("nothing complains of %q", key)
		}
	}
}

func TestFileErrorsHaveSentences(t *testing.T) {
	_, words := pagePresets(t)
	for _, code := range intake.Codes() {
		if words[code] == "" {
			t.Errorf("%s has no sentence", code)
		}
	}
}

func TestSettingsPresetsAndMeasuresHaveNames(t *testing.T) {
	presets, words := pagePresets(t)
	need := func(key string) {
		if words[key] == "" {
			t.Errorf("the catalogue lacks %q", key)
		}
	}
	for _, info := range core.Params() {
		need("param." + info.Key + ".name")
	}
	for _, p := range presets {
		need("preset." + p.ID + ".name")
		need("preset." + p.ID + ".note")
		for i, prompt := range p.Prompts {
			need(fmt.Sprintf("preset.%s.%d", p.ID, i))
			for k := range prompt.Replies {
				need(fmt.Sprintf("preset.%s.%d.%d", p.ID, i, k))
			}
		}
	}
}

func TestEveryIDIsThereAndIsUsed(t *testing.T) {
	elements := pageElements(t)
	ids, outs, sections := values(elements, "id"), values(elements, "data-out"), values(elements, "data-section")
	program := readProgram(t, "wasm")
	maps.Copy(ids, program.made)
	for _, c := range program.calls {
		switch {
		case c.name == "ByID" && !strings.HasSuffix(c.args[0], ":") && !strings.HasSuffix(c.args[0], "-") && ids[c.args[0]] == nil:
			t.Errorf("%v: the page has no id %q", c.where, c.args[0])
		case c.name == "WriteOut" && outs[c.args[0]] == nil:
			t.Errorf("%v: the page has no data-out %q", c.where, c.args[0])
		case c.name == "isOpen" && sections[c.args[0]] == nil:
			t.Errorf("%v: the page has no section %q", c.where, c.args[0])
		}
	}
	for out := range outs {
		if !program.texts[out] {
			t.Errorf("nothing is written to data-out %q", out)
		}
	}
	for _, attr := range []string{"data-do", "data-do-change", "data-do-input"} {
		for do := range values(elements, attr) {
			if !program.texts[do] {
				t.Errorf("nothing is done for %s=%q", attr, do)
			}
		}
	}
	used := string(readText(t, "assets/page.js")) + string(readText(t, "assets/page.css")) + string(readText(t, "serve/site/single.go"))
	for id, e := range ids {
		used := strings.Contains(used, `"`+id+`"`) || strings.Contains(used, "#"+id) || refersTo(elements, id) ||
			program.texts[id] || e.attrs["data-param"] == id || e.attrs["data-range"] != ""
		for prefix := range program.prefixes {
			used = used || len(prefix) > 1 && strings.HasSuffix(prefix, "-") && strings.HasPrefix(id, prefix)
		}
		if !used {
			t.Errorf("nothing uses the id %q", id)
		}
	}
}

// Each button that opens an exhibit names one, and each exhibit has a button.
func TestExhibitsAreWithinReach(t *testing.T) {
	presets, _ := pagePresets(t)
	opened := map[string]bool{}
	for _, e := range pageElements(t) {
		if e.attrs["data-do"] == "exhibit" {
			id := e.attrs["data-value"]
			opened[id] = true
			if p := core.FindPreset(presets, id); p == nil || !p.Exhibit || e.attrs["data-t"] != "preset."+id+".name" {
				t.Errorf("the button %q opens %q", e.text, id)
			}
		}
	}
	sections := values(pageElements(t), "data-section")
	for _, e := range pageElements(t) {
		if e.attrs["data-do"] == "section" && sections[e.attrs["data-value"]] == nil {
			t.Errorf("the button %q opens no section", e.text)
		}
	}
	for _, p := range presets {
		if p.Exhibit && !opened[p.ID] {
			t.Errorf("no button opens the exhibit %q", p.ID)
		}
	}
}

func refersTo(elements []*element, id string) bool {
	for _, e := range elements {
		for _, attr := range [...]string{"for", "aria-labelledby", "aria-describedby", "list"} {
			if slices.Contains(strings.Fields(e.attrs[attr]), id) {
				return true
			}
		}
	}
	return false
}
