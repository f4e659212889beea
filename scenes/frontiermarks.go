package scenes

import (
	"math"

	"dpoplayground/core"
)

// A betaMark is a round value of β on the curve of optima.
type betaMark struct {
	beta   float64
	at     Point
	label  Label
	nx, ny float32 // unit vector off the curve, to the side of more reward
}

// betaMarks places the round values of β, the most wanted first: each where its
// label covers no other and no curve. It draws their ticks.
func (l *frontierLayout) betaMarks(dst []betaMark, p *Picture, m *Frontier, dense []Point) []betaMark {
	if len(m.Optima) < 2 {
		return dst
	}
	labels := len(p.Labels)
	for i := range m.Rounds {
		t := betaMark{beta: m.Rounds[i].Beta, at: l.at(&m.Rounds[i])}
		t.nx, t.ny = l.normal(m, t.beta)
		t.label = Label{Text: roundBetas[i].text, Size: l.size, Ink: InkAccent}
		t.label.W = TextWidth(t.label.Text, l.size, false) + 2
		if l.crowded(dst, t.at) || !l.placeBeta(p, &t, dense) {
			continue
		}
		dst = append(dst, t)
		p.text(t.label)
		r := 3.5 * l.unit
		p.segment(t.at.X-r*t.nx, t.at.Y-r*t.ny, t.at.X+r*t.nx, t.at.Y+r*t.ny, Mark{Ink: InkAccent, Alpha: 1, Stroke: 1.4})
	}
	p.Labels = p.Labels[:labels]
	return dst
}

// crowded tells that another mark is too near for both to be told apart.
func (l *frontierLayout) crowded(marks []betaMark, at Point) bool {
	for i := range marks {
		if math.Hypot(float64(marks[i].at.X-at.X), float64(marks[i].at.Y-at.Y)) < float64(1.1*l.size) {
			return true
		}
	}
	return false
}

// placeBeta finds the label's place: off the curve, on the side of more reward
// if that is free.
func (l *frontierLayout) placeBeta(p *Picture, t *betaMark, dense []Point) bool {
	best := search{cost: math.Inf(1)}
	for i, d := range [...]float32{0.95, -0.95, 1.5, -1.5, 2.1, -2.1} {
		out := d * l.size
		if l.plot.W < 1 {
			break
		}
		t.label.X = t.at.X + t.nx*(out+sign(out)*t.label.W*0.3) - t.label.W/2
		t.label.Y = t.at.Y + t.ny*out - LineHeight*l.size/2
		if l.holds(&t.label) {
			best.consider(p, t.label, dense, float64(i)*3)
		}
	}
	t.label = best.label
	return best.cost < 60
}

func sign(x float32) float32 {
	if x < 0 {
		return -1
	}
	return 1
}

// holds tells whether a label is inside the plot.
func (l *frontierLayout) holds(t *Label) bool {
	b := t.Box()
	return b.X >= l.plot.X+2 && b.X+b.W <= l.right() && b.Y >= l.plot.Y && b.Y+b.H <= l.foot()-1
}

// normal is the unit vector off the curve of optima at a β, to the left of its
// course: up, where reward rises with KL, and up too where it falls.
func (l *frontierLayout) normal(m *Frontier, beta float64) (nx, ny float32) {
	i := 0
	for i < len(m.Optima)-1 && m.Optima[i].Beta > beta {
		i++
	}
	from, to := i, i
	for from > 0 && l.apart(m, from, to) < 8 {
		from--
	}
	for to < len(m.Optima)-1 && l.apart(m, from, to) < 8 {
		to++
	}
	a, b := l.at(&m.Optima[from]), l.at(&m.Optima[to])
	d := float32(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)))
	if d < 0.5 {
		return 0, -1
	}
	return (b.Y - a.Y) / d, (a.X - b.X) / d
}

func (l *frontierLayout) apart(m *Frontier, i, k int) float64 {
	a, b := l.at(&m.Optima[i]), l.at(&m.Optima[k])
	return math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))
}

// densely adds points every few pixels along lines: marks by their places, −1
// for none.
func densely(dst []Point, p *Picture, lines []int) []Point {
	for _, at := range lines {
		if at < 0 {
			continue
		}
		m := &p.Marks[at]
		for i := m.From + 1; i < m.To; i++ {
			dst = betweenPoints(dst, p.Points[i-1], p.Points[i])
		}
	}
	return dst
}

// betweenPoints adds points from one to another, 4 pixels apart.
func betweenPoints(dst []Point, a, b Point) []Point {
	n := int(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))/4) + 1
	for k := range n {
		t := float32(k) / float32(n)
		dst = append(dst, Point{mix(a.X, b.X, t), mix(a.Y, b.Y, t)})
	}
	return append(dst, b)
}

// path draws where a run has been, in pieces where a number is missing.
func (l *frontierLayout) path(p *Picture, m *Frontier, i int) {
	r, style := &m.Runs[i], runStyle(i)
	style.Stroke *= l.unit
	from := len(p.Points)
	for k := range r.Path {
		if !known(&r.Path[k]) {
			p.piece(from, style)
			from = len(p.Points)
			continue
		}
		if len(p.Points) > from {
			l.bow(p, &r.Path[k-1], &r.Path[k])
		}
		p.Points = appendApart(p.Points, from, l.at(&r.Path[k]))
	}
	if n := len(r.Path); known(&r.Now) {
		if len(p.Points) > from {
			l.bow(p, &r.Path[n-1], &r.Now)
		}
		p.Points = appendApart(p.Points, from, l.at(&r.Now))
	}
	p.piece(from, style)
}

// bow adds points between two of a path where they are far apart. Reward goes
// as √KL near the reference, so a straight line would cut the corner of the
// first steps.
func (l *frontierLayout) bow(p *Picture, a, b *core.TradeoffPoint) {
	from, to := l.at(a), l.at(b)
	if max(abs(from.X-to.X), abs(from.Y-to.Y)) < 10 {
		return
	}
	const parts = 8
	qa, qb := math.Sqrt(a.KL), math.Sqrt(b.KL)
	for i := 1; i < parts; i++ {
		t := float64(i) / parts
		q := qa + t*(qb-qa)
		p.Points = append(p.Points, l.at(&core.TradeoffPoint{KL: q * q, Reward: a.Reward + t*(b.Reward-a.Reward)}))
	}
}

// known tells that a point has a place.
func known(q *core.TradeoffPoint) bool { return legible(q.KL) && legible(q.Reward) }

// runStyle is how the path of run i is drawn; as in the charts, but for the
// experiment's own, which is bolder.
func runStyle(i int) Mark {
	style := lineStyle(i, InkNone)
	if i == 0 {
		style.Stroke = 2.4
	}
	return style
}

// gap draws how much more was possible where the experiment's own run is.
func (l *frontierLayout) gap(p *Picture, m *Frontier) {
	if len(m.Runs) == 0 || !legible(m.Runs[0].Most) || !known(&m.Runs[0].Now) {
		return
	}
	r := &m.Runs[0]
	x, from, to := l.x(r.Now.KL), l.y(r.Now.Reward), l.y(r.Most)
	if from-to < 9 {
		return
	}
	style := Mark{Ink: InkPolicy, Alpha: 0.8, Stroke: 1.2}
	p.segment(x, from, x, to, Mark{Ink: InkPolicy, Alpha: 0.8, Stroke: 1.2, Dash: 2})
	p.segment(x-4, to, x+4, to, style)
}

// reference marks where every run begins.
func (l *frontierLayout) reference(p *Picture, m *Frontier) {
	at := l.at(&m.Best[0])
	p.Marks = append(p.Marks, Mark{Kind: KindDisc, Ink: InkReference, Alpha: 1, Stroke: 1.5, Dash: 3, X: at.X, Y: at.Y, R: l.within(at, 7*l.unit)})
}

// within shrinks a radius to what the picture holds.
func (l *frontierLayout) within(at Point, r float32) float32 {
	return max(0, min(r, at.X, at.Y, l.w-at.X, l.h-at.Y))
}

// headed marks where the compared runs are headed.
func (l *frontierLayout) headed(p *Picture, m *Frontier) {
	for i := len(m.Runs) - 1; i > 0; i-- {
		if r := &m.Runs[i]; r.Reached != Unknown && known(&r.Goal) {
			at := l.at(&r.Goal)
			p.optimum(at.X, at.Y, l.within(at, 4*l.unit)/1.3, 1.2, r.Reached)
		}
	}
}

// runs marks where the runs are. Each has a shape of its own.
func (l *frontierLayout) runs(p *Picture, m *Frontier) {
	for i := len(m.Runs) - 1; i >= 0; i-- {
		if r := &m.Runs[i]; known(&r.Now) {
			p.runMark(i, l.at(&r.Now), 4.6*l.unit)
		}
	}
}

// runMark draws the shape of run i: a disc, a square, a triangle, a cross.
func (p *Picture) runMark(i int, at Point, r float32) {
	at.X, at.Y = clamp(at.X, r+1, p.W-r-1), clamp(at.Y, r+1, p.H-r-1)
	ink := runStyle(i).Ink
	switch i % 4 {
	case 0:
		p.disc(at.X, at.Y, r+1.5, InkPaper)
		p.disc(at.X, at.Y, r, ink)
	case 1:
		p.rect(Bar{at.X - r - 0.5, at.Y - r - 0.5, 2*r + 1, 2*r + 1}, InkPaper, 1, 0)
		p.rect(Bar{at.X - 0.88*r, at.Y - 0.88*r, 1.76 * r, 1.76 * r}, ink, 1, 0)
	case 2:
		from := len(p.Points)
		p.Points = append(p.Points, Point{at.X, at.Y - 1.1*r}, Point{at.X + 1.1*r, at.Y + 0.8*r}, Point{at.X - 1.1*r, at.Y + 0.8*r})
		p.Marks = append(p.Marks, Mark{Kind: KindArea, Ink: ink, Alpha: 1, From: from, To: len(p.Points)})
	default:
		q := 0.85 * r
		p.segment(at.X-q, at.Y-q, at.X+q, at.Y+q, Mark{Ink: ink, Alpha: 1, Stroke: 0.55 * r})
		p.segment(at.X-q, at.Y+q, at.X+q, at.Y-q, Mark{Ink: ink, Alpha: 1, Stroke: 0.55 * r})
	}
}

// hasGoal tells that it is known where the experiment's own run is headed.
func (m *Frontier) hasGoal() bool {
	return len(m.Runs) > 0 && m.Runs[0].Reached != Unknown && known(&m.Runs[0].Goal)
}

// present draws the mark of the β in use: where it leads, and a ring to take
// hold of it by.
func (l *frontierLayout) present(p *Picture, m *Frontier) {
	if !m.hasGoal() {
		return
	}
	r := &m.Runs[0]
	at := l.at(&r.Goal)
	if m.Promise != nil && legible(m.Promised) {
		if y := l.y(m.Promised); max(y-at.Y, at.Y-y) > 9 {
			p.segment(at.X, at.Y, at.X, y, Mark{Ink: InkSoft, Alpha: 0.8, Stroke: 1.2, Dash: 2})
			p.disc(at.X, y, 3*l.unit, InkSoft)
		}
	}
	if len(m.Optima) > 1 {
		ring := l.within(at, 12*l.unit)
		alpha := float32(0.16)
		if m.Held {
			alpha = 0.34
		}
		p.Marks = append(p.Marks, Mark{Kind: KindDisc, Ink: InkAccent, Alpha: alpha, X: at.X, Y: at.Y, R: ring})
		p.Marks = append(p.Marks, Mark{Kind: KindDisc, Ink: InkAccent, Alpha: 1, Stroke: 1.2, X: at.X, Y: at.Y, R: max(0, ring-1)})
	}
	p.optimum(at.X, at.Y, l.within(at, 6.5*l.unit)/1.3*1.1, 1.6*min(l.unit, 1.4), r.Reached)
}
