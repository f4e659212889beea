//go:build js

// Package paint shows a picture in the browser: marks on Ebitengine's canvas,
// labels and targets as elements over it. It may import scenes/picture and
// wasm/paint/mesh, and with the command it is all that knows Ebitengine.
package paint

import (
	"image"
	"image/color"
	"slices"
	"unsafe"

	"github.com/hajimehoshi/ebiten/v2"

	"dpoplayground/scenes/picture"
	"dpoplayground/wasm/paint/mesh"
)

// A Painter prints pictures onto Ebitengine images. All marks between two
// grids are one draw call.
type Painter struct {
	mesh  mesh.Mesh
	white *ebiten.Image
	grids []grid // of the last picture, in its order
	plain ebiten.DrawTrianglesOptions

	corners [4]ebiten.Vertex // of the grid being drawn
	halves  [6]uint32
	smooth  ebiten.DrawTrianglesOptions
}

// NewPainter makes a painter.
func NewPainter() *Painter {
	white := ebiten.NewImage(3, 3)
	white.Fill(color.White)
	plain := ebiten.DrawTrianglesOptions{ColorScaleMode: ebiten.ColorScaleModePremultipliedAlpha}
	smooth := plain
	smooth.Filter, smooth.DisableMipmaps = ebiten.FilterLinear, true
	return &Painter{white: white, plain: plain, smooth: smooth, halves: [6]uint32{0, 1, 2, 0, 2, 3}}
}

// Draw prints the picture over the whole screen, at scale screen pixels per
// page pixel. It allocates nothing of its own once it has drawn as large a
// picture before.
//
// The screen may be a fraction of a pixel larger than the canvas, which then
// shows all but its top row: hence the offset.
func (pt *Painter) Draw(screen *ebiten.Image, p *picture.Picture, theme *picture.Theme, scale float64) {
	size := screen.Bounds().Size()
	top := max(size.Y-int(float64(p.H)*scale), 0)
	if top > 1 {
		top = 0 // a picture that is not of the screen's size
	}
	pt.mesh.Begin(float32(scale), float32(top))
	pt.mesh.Paper(theme, float32(size.X), float32(size.Y))
	grids := 0
	for i := range p.Marks {
		mark := &p.Marks[i]
		if mark.Kind != picture.KindGrid {
			pt.mesh.Add(p, mark, theme)
			continue
		}
		pt.flush(screen)
		pt.grid(screen, grids, mark, p.Cells[mark.From:mark.To])
		grids++
	}
	pt.flush(screen)
}

func (pt *Painter) flush(screen *ebiten.Image) {
	screen.DrawTriangles32(vertices(pt.mesh.Vertices), pt.mesh.Indices, pt.white, &pt.plain)
	pt.mesh.Flush()
}

// vertices is a mesh's vertices as Ebitengine's, without copying them. That
// the conversion of one compiles is the proof that both are laid out alike.
func vertices(v []mesh.Vertex) []ebiten.Vertex {
	_ = ebiten.Vertex(mesh.Vertex{})
	return unsafe.Slice((*ebiten.Vertex)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}

// A grid is the image of a grid's cells. A border repeats the outermost cells:
// without it, smoothing would fade them into nothing.
type grid struct {
	columns, rows int
	cells         []uint32 // what the image shows
	pixels        []byte
	image         *ebiten.Image
}

// grid prints the nth grid of a picture, smoothly enlarged.
func (pt *Painter) grid(screen *ebiten.Image, n int, mark *picture.Mark, cells []uint32) {
	x0, y0, x1, y1 := pt.mesh.Box(mark)
	if mark.Columns <= 0 || mark.Rows <= 0 || len(cells) < mark.Columns*mark.Rows || !(x1 > x0 && y1 > y0 && mark.Alpha > 0) {
		return
	}
	for len(pt.grids) <= n {
		pt.grids = append(pt.grids, grid{})
	}
	g := &pt.grids[n]
	g.update(mark.Columns, mark.Rows, cells)
	c, r, a := float32(g.columns+1), float32(g.rows+1), min(mark.Alpha, 1)
	for i, v := range [...]ebiten.Vertex{{DstX: x0, DstY: y0, SrcX: 1, SrcY: 1}, {DstX: x1, DstY: y0, SrcX: c, SrcY: 1},
		{DstX: x1, DstY: y1, SrcX: c, SrcY: r}, {DstX: x0, DstY: y1, SrcX: 1, SrcY: r}} {
		v.ColorR, v.ColorG, v.ColorB, v.ColorA = a, a, a, a
		pt.corners[i] = v
	}
	screen.DrawTriangles32(pt.corners[:], pt.halves[:], g.image, &pt.smooth)
}

// update writes the cells into the image if they are not what it shows.
func (g *grid) update(columns, rows int, cells []uint32) {
	if g.columns == columns && g.rows == rows && slices.Equal(g.cells, cells) {
		return
	}
	if g.columns != columns || g.rows != rows {
		g.resize(columns, rows)
	}
	g.cells = append(g.cells[:0], cells...)
	at := 0
	for r := -1; r <= rows; r++ {
		row := cells[min(max(r, 0), rows-1)*columns:]
		for c := -1; c <= columns; c++ {
			writePixel(g.pixels[at:at+4], row[min(max(c, 0), columns-1)])
			at += 4
		}
	}
	g.image.WritePixels(g.pixels)
}

func (g *grid) resize(columns, rows int) {
	if g.image != nil {
		g.image.Deallocate()
	}
	w, h := columns+2, rows+2
	g.columns, g.rows = columns, rows
	g.pixels = make([]byte, 4*w*h)
	// On its own and not in Ebitengine's atlas, which would move it about as it changes.
	g.image = ebiten.NewImageWithOptions(image.Rect(0, 0, w, h), &ebiten.NewImageOptions{Unmanaged: true})
}

// writePixel puts a colour 0xRRGGBBAA down as premultiplied bytes.
func writePixel(dst []byte, rgba uint32) {
	a := rgba & 255
	dst[0] = byte((rgba>>24*a + 127) / 255)
	dst[1] = byte((rgba>>16&255*a + 127) / 255)
	dst[2] = byte((rgba>>8&255*a + 127) / 255)
	dst[3] = byte(a)
}
