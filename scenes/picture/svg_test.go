package picture_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"

	"dpoplayground/scenes/mass"
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
	out := string(picture.AppendSVG(nil, massPicture(t), nil))
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

func TestWarmSVGAllocatesNothing(t *testing.T) {
	p, light := massPicture(t), picture.Light()
	buf := picture.AppendSVG(nil, p, light)
	if n := testing.AllocsPerRun(20, func() { buf = picture.AppendSVG(buf[:0], p, light) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// massPicture is a picture with marks, particles and labels of every kind.
func massPicture(t testing.TB) *picture.Picture {
	m := &mass.Mass{Prompt: "My bike tyre is flat. What do I do?", Step: 200, PairChosen: 0, PairRejected: 2, Focus: -1, Replies: []mass.Reply{
		{Text: "Patch kit, step by step", Policy: .6, Reference: .3, Optimum: .7}, {Text: "Take it to a shop", Policy: .25, Reference: .3, Optimum: .2, ID: 1},
		{Text: "Buy a new bike", Policy: .15, Reference: .4, Optimum: .1, ID: 2}}}
	g, p := mass.NewGrains(), &picture.Picture{}
	g.Reset([]float64{.6, .25, .15})
	mass.NewView(scenetest.TestWords(t)).Draw(p, m, g, 0, 620, 400)
	return p
}
