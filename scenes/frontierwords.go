package scenes

import (
	"math"
	"strconv"

	"dpoplayground/core"
)

// saidFrontier is what of a frontier's numbers is visible. While it is the same
// nothing is written anew.
type saidFrontier struct {
	version, runs, step, decimals int
	beta                          float64
	numbers                       [8]int
	others                        [core.MostVariants][2]int
	reached                       Reached
	lead, note                    string
	best                          int
}

// said reads off what is visible.
func (m *Frontier) said() saidFrontier {
	s := saidFrontier{version: m.Version, runs: len(m.Runs), decimals: m.decimals(), beta: m.Beta, lead: m.lead(), note: m.Note, best: len(m.Best)}
	if len(m.Runs) == 0 {
		return s
	}
	r := &m.Runs[0]
	s.step, s.reached = r.Step, r.Reached
	for i, x := range [...]float64{r.Now.KL, r.Now.Reward, r.Most, r.Goal.KL, r.Goal.Reward, m.Promised} {
		s.numbers[i] = visible(x)
	}
	for i := 1; i < len(m.Runs) && i <= core.MostVariants; i++ {
		s.others[i-1] = [2]int{visible(m.Runs[i].Now.KL), visible(m.Runs[i].Now.Reward)}
	}
	return s
}

// visible is a number to half the last digit that is ever shown.
func visible(x float64) int {
	if !legible(x) || math.Abs(x) > 1e12 {
		return math.MinInt
	}
	return int(math.Round(x * 2e5))
}

// decimals is how many the reward is written with: three figures of its range.
func (m *Frontier) decimals() int {
	span := m.Extent.High - m.Extent.Low
	if !(span > 0) {
		return 3
	}
	return int(min(max(math.Ceil(2.2-math.Log10(span)), 0), 6))
}

// speak writes the words anew if a visible number changed.
func (v *FrontierView) speak(m *Frontier) {
	now := m.said()
	if now == v.said && v.desc != "" {
		return
	}
	v.said = now
	v.head, v.present, v.target = "", "", ""
	if len(m.Best) == 0 || len(m.Runs) == 0 {
		v.desc = m.Note
		return
	}
	v.head = v.sayHead(m)
	v.desc = v.describe(m)
	if m.hasGoal() {
		v.present = v.words.Say("frontier.beta", "beta", betaText(m.Beta))
		v.target = v.words.Say("frontier.mark", "beta", betaText(m.Beta), "kl", Fixed(m.Runs[0].Goal.KL, 3), "reward", v.number(m.Runs[0].Goal.Reward))
	}
}

func (v *FrontierView) number(x float64) string { return Fixed(x, v.said.decimals) }

// unit is what reward is counted in.
func (v *FrontierView) unit(m *Frontier) string {
	if m.Yardstick == core.ByFittedScore {
		return v.words.Say("frontier.unit.score")
	}
	return v.words.Say("frontier.unit.reward")
}

// sayHead says what the run has got for what it has spent.
func (v *FrontierView) sayHead(m *Frontier) string {
	r, start := &m.Runs[0], m.Best[0]
	gain, gap := r.Now.Reward-start.Reward, max(0, r.Most-r.Now.Reward)
	if r.Now.KL < 5e-7 || !legible(r.Now.Reward) {
		return v.words.Say("frontier.head.start")
	}
	key := "frontier.head"
	if isZero(v.number(gap)) {
		key = "frontier.head.most"
	}
	return v.words.Say(key, "gain", Signed(gain, v.said.decimals), "unit", v.unit(m), "kl", Fixed(r.Now.KL, 3),
		"rate", v.number(gain/r.Now.KL), "gap", v.number(gap))
}

// longestHead is as long as the head gets, so that the plot keeps its place.
func (v *FrontierView) longestHead(m *Frontier) string {
	n, span := minus+Fixed(10, v.said.decimals), v.number(m.Extent.High-m.Extent.Low)
	return v.words.Say("frontier.head", "gain", minus+span, "unit", v.unit(m), "kl", "0.000", "rate", n, "gap", span)
}

// drawHead writes it.
func (v *FrontierView) drawHead(p *Picture) {
	l := &v.layout
	p.text(Label{X: 2, Y: 4, W: p.W - 2 - pageMargin, Text: v.head, Size: l.headSize, Lines: l.headLines, Ink: InkText, Bold: true})
}

// describe tells what is there to see.
func (v *FrontierView) describe(m *Frontier) string {
	w, first, last := v.words, m.Best[0], m.Best[len(m.Best)-1]
	d := w.Say("frontier.desc", "unit", v.unit(m), "start", v.number(first.Reward), "best", v.number(last.Reward), "kl", Fixed(last.KL, 3))
	for i := range m.Runs {
		d += " " + v.describeRun(m, i)
	}
	if r := &m.Runs[0]; m.hasGoal() {
		key := "frontier.desc.goal"
		if r.Reached == NeverReached {
			key = "frontier.desc.never"
		}
		d += " " + w.Say(key, "beta", betaText(m.Beta), "kl", Fixed(r.Goal.KL, 3), "reward", v.number(r.Goal.Reward))
		if m.Promise != nil {
			d += " " + w.Say("frontier.desc.promise", "proxy", w.Say(proxyKey(m.Proxy)), "reward", v.number(m.Promised))
		}
	}
	if m.Note != "" {
		d += " " + m.Note
	}
	return d
}

func (v *FrontierView) describeRun(m *Frontier, i int) string {
	r := &m.Runs[i]
	if !legible(r.Most) {
		return v.words.Say("frontier.desc.run", "run", r.Name, "step", strconv.Itoa(r.Step), "kl", Fixed(r.Now.KL, 3), "reward", v.number(r.Now.Reward))
	}
	return v.words.Say("frontier.desc.run.gap", "run", r.Name, "step", strconv.Itoa(r.Step), "kl", Fixed(r.Now.KL, 3),
		"reward", v.number(r.Now.Reward), "gap", v.number(max(0, r.Most-r.Now.Reward)))
}

// Row is what the page's table says of run i: KL, reward, what each nat has
// bought, and how much more was possible.
func (m *Frontier) Row(i int) [4]string {
	r, decimals := &m.Runs[i], m.decimals()
	row := [4]string{Fixed(r.Now.KL, 3), Fixed(r.Now.Reward, decimals), "–", "–"}
	if r.Now.KL >= 5e-7 {
		row[2] = Signed((r.Now.Reward-m.Best[0].Reward)/r.Now.KL, decimals)
	}
	if legible(r.Most) {
		row[3] = Fixed(max(0, r.Most-r.Now.Reward), decimals)
	}
	return row
}

// RunSign is the sign of run i's shape in a text.
func RunSign(i int) string { return [...]string{"●", "■", "▲", "✕"}[i%4] }

// proxyKey is the key of a proxy's name.
func proxyKey(x core.Proxy) string {
	switch x {
	case core.ProxyOfModel:
		return "frontier.proxy.model"
	case core.ProxyOfOwn:
		return "frontier.proxy.own"
	}
	return "frontier.proxy.votes"
}

// nameCurves finds places for what the curves are called.
func (v *FrontierView) nameCurves(p *Picture, m *Frontier) {
	labels := len(p.Labels)
	for i := range v.ticks {
		p.text(v.ticks[i].label)
	}
	v.nameReference(p, m)
	ticks := len(p.Labels) - 1
	frontier := "frontier.frontier"
	if m.Yardstick == core.ByFittedScore {
		frontier = "frontier.frontier.score"
	}
	for i, key := range [...]string{frontier, proxyKey(m.Proxy), "frontier.optima"} {
		if at := v.curves[i]; at >= 0 {
			t := Label{Text: v.words.Say(key), Size: v.layout.size, Ink: p.Marks[at].Ink}
			v.nameCurve(p, t, p.Points[p.Marks[at].From:p.Marks[at].To], i < 2)
		}
	}
	v.names = append(v.names[:0], p.Labels[ticks:]...)
	p.Labels = p.Labels[:labels]
}

// nameReference writes the reference's name below it, to the right.
func (v *FrontierView) nameReference(p *Picture, m *Frontier) {
	l := &v.layout
	at := l.at(&m.Best[0])
	t := Label{X: at.X + 9*l.unit, Y: at.Y + 1, Text: v.words.Say("frontier.reference"), Size: l.size, Ink: InkSoft}
	t.W = TextWidth(t.Text, t.Size, false) + 2
	t.Y = min(t.Y, l.foot()-LineHeight*t.Size-1)
	p.text(t)
}

// nameSteps is how many places across the plot are tried for a curve's name.
const nameSteps = 20

// nameCurve finds a place for a curve's name: above or below it, where it is
// flat, off all others, and nearer to it than to them. Some stand above only.
func (v *FrontierView) nameCurve(p *Picture, t Label, own []Point, above bool) {
	l := &v.layout
	t.W = TextWidth(t.Text, t.Size, false) + 2
	line, best := LineHeight*t.Size, search{cost: math.Inf(1)}
	sides := [...]bool{false, true}
	for step := range nameSteps {
		t.X = l.right() - t.W - 2 - float32(step)*(l.plot.W-t.W-4)/(nameSteps-1)
		if middle := t.X + t.W/2; middle < own[0].X || middle > own[len(own)-1].X {
			continue
		}
		high, low := rangeOf(own, t.X, t.X+t.W)
		for _, below := range sides {
			if t.Y = high - line - 2*l.unit; below {
				t.Y = low + 2*l.unit
			}
			if l.holds(&t) && !(above && below) {
				best.consider(p, t, v.dense, 0.1*float64(step)+float64((low-high)/line)+6*confusion(&t, own, v.dense))
			}
		}
	}
	best.place(p)
}

// rangeOf is the least and the greatest y of a curve between two x, of which
// there is one point for each x.
func rangeOf(curve []Point, from, to float32) (high, low float32) {
	high, low = heightAt(curve, from), heightAt(curve, from)
	at := heightAt(curve, to)
	high, low = min(high, at), max(low, at)
	for i := range curve {
		if curve[i].X > from && curve[i].X < to {
			high, low = min(high, curve[i].Y), max(low, curve[i].Y)
		}
	}
	return high, low
}

// heightAt is the y of a curve at x, or at the nearer end.
func heightAt(curve []Point, x float32) float32 {
	for i := range curve {
		if curve[i].X < x {
			continue
		}
		if i == 0 || curve[i].X == curve[i-1].X {
			return curve[i].Y
		}
		return mix(curve[i-1].Y, curve[i].Y, (x-curve[i-1].X)/(curve[i].X-curve[i-1].X))
	}
	return curve[len(curve)-1].Y
}

// confusion is how much nearer a label is to another curve than to its own.
func confusion(t *Label, own, all []Point) float64 {
	b := t.Box()
	x := b.X + b.W/2
	middle := Point{x, b.Y + b.H/2}
	return math.Abs(float64(heightAt(own, x)-middle.Y)) / (nearest(all, middle) + 1)
}

// nearest is the distance of the nearest of some points.
func nearest(points []Point, q Point) float64 {
	least := float32(math.MaxFloat32)
	for i := range points {
		dx, dy := points[i].X-q.X, points[i].Y-q.Y
		least = min(least, dx*dx+dy*dy)
	}
	return math.Sqrt(float64(least))
}

// drawNames writes what moves: the β in use, the runs' names, and the round
// values of β that are clear of them.
func (v *FrontierView) drawNames(p *Picture, m *Frontier) {
	for i := range v.names {
		p.plate(&v.names[i])
		p.text(v.names[i])
	}
	v.namePresent(p, m)
	for i := range m.Runs {
		if !known(&m.Runs[i].Now) {
			continue
		}
		name := Label{Text: m.Runs[i].Name, Size: v.layout.size * 1.05, Ink: runStyle(i).Ink, Bold: i == 0}
		v.nameMark(p, name, v.layout.at(&m.Runs[i].Now), i)
	}
	for i := range v.ticks {
		if t := &v.ticks[i]; p.isFree(t.label.Box().shrunk(-2)) && !v.covered(p, t) {
			p.plate(&t.label)
			p.text(t.label)
		}
	}
}

// covered tells that a mark of what moves lies on a label.
func (v *FrontierView) covered(p *Picture, t *betaMark) bool {
	b := t.label.Box()
	for i := len(v.still.Marks); i < len(p.Marks); i++ {
		if m := &p.Marks[i]; (m.Kind == KindDisc || m.Kind == KindDiamond) && b.overlaps(m.extent(p.Points), 2) {
			return true
		}
	}
	return false
}

// namePresent writes the β in use beside its mark, and makes the mark a target.
func (v *FrontierView) namePresent(p *Picture, m *Frontier) {
	if v.present == "" {
		return
	}
	l := &v.layout
	at := l.at(&m.Runs[0].Goal)
	nx, ny := float32(0), float32(-1)
	if len(m.Optima) > 1 {
		nx, ny = l.normal(m, m.Beta)
	}
	t := Label{Text: v.present, Size: 1.15 * l.size, Ink: InkAccent, Bold: true}
	t.W = TextWidth(t.Text, t.Size, true) + 2
	line, best := LineHeight*t.Size, search{cost: math.Inf(1)}
	off := 13*l.unit + 0.5*line
	for i, side := range [...]float32{-1, 1, -1.7, 1.7, -2.6, 2.6} {
		for k, lean := range [...]float32{0, 0.5, -0.5, 1, -1} {
			t.X = clamp(at.X+nx*side*(off+0.42*t.W*abs(nx))-t.W/2+lean*t.W, l.plot.X+2, max(l.right()-t.W, l.plot.X+2))
			t.Y = clamp(at.Y+ny*side*off-line/2, l.plot.Y-0.2*line, l.foot()-line)
			best.consider(p, t, v.dense, 3*float64(i)+float64(k))
		}
	}
	if best.cost < 1e6 {
		p.plate(&best.label)
		p.text(best.label)
	}
	if len(m.Optima) > 1 {
		half := min(max(22, 14*l.unit), p.W/2, p.H/2)
		x, y := clamp(at.X-half, 0, p.W-2*half), clamp(at.Y-half, 0, p.H-2*half)
		p.Targets = append(p.Targets, Target{X: x, Y: y, W: 2 * half, H: 2 * half, ID: FrontierMark, Name: v.target, Drag: true})
	}
}

func abs(x float32) float32 { return max(x, -x) }

// nameMark writes the name of a run beside its mark, where it stood before if
// that is still as good, and with a line to the mark where it has to stand off.
func (v *FrontierView) nameMark(p *Picture, t Label, at Point, run int) {
	l := &v.layout
	if t.W = 1.06*TextWidth(t.Text, t.Size, t.Bold) + 3; t.W > 0.6*l.plot.W {
		t.W = 0.6 * l.plot.W
		t.W = t.Box().W + 1
	}
	line, off := LineHeight*t.Size, 10*l.unit
	best, chosen := search{cost: math.Inf(1)}, 0
	for place := range 2 * nameRows {
		if t.X = at.X + off; place%2 == 1 {
			t.X = at.X - off - t.W
		}
		t.Y = at.Y + nameRow(place/2)*line - line/2
		cost := 2*float64(place/2) + 0.8*float64(place%2)
		if v.places[run] != place {
			cost += 2
		}
		if !l.inside(&t) {
			continue
		}
		was := best.cost
		if best.consider(p, t, v.dense, cost); best.cost < was {
			chosen = place
		}
	}
	if best.cost >= 1e6 {
		return
	}
	v.places[run] = chosen
	if chosen >= 6 {
		l.lead(p, &best.label, at)
	}
	p.plate(&best.label)
	p.text(best.label)
}

// nameRows is in how many rows a name may stand: below, above and level with its
// mark, and then ever further off.
const nameRows = 13

// nameRow is how far below its mark a row's middle is, in lines.
func nameRow(row int) float32 {
	if row == 2 {
		return 0
	}
	if row > 2 {
		row--
	}
	down := 0.72 + 1.25*float32(row/2)
	if row%2 == 1 {
		return -down
	}
	return down
}

// lead draws a line from a label that stands off to its mark.
func (l *frontierLayout) lead(p *Picture, t *Label, at Point) {
	b := t.Box()
	x, y := b.X, b.Y+b.H/2
	if at.X > b.X+b.W {
		x = b.X + b.W
	}
	p.segment(x, y, at.X, at.Y, Mark{Ink: t.Ink, Alpha: 0.5, Stroke: 0.8})
}

// inside tells whether a label is in the picture and not over the axes.
func (l *frontierLayout) inside(t *Label) bool {
	b := t.Box()
	return b.X >= l.plot.X+2 && t.X+t.W <= l.w-2 && b.Y >= l.plot.Y-0.3*b.H && b.Y+b.H <= l.foot()-1
}
