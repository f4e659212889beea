package frontier

import (
	"math"

	"dpoplayground/core/frontier"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
)

// A betaMark is a round value of β on the curve of optima.
type betaMark struct {
	beta   float64
	at     picture.Point
	label  picture.Label
	nx, ny float32 // unit vector off the curve, to the side of more reward
}

// betaMarks places the round values of β, the most wanted first: each where its
// label covers no other and no curve. It draws their ticks.
func (l *layout) betaMarks(dst []betaMark, p *picture.Picture, m *Frontier, dense []picture.Point) []betaMark {
	if len(m.optima) < 2 {
		return dst
	}
	labels := len(p.Labels)
	for i := range m.rounds {
		t := betaMark{beta: m.rounds[i].Beta, at: l.at(&m.rounds[i])}
		t.nx, t.ny = l.normal(m, t.beta)
		t.label = picture.Label{Text: roundBetas[i].text, Size: l.size, Ink: picture.InkAccent}
		t.label.W = picture.TextWidth(t.label.Text, l.size, false) + 2
		if l.crowded(dst, t.at) || !l.placeBeta(p, &t, dense) {
			continue
		}
		dst = append(dst, t)
		p.Text(t.label)
		r := 3.5 * l.unit
		p.Segment(t.at.X-r*t.nx, t.at.Y-r*t.ny, t.at.X+r*t.nx, t.at.Y+r*t.ny, picture.Mark{Ink: picture.InkAccent, Alpha: 1, Stroke: 1.4})
	}
	p.Labels = p.Labels[:labels]
	return dst
}

// crowded tells that another mark is too near for both to be told apart.
func (l *layout) crowded(marks []betaMark, at picture.Point) bool {
	for i := range marks {
		if math.Hypot(float64(marks[i].at.X-at.X), float64(marks[i].at.Y-at.Y)) < float64(1.1*l.size) {
			return true
		}
	}
	return false
}

// placeBeta finds the label's place: off the curve, on the side of more reward
// if that is free.
func (l *layout) placeBeta(p *picture.Picture, t *betaMark, dense []picture.Point) bool {
	best := chart.Search{Cost: math.Inf(1)}
	for i, d := range [...]float32{0.95, -0.95, 1.5, -1.5, 2.1, -2.1} {
		out := d * l.size
		if l.plot.W < 1 {
			break
		}
		t.label.X = t.at.X + t.nx*(out+sign(out)*t.label.W*0.3) - t.label.W/2
		t.label.Y = t.at.Y + t.ny*out - picture.LineHeight*l.size/2
		if l.holds(&t.label) {
			best.Consider(p, t.label, dense, float64(i)*3)
		}
	}
	t.label = best.Label
	return best.Cost < 60
}

func sign(x float32) float32 {
	if x < 0 {
		return -1
	}
	return 1
}

// holds tells whether a label is inside the plot.
func (l *layout) holds(t *picture.Label) bool {
	b := t.Box()
	return b.X >= l.plot.X+2 && b.X+b.W <= l.right() && b.Y >= l.plot.Y && b.Y+b.H <= l.foot()-1
}

// normal is the unit vector off the curve of optima at a β, to the left of its
// course: up, where reward rises with KL, and up too where it falls.
func (l *layout) normal(m *Frontier, beta float64) (nx, ny float32) {
	i := 0
	for i < len(m.optima)-1 && m.optima[i].Beta > beta {
		i++
	}
	from, to := i, i
	for from > 0 && l.apart(m, from, to) < 8 {
		from--
	}
	for to < len(m.optima)-1 && l.apart(m, from, to) < 8 {
		to++
	}
	a, b := l.at(&m.optima[from]), l.at(&m.optima[to])
	d := float32(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)))
	if d < 0.5 {
		return 0, -1
	}
	return (b.Y - a.Y) / d, (a.X - b.X) / d
}

func (l *layout) apart(m *Frontier, i, k int) float64 {
	a, b := l.at(&m.optima[i]), l.at(&m.optima[k])
	return math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))
}

// densely adds points every few pixels along lines: marks by their places, −1
// for none.
func densely(dst []picture.Point, p *picture.Picture, lines []int) []picture.Point {
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
func betweenPoints(dst []picture.Point, a, b picture.Point) []picture.Point {
	n := int(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))/4) + 1
	for k := range n {
		t := float32(k) / float32(n)
		dst = append(dst, picture.Point{picture.Mix(a.X, b.X, t), picture.Mix(a.Y, b.Y, t)})
	}
	return append(dst, b)
}

// path draws where a run has been, in pieces where a number is missing.
func (l *layout) path(p *picture.Picture, m *Frontier, i int) {
	r, style := &m.Runs[i], runStyle(i)
	style.Stroke *= l.unit
	from := len(p.Points)
	for k := range r.path {
		if !known(&r.path[k]) {
			p.Piece(from, style)
			from = len(p.Points)
			continue
		}
		if len(p.Points) > from {
			l.bow(p, &r.path[k-1], &r.path[k])
		}
		p.Points = appendApart(p.Points, from, l.at(&r.path[k]))
	}
	if n := len(r.path); known(&r.now) {
		if len(p.Points) > from {
			l.bow(p, &r.path[n-1], &r.now)
		}
		p.Points = appendApart(p.Points, from, l.at(&r.now))
	}
	p.Piece(from, style)
}

// bow adds points between two of a path where they are far apart. Reward goes
// as √KL near the reference, so a straight line would cut the corner of the
// first steps.
func (l *layout) bow(p *picture.Picture, a, b *frontier.TradeoffPoint) {
	from, to := l.at(a), l.at(b)
	if max(abs(from.X-to.X), abs(from.Y-to.Y)) < 10 {
		return
	}
	const parts = 8
	qa, qb := math.Sqrt(a.KL), math.Sqrt(b.KL)
	for i := 1; i < parts; i++ {
		t := float64(i) / parts
		q := qa + t*(qb-qa)
		p.Points = append(p.Points, l.at(&frontier.TradeoffPoint{KL: q * q, Reward: a.Reward + t*(b.Reward-a.Reward)}))
	}
}

// known tells that a point has a place.
func known(q *frontier.TradeoffPoint) bool { return chart.Legible(q.KL) && chart.Legible(q.Reward) }

// runStyle is how the path of run i is drawn; as in the charts, but for the
// experiment's own, which is bolder.
func runStyle(i int) picture.Mark {
	style := chart.LineStyle(i, picture.InkNone)
	if i == 0 {
		style.Stroke = 2.4
	}
	return style
}

// gap draws how much more was possible where the experiment's own run is.
func (l *layout) gap(p *picture.Picture, m *Frontier) {
	if len(m.Runs) == 0 || !chart.Legible(m.Runs[0].most) || !known(&m.Runs[0].now) {
		return
	}
	r := &m.Runs[0]
	x, from, to := l.x(r.now.KL), l.y(r.now.Reward), l.y(r.most)
	if from-to < 9 {
		return
	}
	style := picture.Mark{Ink: picture.InkPolicy, Alpha: 0.8, Stroke: 1.2}
	p.Segment(x, from, x, to, picture.Mark{Ink: picture.InkPolicy, Alpha: 0.8, Stroke: 1.2, Dash: 2})
	p.Segment(x-4, to, x+4, to, style)
}

// reference marks where every run begins.
func (l *layout) reference(p *picture.Picture, m *Frontier) {
	at := l.at(&m.best[0])
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindDisc, Ink: picture.InkReference, Alpha: 1, Stroke: 1.5, Dash: 3, X: at.X, Y: at.Y, R: l.within(at, 7*l.unit)})
}

// within shrinks a radius to what the picture holds.
func (l *layout) within(at picture.Point, r float32) float32 {
	return max(0, min(r, at.X, at.Y, l.w-at.X, l.h-at.Y))
}

// headed marks where the compared runs are headed.
func (l *layout) headed(p *picture.Picture, m *Frontier) {
	for i := len(m.Runs) - 1; i > 0; i-- {
		if r := &m.Runs[i]; r.reached != picture.Unknown && known(&r.goal) {
			at := l.at(&r.goal)
			p.Optimum(at.X, at.Y, l.within(at, 4*l.unit)/1.3, 1.2, r.reached)
		}
	}
}

// runs marks where the runs are. Each has a shape of its own.
func (l *layout) runs(p *picture.Picture, m *Frontier) {
	for i := len(m.Runs) - 1; i >= 0; i-- {
		if r := &m.Runs[i]; known(&r.now) {
			drawRun(p, i, l.at(&r.now), 4.6*l.unit)
		}
	}
}

// drawRun draws the shape of run i: a disc, a square, a triangle, a cross.
func drawRun(p *picture.Picture, i int, at picture.Point, r float32) {
	at.X, at.Y = picture.Clamp(at.X, r+1, p.W-r-1), picture.Clamp(at.Y, r+1, p.H-r-1)
	ink := runStyle(i).Ink
	switch i % 4 {
	case 0:
		p.Disc(at.X, at.Y, r+1.5, picture.InkPaper)
		p.Disc(at.X, at.Y, r, ink)
	case 1:
		p.Rect(picture.Bar{at.X - r - 0.5, at.Y - r - 0.5, 2*r + 1, 2*r + 1}, picture.InkPaper, 1, 0)
		p.Rect(picture.Bar{at.X - 0.88*r, at.Y - 0.88*r, 1.76 * r, 1.76 * r}, ink, 1, 0)
	case 2:
		from := len(p.Points)
		p.Points = append(p.Points, picture.Point{at.X, at.Y - 1.1*r}, picture.Point{at.X + 1.1*r, at.Y + 0.8*r}, picture.Point{at.X - 1.1*r, at.Y + 0.8*r})
		p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindArea, Ink: ink, Alpha: 1, From: from, To: len(p.Points)})
	default:
		q := 0.85 * r
		p.Segment(at.X-q, at.Y-q, at.X+q, at.Y+q, picture.Mark{Ink: ink, Alpha: 1, Stroke: 0.55 * r})
		p.Segment(at.X-q, at.Y+q, at.X+q, at.Y-q, picture.Mark{Ink: ink, Alpha: 1, Stroke: 0.55 * r})
	}
}

// hasGoal tells that it is known where the experiment's own run is headed.
func (m *Frontier) hasGoal() bool {
	return len(m.Runs) > 0 && m.Runs[0].reached != picture.Unknown && known(&m.Runs[0].goal)
}

// present draws the mark of the β in use: where it leads, and a ring to take
// hold of it by.
func (l *layout) present(p *picture.Picture, m *Frontier) {
	if !m.hasGoal() {
		return
	}
	r := &m.Runs[0]
	at := l.at(&r.goal)
	if m.promise != nil && chart.Legible(m.promised) {
		if y := l.y(m.promised); max(y-at.Y, at.Y-y) > 9 {
			p.Segment(at.X, at.Y, at.X, y, picture.Mark{Ink: picture.InkSoft, Alpha: 0.8, Stroke: 1.2, Dash: 2})
			p.Disc(at.X, y, 3*l.unit, picture.InkSoft)
		}
	}
	if len(m.optima) > 1 {
		ring := l.within(at, 12*l.unit)
		alpha := float32(0.16)
		if m.Held {
			alpha = 0.34
		}
		p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindDisc, Ink: picture.InkAccent, Alpha: alpha, X: at.X, Y: at.Y, R: ring})
		p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindDisc, Ink: picture.InkAccent, Alpha: 1, Stroke: 1.2, X: at.X, Y: at.Y, R: max(0, ring-1)})
	}
	p.Optimum(at.X, at.Y, l.within(at, 6.5*l.unit)/1.3*1.1, 1.6*min(l.unit, 1.4), r.reached)
}
