package mesh

// fill paints a simple polygon with feathered edges: inside, coverage from
// inset pixels within the edge on; a fringe fades from there to half a pixel
// outside.
func (m *Mesh) fill(polygon []point, inset, coverage float32) {
	n := len(polygon)
	if n < 3 {
		return
	}
	out := outward(polygon)
	first := uint32(len(m.Vertices))
	m.hole = m.hole[:0]
	for i, p := range polygon {
		d := mitre(polygon[(i+n-1)%n], p, polygon[(i+1)%n])
		in, edge := along(p, d, -out*inset), along(p, d, out*feather)
		m.hole = append(m.hole, in)
		m.vertex(in.X, in.Y, coverage)
		m.vertex(edge.X, edge.Y, 0)
	}
	for i := range uint32(n) {
		j := (i + 1) % uint32(n)
		m.quad(first+2*i, first+2*i+1, first+2*j+1, first+2*j)
	}
	m.inside(first, polygon, coverage)
}

// inside fills what the fringe surrounds. The corners of the inset polygon are
// the vertices first, first+2, …
func (m *Mesh) inside(first uint32, polygon []point, coverage float32) {
	if convex(polygon) {
		for i := uint32(2); i < uint32(len(polygon)); i++ {
			m.Indices = append(m.Indices, first, first+2*i-2, first+2*i)
		}
		return
	}
	if lo, hi, ok := monotone(polygon); ok {
		m.slabs(m.hole, lo, hi, coverage)
		return
	}
	m.clip(first, m.hole)
}

// outward is +1 if the mitre of a polygon's corners points out of it, and −1
// if it points inwards: the sign of its area.
func outward(polygon []point) float32 {
	var area float32
	last := polygon[len(polygon)-1]
	for _, p := range polygon {
		area += (last.X-polygon[0].X)*(p.Y-polygon[0].Y) - (p.X-polygon[0].X)*(last.Y-polygon[0].Y)
		last = p
	}
	if area < 0 {
		return -1
	}
	return 1
}

// mitre is the offset of a corner b between a and c when both edges move one
// pixel to their left. It is cut short where the corner is very sharp.
func mitre(a, b, c point) point {
	n1, n2 := aside(towards(a, b)), aside(towards(b, c))
	k := 1 / max(1+n1.X*n2.X+n1.Y*n2.Y, 0.1)
	return point{X: (n1.X + n2.X) * k, Y: (n1.Y + n2.Y) * k}
}

// turn is positive if the way from a over b to c turns clockwise on the screen.
func turn(a, b, c point) float32 {
	return (b.X-a.X)*(c.Y-b.Y) - (b.Y-a.Y)*(c.X-b.X)
}

// convex tells whether all corners turn the same way, once around.
func convex(polygon []point) bool {
	n := len(polygon)
	var left, right bool
	reversals := 0
	for i, b := range polygon {
		a, c := polygon[(i+n-1)%n], polygon[(i+1)%n]
		t := turn(a, b, c)
		left, right = left || t < 0, right || t > 0
		if (b.X > a.X) != (c.X > b.X) {
			reversals++
		}
	}
	return !(left && right) && reversals <= 2
}

// monotone tells whether a polygon is two chains from its leftmost corner to
// its rightmost that never go back to the left, as areas of charts are.
func monotone(polygon []point) (lo, hi int, ok bool) {
	for i, p := range polygon {
		if p.X < polygon[lo].X {
			lo = i
		}
		if p.X > polygon[hi].X {
			hi = i
		}
	}
	n := len(polygon)
	for i := range n {
		at, to := polygon[(lo+i)%n], polygon[(lo+i+1)%n]
		if forth := i < (hi-lo+n)%n; forth && to.X < at.X || !forth && to.X > at.X {
			return 0, 0, false
		}
	}
	return lo, hi, true
}

// slabs fills a monotone polygon between the corners lo and hi, one upright
// slab from each corner to the next. Where its two chains cross, as the curves
// of a band may, both sides of the crossing are filled.
func (m *Mesh) slabs(polygon []point, lo, hi int, coverage float32) {
	n := len(polygon)
	a, b := lo, lo // a walks forward, b backward
	x := polygon[lo].X
	m.vertex(x, polygon[lo].Y, coverage)
	m.vertex(x, polygon[lo].Y, coverage)
	for a != hi || b != hi {
		nextA, nextB := (a+1)%n, (b+n-1)%n
		if b == hi || a != hi && polygon[nextA].X <= polygon[nextB].X {
			a = nextA
			x = max(x, polygon[a].X)
			m.slab(x, polygon[a].Y, m.heightAt(polygon, b, nextB, hi, x), coverage)
			continue
		}
		b = nextB
		x = max(x, polygon[b].X)
		m.slab(x, m.heightAt(polygon, a, nextA, hi, x), polygon[b].Y, coverage)
	}
}

// heightAt is where the edge between two corners of a chain that ends at
// corner hi passes x.
func (m *Mesh) heightAt(polygon []point, from, to, hi int, x float32) float32 {
	p, q := polygon[from], polygon[to]
	if from == hi || q.X-p.X < 1.0/64 {
		return p.Y
	}
	t := min(max((x-p.X)/(q.X-p.X), 0), 1)
	return p.Y + t*(q.Y-p.Y)
}

// slab joins the last two vertices to two new ones at x.
func (m *Mesh) slab(x, ya, yb, coverage float32) {
	i := uint32(len(m.Vertices))
	m.vertex(x, ya, coverage)
	m.vertex(x, yb, coverage)
	m.quad(i-2, i, i+1, i-1)
}

// clip cuts a simple polygon into triangles, ear by ear. Corner i is the
// vertex first + 2i. It is for the odd shape: n corners may take n² steps.
func (m *Mesh) clip(first uint32, polygon []point) {
	m.ears = m.ears[:0]
	for i := range polygon {
		m.ears = append(m.ears, i)
	}
	out := outward(polygon)
	for stuck := 0; len(m.ears) > 2 && stuck < len(m.ears); stuck++ {
		n := len(m.ears)
		i := stuck % n
		a, b, c := m.ears[(i+n-1)%n], m.ears[i], m.ears[(i+1)%n]
		if !m.ear(polygon, a, b, c, out) {
			continue
		}
		m.Indices = append(m.Indices, first+uint32(2*a), first+uint32(2*b), first+uint32(2*c))
		m.ears = append(m.ears[:i], m.ears[i+1:]...)
		stuck = -1
	}
}

// ear tells whether the corner b sticks out and no other corner lies in it.
func (m *Mesh) ear(polygon []point, a, b, c int, out float32) bool {
	p, q, r := polygon[a], polygon[b], polygon[c]
	if turn(p, q, r)*out < 0 {
		return false
	}
	for _, i := range m.ears {
		if i == a || i == b || i == c {
			continue
		}
		s := polygon[i]
		if turn(p, q, s)*out > 0 && turn(q, r, s)*out > 0 && turn(r, p, s)*out > 0 {
			return false
		}
	}
	return true
}
