package scenes

import (
	"math"

	"dpoplayground/core"
)

// How a bead stands to the picked pair.
type beadRole uint8

const (
	beadOther   beadRole = iota // of another pair
	beadAgainst                 // of the votes for the other order
	beadPicked
)

func (m *Loss) role(b *core.Bead) beadRole {
	q := &m.Picked.Bead
	switch {
	case !m.HasPicked:
	case b.Chosen == q.Chosen && b.Rejected == q.Rejected:
		return beadPicked
	case b.Chosen == q.Rejected && b.Rejected == q.Chosen:
		return beadAgainst
	}
	return beadOther
}

var beadInks = [...]Ink{beadOther: InkPolicy, beadAgainst: InkRejected, beadPicked: InkChosen}

// drawAim marks on the curve where the picked pair is headed, and where its own
// votes would balance.
func (v *LossView) drawAim(p *Picture, m *Loss, l *lossLayout) {
	if !m.HasPicked || m.Count == 0 {
		return
	}
	if at, ok := l.curveAt(&m.Curve, m.Balance); ok && m.Balances {
		foot := l.plot.Y + l.plot.H
		p.segment(at.X, at.Y, at.X, foot, Mark{Ink: InkChosen, Alpha: 0.8, Stroke: 1.2, Dash: 2})
		t := Label{Text: v.phrases.balance, Size: l.size, Ink: InkChosen, Y: foot - l.line - 2}
		t.W = TextWidth(t.Text, t.Size, false) + 2
		for _, x := range [2]float32{at.X + 4, at.X - t.W - 4} {
			if t.X = x; x > l.plot.X && x+t.W < l.plot.X+l.plot.W && foot-at.Y > 1.6*l.line && p.isFree(t.Box()) {
				p.text(t)
				break
			}
		}
	}
	if at, ok := l.curveAt(&m.Curve, m.Headed); ok && m.Reached != Unknown {
		p.optimum(at.X, at.Y, 5.5*l.unit, 1.5*min(l.unit, 1.4), m.Reached)
	}
}

// drawBeads draws the votes on the curve, with their arrows, and in the strip:
// those of other pairs first, the picked ones on top.
func (v *LossView) drawBeads(p *Picture, m *Loss, l *lossLayout) {
	v.findHardest(m)
	for role := beadOther; role <= beadPicked; role++ {
		for i := range m.Beads {
			if b := &m.Beads[i]; m.role(b) == role {
				l.bar(p, m, b, role)
			}
		}
		for i := range m.Beads {
			if b := &m.Beads[i]; m.role(b) == role {
				l.drawBead(p, m, b, role)
			}
		}
	}
	v.drawUnlisted(p, m, l)
	v.target(p, m, l)
}

// drawUnlisted draws the picked bead where it is not among the listed ones; where
// nobody voted so, it is a dashed ring.
func (v *LossView) drawUnlisted(p *Picture, m *Loss, l *lossLayout) {
	q := &m.Picked.Bead
	if !m.HasPicked || m.Count == 0 || !shownBead(q) {
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
		l.drawBead(p, m, q, beadPicked)
	default:
		at := Point{l.x(q.H), l.y(q.Loss)}
		p.Marks = append(p.Marks, Mark{Kind: KindDisc, Ink: InkChosen, Alpha: 1, Stroke: 1.4, Dash: 2, X: at.X, Y: at.Y, R: l.inside(at, 2*leastBead)})
	}
}

func shownBead(b *core.Bead) bool { return legible(b.H) && legible(b.Loss) && legible(b.Slope) }

// drawBead draws a bead, and its arrow from its rim down the tangent.
func (l *lossLayout) drawBead(p *Picture, m *Loss, b *core.Bead, role beadRole) {
	if !shownBead(b) {
		return
	}
	at, ink := Point{l.x(b.H), l.y(b.Loss)}, beadInks[role]
	r := l.inside(at, l.radius(b.Votes/max(m.Votes, 1e-300)))
	l.ring(p, at.X, at.Y, r, ink, role != beadOther)
	dx, dy := l.downhill(b.Slope)
	long := l.reach * float32(min(math.Abs(b.Pull())/l.span.Full, 1))
	if !(long > 0.7) {
		return
	}
	right := l.plot.X + l.plot.W + 6
	tip := Point{clamp(at.X+dx*(r+long), 1, right), clamp(at.Y+dy*(r+long), 1, l.foot())}
	style := Mark{Ink: ink, Alpha: 0.65, Stroke: 1.1, Arrow: long > 14}
	if role != beadOther {
		style.Alpha, style.Stroke, style.Arrow = 1, 2.2, long > 11
	}
	p.segment(at.X+dx*r, at.Y+dy*r, tip.X, tip.Y, style)
}

// downhill is the direction in pixels in which a tangent of a slope falls.
func (l *lossLayout) downhill(slope float64) (dx, dy float32) {
	x, y := float64(l.plot.W)/(2*l.span.H), float64(l.plot.H)*math.Abs(slope)/(l.span.High-l.low)
	size := math.Hypot(x, y)
	if slope > 0 {
		x = -x
	}
	return float32(x / size), float32(y / size)
}

// bar draws a bead in the strip: a bar as high as the push of one vote and as
// wide as there are votes, so that its area is their pull.
func (l *lossLayout) bar(p *Picture, m *Loss, b *core.Bead, role beadRole) {
	if l.strip.H == 0 || !shownBead(b) {
		return
	}
	x, y, zero, ink := l.x(b.H), l.pushY(-b.Slope), l.pushY(0), beadInks[role]
	wide := max(barWidth*l.plot.W*float32(b.Votes/m.mostVotes()), 1.5)
	left := clamp(x-wide/2, l.plot.X, max(l.plot.X, l.plot.X+l.plot.W-wide))
	alpha := float32(0.28)
	if role != beadOther {
		alpha = 0.75
	}
	p.rect(Bar{left, min(y, zero), wide, max(y, zero) - min(y, zero)}, ink, alpha, 0)
	p.segment(left, y, left+wide, y, Mark{Ink: ink, Alpha: 0.9, Stroke: 1.2})
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
func (l *lossLayout) ring(p *Picture, x, y, r float32, ink Ink, strong bool) {
	fill, stroke := float32(0.2), float32(1.1)
	if strong {
		fill, stroke = 0.5, 2
	}
	p.Marks = append(p.Marks, Mark{Kind: KindDisc, Ink: ink, Alpha: fill, X: x, Y: y, R: r},
		Mark{Kind: KindDisc, Ink: ink, Alpha: 0.95, Stroke: stroke, X: x, Y: y, R: r})
}

// inside shrinks a disc to what the picture holds of it.
func (l *lossLayout) inside(at Point, r float32) float32 {
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
func (v *LossView) findHardest(m *Loss) {
	for i := range v.hardest {
		v.hardest[i] = hardPair{bead: -1}
	}
	for i := range m.Beads {
		b := &m.Beads[i]
		v.rank(hardPair{i, b.Net()})
	}
}

func (v *LossView) rank(h hardPair) {
	if !(h.net > 0) || !legible(h.net) {
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
func (v *LossView) target(p *Picture, m *Loss, l *lossLayout) {
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
		v.names = append(v.names, keptText{})
	}
	for _, i := range v.targets {
		b := &m.Beads[i]
		at := Point{l.x(b.H), l.y(b.Loss)}
		x, y := clamp(at.X-beadHandle, 0, p.W-2*beadHandle), clamp(at.Y-beadHandle, 0, p.H-2*beadHandle)
		p.Targets = append(p.Targets, Target{X: x, Y: y, W: 2 * beadHandle, H: 2 * beadHandle,
			ID: BeadID(b.Chosen, b.Rejected), Name: v.beadName(m, i), Drag: true})
	}
}

// free tells whether no target lies close to a bead.
func (v *LossView) free(m *Loss, l *lossLayout, b *core.Bead) bool {
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
func (v *LossView) Near(dst []int, m *Loss, x, y, w, h float32) []int {
	l := newLossLayout(v, m, w, h)
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
	before := func(a, b *core.Bead) bool {
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
