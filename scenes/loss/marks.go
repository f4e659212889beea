package loss

import (
	"math"

	"dpoplayground/core/census"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// How a bead stands to the picked pair.
type beadRole uint8

const (
	beadOther   beadRole = iota // of another pair
	beadAgainst                 // of the votes for the other order
	beadPicked
)

func (m *Loss) role(b *census.Bead) beadRole {
	q := &m.Picked.Bead
	switch {
	case !m.hasPicked:
	case b.Chosen == q.Chosen && b.Rejected == q.Rejected:
		return beadPicked
	case b.Chosen == q.Rejected && b.Rejected == q.Chosen:
		return beadAgainst
	}
	return beadOther
}

var beadInks = [...]picture.Ink{beadOther: picture.InkPolicy, beadAgainst: picture.InkRejected, beadPicked: picture.InkChosen}

// drawAim marks on the curve where the picked pair is headed; where that is
// beyond the plot, its edge says so.
func (v *View) drawAim(p *picture.Picture, m *Loss, l *layout) {
	if !m.hasPicked || m.beadCount == 0 || !m.curved() || m.reached == picture.Unknown {
		return
	}
	if at, ok := l.curveAt(&m.curve, m.headed); ok {
		p.Optimum(at.X, at.Y, 5.5*l.unit, 1.5*min(l.unit, 1.4), m.reached)
		return
	}
	if !(math.Abs(m.headed) > l.span.h) {
		return
	}
	side := 0
	if m.headed < 0 {
		side = 1
	}
	t := picture.Label{Size: l.size, Ink: picture.InkText, Bold: true, Text: v.beyond[side].Say(mixed(11, shownAs(m.headed)), func() string {
		return v.words.Say([2]string{"loss.beyond", "loss.before"}[side], "h", plus(m.headed))
	})}
	t.W = picture.TextWidth(t.Text, t.Size, true) + 2
	t.X = l.plot.X + 4
	if side == 0 {
		t.X = l.plot.X + l.plot.W - t.W - 4
	}
	for row := range 12 {
		if t.Y = l.plot.Y + 3 + float32(row)*0.5*l.line; t.Y+l.line < l.plot.Y+l.plot.H && p.IsFree(t.Box()) && !p.Covers(t.Box()) {
			p.Text(t)
			return
		}
	}
}

// drawBeads draws the votes on the curve, with their arrows, and in the strip:
// those of other pairs first, the picked ones on top.
func (v *View) drawBeads(p *picture.Picture, m *Loss, l *layout) {
	v.findHardest(m)
	for role := beadOther; role <= beadPicked; role++ {
		for i := range m.Beads {
			if b := &m.Beads[i]; m.role(b) == role {
				l.bar(p, m, b, role)
			}
		}
		for i := range m.Beads {
			if b := &m.Beads[i]; m.role(b) == role {
				l.drawBead(p, m, b, role, v.isHard(i))
			}
		}
	}
	v.drawUnlisted(p, m, l)
	v.target(p, m, l)
}

// drawUnlisted draws the picked bead where it is not among the listed ones; where
// nobody voted so, it is a dashed ring.
func (v *View) drawUnlisted(p *picture.Picture, m *Loss, l *layout) {
	q := &m.Picked.Bead
	if !m.hasPicked || m.beadCount == 0 || !shownBead(q) {
		return
	}
	for i := range m.Beads {
		if m.role(&m.Beads[i]) == beadPicked {
			return
		}
	}
	switch {
	case q.Votes > 0:
		l.bar(p, m, q, beadPicked)
		l.drawBead(p, m, q, beadPicked, false)
	default:
		at := picture.Point{l.x(q.H), l.y(q.Loss)}
		p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindDisc, Ink: picture.InkChosen, Alpha: 1, Stroke: 1.4, Dash: 2, X: at.X, Y: at.Y, R: l.inside(at, 2*leastBead)})
	}
}

func shownBead(b *census.Bead) bool {
	return chart.Legible(b.H) && chart.Legible(b.Loss) && chart.Legible(b.Slope)
}

// drawBead draws a bead, and its arrow from its rim down the tangent; both
// stronger for the pairs that are pulled hardest.
func (l *layout) drawBead(p *picture.Picture, m *Loss, b *census.Bead, role beadRole, hard bool) {
	if !shownBead(b) {
		return
	}
	at, ink := picture.Point{l.x(b.H), l.y(b.Loss)}, beadInks[role]
	r := l.inside(at, l.radius(b.Votes/max(m.votes, 1e-300)))
	l.ring(p, at.X, at.Y, r, ink, role != beadOther)
	dx, dy := l.downhill(b.Slope)
	long := l.reach * float32(min(math.Abs(b.SlopeInMargin())/l.span.full, 1))
	if !(long > 0.7) {
		return
	}
	long = l.stay(at, dx, dy, r+long)
	tip := picture.Point{at.X + dx*long, at.Y + dy*long}
	style := picture.Mark{Ink: ink, Alpha: 0.4, Stroke: 1.1, Arrow: long > 10}
	switch {
	case role != beadOther:
		style.Alpha, style.Stroke = 1, 2.2
	case hard:
		style.Alpha, style.Stroke = 0.95, 1.8
	}
	p.Segment(at.X+dx*r, at.Y+dy*r, tip.X, tip.Y, style)
}

// stay shortens a way from a point so that it ends beside the plot, at its right
// end no further than the names of the curves.
func (l *layout) stay(at picture.Point, dx, dy, way float32) float32 {
	if right := l.plot.X + l.plot.W + 6; dx > 0 {
		way = min(way, (right-at.X)/dx)
	} else if dx < 0 {
		way = min(way, (at.X-1)/-dx)
	}
	if dy > 0 {
		way = min(way, (l.foot()-at.Y)/dy)
	}
	return max(way, 0)
}

// downhill is the direction in pixels in which a tangent of a slope falls.
func (l *layout) downhill(slope float64) (dx, dy float32) {
	x, y := float64(l.plot.W)/(2*l.span.h), float64(l.plot.H)*math.Abs(slope)/(l.span.high-l.low)
	size := math.Hypot(x, y)
	if slope > 0 {
		x = -x
	}
	return float32(x / size), float32(y / size)
}

// bar draws a bead in the strip: a bar as high as the push of one vote and as
// wide as there are votes, so that its area is their pull.
func (l *layout) bar(p *picture.Picture, m *Loss, b *census.Bead, role beadRole) {
	if l.strip.H == 0 || !shownBead(b) {
		return
	}
	x, y, zero, ink := l.x(b.H), l.pushY(-b.Slope), l.pushY(0), beadInks[role]
	wide := max(barWidth*l.plot.W*float32(b.Votes/m.mostVotes()), 1.5)
	left := picture.Clamp(x-wide/2, l.plot.X, max(l.plot.X, l.plot.X+l.plot.W-wide))
	alpha := float32(0.28)
	if role != beadOther {
		alpha = 0.75
	}
	p.Rect(picture.Bar{left, min(y, zero), wide, max(y, zero) - min(y, zero)}, ink, alpha, 0)
	p.Segment(left, y, left+wide, y, picture.Mark{Ink: ink, Alpha: 0.9, Stroke: 1.2})
}

// barWidth is the width of the widest bar, as a share of the strip's.
const barWidth = 0.045

// mostVotes returns the votes of the largest bead.
func (m *Loss) mostVotes() float64 {
	if len(m.Beads) == 0 {
		return max(m.Picked.Votes, 1e-300)
	}
	return max(m.Beads[0].Votes, m.Picked.Votes, m.Picked.Against, 1e-300)
}

// ring draws a bead: a disc that lets others shine through.
func (l *layout) ring(p *picture.Picture, x, y, r float32, ink picture.Ink, strong bool) {
	fill, stroke, rim := float32(0.22), float32(0.8), float32(0.6)
	if strong {
		fill, stroke, rim = 0.5, 1.6, 0.95
	}
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindDisc, Ink: ink, Alpha: fill, X: x, Y: y, R: r},
		picture.Mark{Kind: picture.KindDisc, Ink: ink, Alpha: rim, Stroke: stroke, X: x, Y: y, R: r})
}

// inside shrinks a disc to what the picture holds of it.
func (l *layout) inside(at picture.Point, r float32) float32 {
	return max(0, min(r, at.X-1, l.w-1-at.X, at.Y-1, l.h-1-at.Y))
}

// A hardPair is the order of a pair into which all its votes together pull.
type hardPair struct {
	bead int
	net  float64
}

const mostHardest = 3

// findHardest finds the pairs whose votes, for and against, pull hardest
// together.
func (v *View) findHardest(m *Loss) {
	for i := range v.hardest {
		v.hardest[i] = hardPair{bead: -1}
	}
	for i := range m.Beads {
		b := &m.Beads[i]
		v.rank(hardPair{i, b.Net()})
	}
}

// isHard tells whether a bead is of a pair that is pulled hardest.
func (v *View) isHard(bead int) bool {
	for _, h := range v.hardest {
		if h.bead == bead {
			return true
		}
	}
	return false
}

func (v *View) rank(h hardPair) {
	if !(h.net > 0) || !chart.Legible(h.net) {
		return
	}
	for i := range v.hardest {
		if v.hardest[i].bead < 0 || h.net > v.hardest[i].net {
			copy(v.hardest[i+1:], v.hardest[i:mostHardest-1])
			v.hardest[i] = h
			return
		}
	}
}

// Half the side of a target, and how near two beads share one.
const (
	beadHandle = 14
	beadApart  = 20
)

// target makes beads targets, the picked one first. A bead that lies close to a
// target shares it.
func (v *View) target(p *picture.Picture, m *Loss, l *layout) {
	v.targets = v.targets[:0]
	for role := beadPicked + 1; role > 0; role-- {
		for i := range m.Beads {
			if b := &m.Beads[i]; m.role(b) == role-1 && shownBead(b) && v.free(m, l, b) {
				v.targets = append(v.targets, i)
			}
		}
	}
	for i := range v.targets { // from left to right
		for k := i; k > 0 && m.Beads[v.targets[k]].H < m.Beads[v.targets[k-1]].H; k-- {
			v.targets[k], v.targets[k-1] = v.targets[k-1], v.targets[k]
		}
	}
	for len(v.names) < len(m.Beads) {
		v.names = append(v.names, words.Kept[uint64]{})
	}
	for _, i := range v.targets {
		b := &m.Beads[i]
		at := picture.Point{l.x(b.H), l.y(b.Loss)}
		x, y := picture.Clamp(at.X-beadHandle, 0, p.W-2*beadHandle), picture.Clamp(at.Y-beadHandle, 0, p.H-2*beadHandle)
		p.Targets = append(p.Targets, picture.Target{X: x, Y: y, W: 2 * beadHandle, H: 2 * beadHandle,
			ID: BeadID(b.Chosen, b.Rejected), Name: v.beadName(m, i), Drag: true})
	}
}

// free tells whether no target lies close to a bead.
func (v *View) free(m *Loss, l *layout, b *census.Bead) bool {
	for _, k := range v.targets {
		q := &m.Beads[k]
		if math.Hypot(float64(l.x(b.H)-l.x(q.H)), float64(l.y(b.Loss)-l.y(q.Loss))) < beadApart {
			return false
		}
	}
	return true
}

// beadIDs is how far apart the IDs of two chosen replies' beads are.
const beadIDs = 1 << 20

// BeadID returns the ID of the target of a bead; PairOfBead takes it apart.
func BeadID(chosen, rejected int) int { return chosen*beadIDs + rejected }

// PairOfBead returns the chosen and the rejected reply of a bead's target.
func PairOfBead(id int) (chosen, rejected int) { return id / beadIDs, id % beadIDs }

// Near returns the beads at a place in the picture that was last drawn, nearest
// first, as far as a finger covers them, at least one if there are any.
func (v *View) Near(dst []int, m *Loss, x, y, w, h float32) []int {
	l := newLayout(v, m, w, h)
	far := func(i int) float64 {
		b := &m.Beads[i]
		if !shownBead(b) {
			return math.Inf(1)
		}
		return math.Hypot(float64(l.x(b.H)-x), float64(l.y(b.Loss)-y))
	}
	for i := range m.Beads {
		dst = append(dst, i)
		for k := len(dst) - 1; k > 0 && far(dst[k]) < far(dst[k-1]); k-- {
			dst[k], dst[k-1] = dst[k-1], dst[k]
		}
	}
	for n := range dst {
		if n > 0 && far(dst[n]) > beadHandle {
			return dst[:n]
		}
	}
	return dst
}

// Beside returns the bead next to the picked one on the axis of h, to the right
// for a positive way and else to the left; of those at one place each in turn. It
// is -1 where there is none.
func (m *Loss) Beside(way int) int {
	before := func(a, b *census.Bead) bool {
		if a.H != b.H {
			return a.H < b.H
		}
		return BeadID(a.Chosen, a.Rejected) < BeadID(b.Chosen, b.Rejected)
	}
	best := -1
	for i := range m.Beads {
		b, q := &m.Beads[i], &m.Picked.Bead
		if way > 0 && before(q, b) && (best < 0 || before(b, &m.Beads[best])) ||
			way <= 0 && before(b, q) && (best < 0 || before(&m.Beads[best], b)) {
			best = i
		}
	}
	return best
}
