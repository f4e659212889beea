package picture_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// read checks that a document is well-formed and returns its elements' names
// and its text.
func read(t *testing.T, doc []byte) (names []string, text string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(doc))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return names, text
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, doc)
		}
		switch x := token.(type) {
		case xml.StartElement:
			names = append(names, x.Name.Local)
		case xml.CharData:
			text += string(x)
		}
	}
}

func TestSVGIsWellFormedForAnyText(t *testing.T) {
	hostile := "<script>alert(\"1\")</script> & ]]> \x00\x1b\x7f\xff\xed\xa0\x80 \ufffe\uffff 'é日本\u0301"
	p := &picture.Picture{W: 100, H: 50, Title: hostile, Desc: hostile}
	p.Labels = []picture.Label{{W: 90, Text: hostile, Size: 10, Lines: 3}}
	for _, theme := range []*picture.Theme{picture.Light(), nil} {
		names, text := read(t, picture.AppendSVG(nil, p, theme))
		if strings.Contains(strings.Join(names, " "), "script") {
			t.Error("text became an element")
		}
		if !strings.Contains(text, "<script>alert(\"1\")</script> & ]]>") {
			t.Errorf("the description lost its characters: %q", text)
		}
		if !strings.Contains(text, "é日本\u0301") {
			t.Errorf("characters that XML allows are gone: %q", text)
		}
	}
}

func TestSVGHoldsEveryMark(t *testing.T) {
	p := &picture.Picture{W: 100, H: 50, Title: "t", Desc: "d", Points: []picture.Point{{1, 2}, {3, 4}, {5, 60}}, Cells: []uint32{0xff0000ff, 0xff0000ff, 0x00ff0080, 0x0000ffff}}
	p.Marks = []picture.Mark{
		{Kind: picture.KindRect, Ink: picture.InkPolicy, W: 10, H: 10, R: 2, Alpha: 0.5}, {Kind: picture.KindLine, Ink: picture.InkChosen, Alpha: 1, Stroke: 2, To: 3, Arrow: true},
		{Kind: picture.KindArea, Ink: picture.InkCard, Alpha: 1, To: 3}, {Kind: picture.KindDisc, Ink: picture.InkText, Alpha: 1, R: 3}, {Kind: picture.KindDiamond, Ink: picture.InkText, Alpha: 1, R: 3},
		{Kind: picture.KindParticles, Ink: picture.InkPolicy, Alpha: 1, R: 2, To: 3}, {Kind: picture.KindGrid, Alpha: 1, W: 20, H: 20, Columns: 2, Rows: 2, To: 4},
	}
	names, _ := read(t, picture.AppendSVG(nil, p, picture.Light()))
	got := strings.Join(names, " ")
	// Paper, bar; line and head; area; disc; diamond; particles; the grid.
	want := "svg title desc rect rect path path path circle path path image"
	if got != want {
		t.Errorf("elements\n%s\nwant\n%s", got, want)
	}
	checkImage(t, string(picture.AppendSVG(nil, p, picture.Light())), p)
	// In the page the grid's first row is one run of two cells, its second two.
	out := string(picture.AppendSVG(nil, p, nil))
	names, _ = read(t, []byte(out))
	if got, want := strings.Join(names, " "), "svg desc rect path path path circle path path g rect rect rect"; got != want {
		t.Errorf("elements in the page\n%s\nwant\n%s", got, want)
	}
	if !strings.Contains(out, `fill="#ff0000"`) || !strings.Contains(out, `fill="#00ff00" fill-opacity=".5"`) {
		t.Errorf("colours of cells are wrong: %s", out)
	}
}

// checkImage decodes the image of a document that stands alone.
func checkImage(t *testing.T, doc string, p *picture.Picture) {
	t.Helper()
	_, after, _ := strings.Cut(doc, "base64,")
	coded, _, _ := strings.Cut(after, `"`)
	file, err := base64.StdEncoding.DecodeString(coded)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range p.Cells {
		got := color.NRGBAModel.Convert(decoded.At(i%2, i/2)).(color.NRGBA)
		if want := (color.NRGBA{uint8(c >> 24), uint8(c >> 16), uint8(c >> 8), uint8(c)}); got != want {
			t.Errorf("cell %d is %v, want %v", i, got, want)
		}
	}
}

func TestSVGInThePageHasVariablesAndNoStyle(t *testing.T) {
	out := string(picture.AppendSVG(nil, scenetest.DrawMass(t, scenetest.Bicycle(6), 620, 400), nil))
	for _, want := range []string{"var(--policy)", "var(--reference)", "var(--text)", "aria-label="} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, not := range []string{"style=", "<title", "#"} {
		if strings.Contains(out, not) {
			t.Errorf("%s does not belong inside the page", not)
		}
	}
}

func TestEveryInkHasAName(t *testing.T) {
	seen := map[string]bool{}
	for i := picture.InkNone; i < picture.inkCount; i++ {
		if n := i.Name(); n == "" || seen[n] {
			t.Errorf("ink %d is called %q", i, n)
		} else {
			seen[n] = true
		}
	}
	if picture.InkAccent.Name() != "accent" || picture.InkPaper.Name() != "paper" {
		t.Error("names have slipped")
	}
}

func TestShortNumbers(t *testing.T) {
	for x, want := range map[float32]string{0: "0", 1: "1", -1.5: "-1.5", 0.05: ".05", 12.349: "12.35", -0.001: "0", 1e30: "10000000000", float32(math.NaN()): "0", 100: "100", 0.999: "1"} {
		if got := string(picture.appendShort(nil, x)); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}

func TestWarmSVGAllocatesNothing(t *testing.T) {
	p, light := scenetest.DrawMass(t, scenetest.Bicycle(6), 620, 400), picture.Light()
	buf := picture.AppendSVG(nil, p, light)
	if n := testing.AllocsPerRun(20, func() { buf = picture.AppendSVG(buf[:0], p, light) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Whatever the text, its lines fit, they follow each other, and only spaces
// are left out between them.
func TestWrapping(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		text, width, lines := scenetest.RandomText(r), 20+200*r.Float32(), 1+r.IntN(6)
		w := picture.Wrap(text, 12, false, width, lines)
		if w.N > lines {
			t.Fatalf("%d lines of at most %d", w.N, lines)
		}
		at := 0
		for i := range w.N {
			if gap := text[at:w.from[i]]; strings.Trim(gap, " \t\r\n") != "" {
				t.Fatalf("%q was dropped from %q", gap, text)
			}
			line := text[w.from[i]:w.to[i]]
			if wide := picture.TextWidth(line, 12, false); wide > width+0.01 && len([]rune(line)) > 1 {
				t.Fatalf("%q is %g wide in %g", line, wide, width)
			}
			at = w.to[i]
		}
		if rest := strings.Trim(text[at:], " \t\r\n"); !w.cut && rest != "" {
			t.Fatalf("%q is lost from %q", rest, text)
		}
	}
}

func TestWidthsOfScripts(t *testing.T) {
	latin, wide := picture.TextWidth("nnnn", 10, false), picture.TextWidth("日本語文", 10, false)
	if wide < 1.5*latin || wide > 2*latin {
		t.Errorf("four ideographs take %g, four letters %g: want about twice", wide, latin)
	}
	if a, b := picture.TextWidth("e\u0301", 10, false), picture.TextWidth("e", 10, false); a != b {
		t.Errorf("an accent takes room: %g, %g", a, b)
	}
}
