package mesh

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/scenes/picture"
)

// paint is how much paint a mesh lays down: the sum over its triangles of area
// times mean alpha, in square device pixels.
func paint(m *Mesh) float64 {
	var sum float64
	for i := 0; i < len(m.Indices); i += 3 {
		a, b, c := &m.Vertices[m.Indices[i]], &m.Vertices[m.Indices[i+1]], &m.Vertices[m.Indices[i+2]]
		sum += math.Abs(doubleArea(a, b, c)) / 2 * float64(a.ColorA+b.ColorA+c.ColorA) / 3
	}
	return sum
}

func doubleArea(a, b, c *Vertex) float64 {
	return float64(b.DstX-a.DstX)*float64(c.DstY-a.DstY) - float64(b.DstY-a.DstY)*float64(c.DstX-a.DstX)
}

// meshOf is the mesh of one mark through some points.
func meshOf(scale float32, mark picture.Mark, points ...point) *Mesh {
	mark.To = len(points)
	if mark.Alpha == 0 {
		mark.Alpha = 1
	}
	mark.Ink = picture.InkPolicy
	p := &picture.Picture{Points: points}
	m := &Mesh{}
	m.Begin(scale, 0)
	m.Add(p, &mark, picture.Light())
	return m
}

func polygonArea(points []point) float64 {
	var sum float64
	for i, p := range points {
		q := points[(i+1)%len(points)]
		sum += float64(p.X)*float64(q.Y) - float64(q.X)*float64(p.Y)
	}
	return math.Abs(sum) / 2
}

var (
	lShape  = []point{{X: 10, Y: 10}, {X: 60, Y: 10}, {X: 60, Y: 30}, {X: 30, Y: 30}, {X: 30, Y: 80}, {X: 10, Y: 80}}
	comb    = []point{{X: 10, Y: 10}, {X: 80, Y: 10}, {X: 80, Y: 70}, {X: 60, Y: 30}, {X: 62, Y: 70}, {X: 40, Y: 30}, {X: 42, Y: 70}, {X: 25, Y: 31}, {X: 10, Y: 70}}
	spiral  = []point{{X: 10, Y: 10}, {X: 90, Y: 10}, {X: 90, Y: 90}, {X: 30, Y: 90}, {X: 30, Y: 50}, {X: 50, Y: 50}, {X: 50, Y: 70}, {X: 70, Y: 70}, {X: 70, Y: 30}, {X: 10, Y: 30}}
	dart    = []point{{X: 50, Y: 10}, {X: 90, Y: 90}, {X: 50, Y: 60}, {X: 10, Y: 90}}
	hexagon = []point{{X: 30, Y: 10}, {X: 70, Y: 12}, {X: 91, Y: 50}, {X: 68, Y: 90}, {X: 29, Y: 88}, {X: 9, Y: 47}}
)

// wave is the area under a wave: monotone in x, with ∫ = 80·40.
func wave() []point {
	points := []point{{X: 90, Y: 90}, {X: 10, Y: 90}}
	for i := range 81 {
		points = append(points, point{X: 10 + float32(i), Y: float32(50 + 8*math.Sin(float64(i)*math.Pi/20))})
	}
	return points
}

func reversed(points []point) []point {
	out := make([]point, len(points))
	for i, p := range points {
		out[len(points)-1-i] = p
	}
	return out
}

// The paint of a filled shape is its area. A feathered corner is off by a few
// hundredths of a pixel, a circle by the tenth of a pixel its polygon may miss.
func TestPaintIsArea(t *testing.T) {
	for _, c := range []struct {
		name   string
		mark   picture.Mark
		points []point
		area   float64
		within float64
	}{
		{"bar", picture.Mark{Kind: picture.KindRect, X: 10, Y: 20.3, W: 30, H: 40.45}, nil, 30 * 40.45, 0.01},
		{"thin bar", picture.Mark{Kind: picture.KindRect, X: 10, Y: 20.3, W: 30, H: 0.25}, nil, 30 * 0.25, 0.01},
		{"card", picture.Mark{Kind: picture.KindRect, X: 10, Y: 20, W: 30, H: 40, R: 6}, nil, 30*40 - (4-math.Pi)*36, 2.2},
		{"disc", picture.Mark{Kind: picture.KindDisc, X: 50.2, Y: 50.7, R: 20}, nil, math.Pi * 400, 8},
		{"small disc", picture.Mark{Kind: picture.KindDisc, X: 50.2, Y: 50.7, R: 3}, nil, math.Pi * 9, 1.3},
		{"dot", picture.Mark{Kind: picture.KindDisc, X: 50.2, Y: 50.7, R: 0.2}, nil, math.Pi * 0.04, 0.02},
		{"diamond", picture.Mark{Kind: picture.KindDiamond, X: 50.3, Y: 50.9, R: 6}, nil, 72, 0.5},
		{"hexagon", picture.Mark{Kind: picture.KindArea}, hexagon, polygonArea(hexagon), 0.5},
		{"wave", picture.Mark{Kind: picture.KindArea}, wave(), 80 * 40, 1},
		{"L", picture.Mark{Kind: picture.KindArea}, lShape, polygonArea(lShape), 0.5},
		{"comb", picture.Mark{Kind: picture.KindArea}, comb, polygonArea(comb), 8},
		{"spiral", picture.Mark{Kind: picture.KindArea}, spiral, polygonArea(spiral), 0.5},
		{"dart", picture.Mark{Kind: picture.KindArea}, dart, polygonArea(dart), 2},
		{"backwards", picture.Mark{Kind: picture.KindArea}, reversed(spiral), polygonArea(spiral), 0.5},
		{"half ink", picture.Mark{Kind: picture.KindArea, Alpha: 0.5}, hexagon, polygonArea(hexagon) / 2, 0.5},
	} {
		for _, scale := range []float32{1, 2, 3} {
			k := float64(scale) * float64(scale)
			got := paint(meshOf(scale, c.mark, c.points...)) / k
			if math.Abs(got-c.area) > c.within {
				t.Errorf("%s at scale %g: painted %.3f, its area is %.3f", c.name, scale, got, c.area)
			}
		}
	}
}

// The paint of a stroke is its length times its width; of a dashed one, what
// of its length is dashes.
func TestPaintIsLength(t *testing.T) {
	slant := []point{{X: 10, Y: 10}, {X: 70, Y: 90}} // 100 long
	curve := make([]point, 101)
	for i := range curve {
		sin, cos := math.Sincos(float64(i) * math.Pi / 100)
		curve[i] = point{X: float32(50 + 40*cos), Y: float32(10 + 40*sin)}
	}
	zigzag := []point{{X: 10, Y: 10}, {X: 50, Y: 10}, {X: 50, Y: 50}, {X: 90, Y: 50}}
	for _, c := range []struct {
		name   string
		mark   picture.Mark
		points []point
		paint  float64
		within float64
	}{
		{"level", picture.Mark{Kind: picture.KindLine, Stroke: 1}, []point{{X: 10, Y: 10.3}, {X: 90, Y: 10.3}}, 80, 1e-3},
		{"slant", picture.Mark{Kind: picture.KindLine, Stroke: 2}, slant, 200, 0.3},
		{"hairline", picture.Mark{Kind: picture.KindLine, Stroke: 0.25}, slant, 25, 0.2},
		{"curve", picture.Mark{Kind: picture.KindLine, Stroke: 3}, curve, 3 * 40 * math.Pi, 1},
		{"zigzag", picture.Mark{Kind: picture.KindLine, Stroke: 2}, zigzag, 240, 0.5},
		{"dashed level", picture.Mark{Kind: picture.KindLine, Stroke: 1, Dash: 4}, []point{{X: 10, Y: 10}, {X: 92, Y: 10}}, 10*4 + 2, 1e-3},
		{"dashed slant", picture.Mark{Kind: picture.KindLine, Stroke: 2, Dash: 7}, slant, 2 * (7*7 + 2), 1},
		{"dashed zigzag", picture.Mark{Kind: picture.KindLine, Stroke: 2, Dash: 9}, zigzag, 2 * 7 * 9, 1},
		{"frame", picture.Mark{Kind: picture.KindRect, X: 10, Y: 10, W: 40, H: 30, Stroke: 2}, nil, 280, 1},
		{"dashed frame", picture.Mark{Kind: picture.KindRect, X: 10, Y: 10, W: 40, H: 30, Stroke: 2, Dash: 7}, nil, 140, 2},
		{"ring", picture.Mark{Kind: picture.KindDisc, X: 50, Y: 50, R: 20, Stroke: 2}, nil, 80 * math.Pi, 3},
	} {
		for _, scale := range []float32{1, 2} {
			got := paint(meshOf(scale, c.mark, c.points...)) / float64(scale*scale)
			if math.Abs(got-c.paint) > c.within {
				t.Errorf("%s at scale %g: painted %.3f, want %.3f", c.name, scale, got, c.paint)
			}
		}
	}
}

// canvas composes a mesh's alpha as a graphics processor would: at the centre
// of each pixel, one triangle over the other.
func canvas(m *Mesh, w, h int) []float64 {
	alpha := make([]float64, w*h)
	for i := 0; i < len(m.Indices); i += 3 {
		cover(alpha, w, h, &m.Vertices[m.Indices[i]], &m.Vertices[m.Indices[i+1]], &m.Vertices[m.Indices[i+2]])
	}
	return alpha
}

func cover(alpha []float64, w, h int, a, b, c *Vertex) {
	total := doubleArea(a, b, c)
	for i := range alpha {
		// A tiny shift stands in for the rule that a shared edge belongs to one side.
		p := &Vertex{DstX: float32(i%w) + 0.5 + 1.3e-4, DstY: float32(i/w) + 0.5 + 2.1e-4}
		u, v := doubleArea(p, b, c)/total, doubleArea(a, p, c)/total
		if s := 1 - u - v; u >= 0 && v >= 0 && s >= 0 {
			k := u*float64(a.ColorA) + v*float64(b.ColorA) + s*float64(c.ColorA)
			alpha[i] = k + (1-k)*alpha[i]
		}
	}
}

// covered is the part of the pixel at x, y that satisfies inside, by 16×16 samples.
func covered(inside func(x, y float64) bool, x, y int) float64 {
	n := 0
	for i := range 256 {
		if inside(float64(x)+(float64(i%16)+0.5)/16, float64(y)+(float64(i/16)+0.5)/16) {
			n++
		}
	}
	return float64(n) / 256
}

func within(polygon []point) func(x, y float64) bool {
	return func(x, y float64) bool {
		in := false
		for i, p := range polygon {
			q := polygon[(i+1)%len(polygon)]
			if (float64(p.Y) > y) != (float64(q.Y) > y) &&
				x < float64(p.X)+(y-float64(p.Y))/float64(q.Y-p.Y)*float64(q.X-p.X) {
				in = !in
			}
		}
		return in
	}
}

// What a pixel gets is the part of it that the shape covers: nowhere off by
// more than a sharp corner's worth, and on average by very little.
func TestPixelsShowCoverage(t *testing.T) {
	disc := func(cx, cy, r float64) func(x, y float64) bool {
		return func(x, y float64) bool { return math.Hypot(x-cx, y-cy) <= r }
	}
	ring := func(x, y float64) bool { d := math.Hypot(x-50.3, y-49.1); return d >= 18.5 && d <= 21.5 }
	slant := func(x, y float64) bool {
		along, across := (x-10)*0.6+(y-10)*0.8, (x-10)*0.8-(y-10)*0.6
		return along >= 0 && along <= 100 && math.Abs(across) <= 1.25
	}
	for _, c := range []struct {
		name   string
		mark   picture.Mark
		points []point
		inside func(x, y float64) bool
	}{
		{"disc", picture.Mark{Kind: picture.KindDisc, X: 50.3, Y: 49.1, R: 20}, nil, disc(50.3, 49.1, 20)},
		{"small disc", picture.Mark{Kind: picture.KindDisc, X: 50.3, Y: 49.1, R: 2.5}, nil, disc(50.3, 49.1, 2.5)},
		{"ring", picture.Mark{Kind: picture.KindDisc, X: 50.3, Y: 49.1, R: 20, Stroke: 3}, nil, ring},
		{"diamond", picture.Mark{Kind: picture.KindDiamond, X: 50.3, Y: 49.1, R: 7}, nil,
			func(x, y float64) bool { return math.Abs(x-50.3)+math.Abs(y-49.1) <= 7 }},
		{"slant", picture.Mark{Kind: picture.KindLine, Stroke: 2.5}, []point{{X: 10, Y: 10}, {X: 70, Y: 90}}, slant},
		{"hexagon", picture.Mark{Kind: picture.KindArea}, hexagon, within(hexagon)},
		{"spiral", picture.Mark{Kind: picture.KindArea}, spiral, within(spiral)},
		{"dart", picture.Mark{Kind: picture.KindArea}, dart, within(dart)},
		{"wave", picture.Mark{Kind: picture.KindArea}, wave(), within(wave())},
	} {
		worst, sum, edge := 0.0, 0.0, 0
		for i, got := range canvas(meshOf(1, c.mark, c.points...), 100, 100) {
			want := covered(c.inside, i%100, i/100)
			worst = max(worst, math.Abs(got-want))
			if want > 0 && want < 1 {
				sum, edge = sum+math.Abs(got-want), edge+1
			}
		}
		if worst > 0.4 || sum/float64(edge) > 0.1 {
			t.Errorf("%s: pixels are off by up to %.2f, and by %.3f on average along the edge", c.name, worst, sum/float64(edge))
		}
	}
}

// Axes, grid lines and frames touch whole pixels only, at any scale.
func TestUprightStrokesAreCrisp(t *testing.T) {
	for _, scale := range []float32{1, 1.25, 1.5, 2} {
		for _, mark := range []picture.Mark{
			{Kind: picture.KindLine, Stroke: 1},
			{Kind: picture.KindLine, Stroke: 1.6, Dash: 4},
			{Kind: picture.KindRect, Stroke: 1.6, X: 3.3, Y: 4.7, W: 30.2, H: 20.1},
		} {
			m := meshOf(scale, mark, point{X: 5.3, Y: 7.7}, point{X: 45.3, Y: 7.7})
			for i, a := range canvas(m, 80, 60) {
				if a > 1e-3 && a < 1-1e-3 {
					t.Fatalf("stroke %g at scale %g: pixel %d,%d is covered by %.3f", mark.Stroke, scale, i%80, i/80, a)
				}
			}
		}
	}
}

// A grain is as large as any other, wherever it is.
func TestGrainsAreAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	points := make([]point, 500)
	for i := range points {
		points[i] = point{X: rng.Float32() * 100, Y: rng.Float32() * 100}
	}
	m := meshOf(1.5, picture.Mark{Kind: picture.KindParticles, R: 2.3}, points...)
	if len(m.Vertices) != 2000 || len(m.Indices) != 3000 {
		t.Fatalf("%d vertices and %d indices, want 2000 and 3000", len(m.Vertices), len(m.Indices))
	}
	for i, p := range points {
		a, c := m.Vertices[4*i], m.Vertices[4*i+2]
		if c.DstX-a.DstX != 3 || c.DstY-a.DstY != 3 {
			t.Fatalf("grain %d is %g×%g pixels, want 3×3", i, c.DstX-a.DstX, c.DstY-a.DstY)
		}
		if dx := (a.DstX+c.DstX)/2 - 1.5*p.X; dx < -0.51 || dx > 0.51 {
			t.Fatalf("grain %d is %g pixels off", i, dx)
		}
	}
}

// randomMark may be anything that fits into a frame of 200×100, and sometimes is nonsense.
func randomMark(rng *rand.Rand, p *picture.Picture) picture.Mark {
	m := picture.Mark{
		Kind: picture.Kind(rng.IntN(7)), Ink: picture.Ink(1 + rng.IntN(11)), Alpha: rng.Float32(),
		Stroke: rng.Float32() * 4, Dash: rng.Float32() * 8, Arrow: rng.IntN(2) == 0,
		X: 60 + rng.Float32()*40, Y: 30 + rng.Float32()*20, W: rng.Float32() * 60, H: rng.Float32() * 40, R: rng.Float32() * 20,
	}
	if rng.IntN(2) == 0 {
		m.Stroke = 0
	}
	m.From = len(p.Points)
	for range rng.IntN(12) {
		p.Points = append(p.Points, point{X: 40 + rng.Float32()*120, Y: 30 + rng.Float32()*40})
		if rng.IntN(4) == 0 {
			p.Points = append(p.Points, p.Points[len(p.Points)-1])
		}
	}
	if rng.IntN(3) == 0 {
		p.Points = append(p.Points, nonsense(rng))
		m.W = nonsense(rng).X
	}
	m.To = len(p.Points)
	return m
}

func nonsense(rng *rand.Rand) point {
	bad := [...]float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 3e38}
	return point{X: bad[rng.IntN(4)], Y: bad[rng.IntN(4)]}
}

func TestMeshIsSound(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		p := &picture.Picture{W: 200, H: 100}
		mark := randomMark(rng, p)
		scale := 0.5 + rng.Float32()*2.5
		m := &Mesh{}
		m.Begin(scale, 0)
		m.Add(p, &mark, picture.Dark())
		checkSound(t, m, mark, scale)
		if t.Failed() {
			return
		}
	}
}

func checkSound(t *testing.T, m *Mesh, mark picture.Mark, scale float32) {
	for _, v := range m.Vertices {
		inFrame := v.DstX >= -1 && v.DstX <= 200*scale+1 && v.DstY >= -1 && v.DstY <= 100*scale+1
		paint := v.ColorA >= 0 && v.ColorA <= mark.Alpha+1e-6 &&
			v.ColorR >= 0 && v.ColorR <= v.ColorA && v.ColorG >= 0 && v.ColorG <= v.ColorA && v.ColorB >= 0 && v.ColorB <= v.ColorA
		if !inFrame || !paint || v.SrcX != white || v.SrcY != white {
			t.Errorf("%+v at scale %g has the vertex %+v", mark, scale, v)
			return
		}
	}
	if len(m.Indices)%3 != 0 {
		t.Errorf("%+v has %d indices", mark, len(m.Indices))
	}
	for _, i := range m.Indices {
		if int(i) >= len(m.Vertices) {
			t.Errorf("%+v: index %d of %d vertices", mark, i, len(m.Vertices))
			return
		}
	}
}

func TestNothingIsDrawnOfNothing(t *testing.T) {
	for _, mark := range []picture.Mark{
		{Kind: picture.KindRect, W: 10}, {Kind: picture.KindRect, W: -3, H: 10},
		{Kind: picture.KindDisc}, {Kind: picture.KindDiamond}, {Kind: picture.KindLine, Stroke: 2}, {Kind: picture.KindArea},
		{Kind: picture.KindParticles, R: 2}, {Kind: picture.KindGrid, W: 10, H: 10},
		{Kind: picture.KindDisc, R: 10, Alpha: -1}, {Kind: picture.KindDisc, R: 10, Alpha: float32(math.NaN())},
	} {
		if m := meshOf(1, mark); len(m.Indices) != 0 {
			t.Errorf("%+v: %d triangles, want none", mark, len(m.Indices)/3)
		}
	}
}

// A band between two curves that cross is filled on both sides of the crossing.
func TestCrossingBand(t *testing.T) {
	// Two triangles of 40×40 that meet at 50, 50, made of steps so that no slab is wide.
	var points []point
	for i := range 41 {
		points = append(points, point{X: 10 + 2*float32(i), Y: 30 + float32(i)})
	}
	for i := range 41 {
		points = append(points, point{X: 90 - 2*float32(i), Y: 30 + float32(i)})
	}
	got := paint(meshOf(1, picture.Mark{Kind: picture.KindArea}, points...))
	if want := 2.0 * 40 * 40 / 2; math.Abs(got-want) > 150 { // one of the two is half a pixel too large all around, twice
		t.Errorf("painted %.1f, want about %.1f", got, want)
	}
}

// massPicture is a busy picture: bars of sand, outlines, markers, an arrow.
func massPicture() *picture.Picture {
	p := &picture.Picture{W: 640, H: 400}
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range 12 {
		x, h := 20+50*float32(i), 40+200*rng.Float32()
		p.Marks = append(p.Marks,
			picture.Mark{Kind: picture.KindRect, Ink: picture.InkPolicy, Alpha: 0.16, X: x, Y: 340 - h, W: 36, H: h},
			picture.Mark{Kind: picture.KindRect, Ink: picture.InkReference, Alpha: 1, X: x - 3, Y: 200, W: 42, H: 140, Stroke: 1.6, Dash: 4, R: 2},
			picture.Mark{Kind: picture.KindDiamond, Ink: picture.InkPaper, Alpha: 1, X: x + 18, Y: 150, R: 6},
			picture.Mark{Kind: picture.KindDiamond, Ink: picture.InkOptimum, Alpha: 1, X: x + 18, Y: 150, R: 6, Stroke: 1.6})
	}
	for range 2000 {
		p.Points = append(p.Points, point{X: 20 + 600*rng.Float32(), Y: 340 * rng.Float32()})
	}
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindParticles, Ink: picture.InkPolicy, Alpha: 0.75, R: 2, To: 2000})
	for i := range 33 {
		u := float32(i) / 32
		p.Points = append(p.Points, point{X: 500 - 400*u, Y: 300 - 500*u + 300*u*u})
	}
	p.Marks = append(p.Marks,
		picture.Mark{Kind: picture.KindLine, Ink: picture.InkChosen, Alpha: 0.7, Stroke: 2, Arrow: true, From: 2000, To: 2033},
		picture.Mark{Kind: picture.KindRect, Ink: picture.InkText, Alpha: 1, X: 10, Y: 340, W: 620, H: 1})
	return p
}

func draw(m *Mesh, p *picture.Picture, theme *picture.Theme) {
	m.Begin(2, 0)
	m.Paper(theme, p.W*2, p.H*2)
	for i := range p.Marks {
		m.Add(p, &p.Marks[i], theme)
	}
}

func TestNoAllocationOnceWarm(t *testing.T) {
	m, p, theme := &Mesh{}, massPicture(), picture.Light()
	p.Points = append(p.Points, spiral...)
	p.Points = append(p.Points, wave()...)
	n := len(p.Points)
	p.Marks = append(p.Marks,
		picture.Mark{Kind: picture.KindArea, Ink: picture.InkCard, Alpha: 1, From: 2033, To: 2033 + len(spiral)},
		picture.Mark{Kind: picture.KindArea, Ink: picture.InkCard, Alpha: 1, From: 2033 + len(spiral), To: n},
		picture.Mark{Kind: picture.KindDisc, Ink: picture.InkCard, Alpha: 1, X: 50, Y: 50, R: 30, Stroke: 2, Dash: 3})
	if allocs := testing.AllocsPerRun(20, func() { draw(m, p, theme) }); allocs != 0 {
		t.Errorf("a frame makes %g allocations, want none", allocs)
	}
}

func BenchmarkMassPicture(b *testing.B) {
	m, p, theme := &Mesh{}, massPicture(), picture.Light()
	b.ReportAllocs()
	for b.Loop() {
		draw(m, p, theme)
	}
	b.ReportMetric(float64(len(m.Vertices)), "vertices")
	b.ReportMetric(float64(len(m.Indices)/3), "triangles")
}
