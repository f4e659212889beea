package frontier

import (
	"math"
	"strconv"

	"dpoplayground/core"
	"dpoplayground/core/frontier"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// said is what of a frontier's numbers is visible. While it is the same
// nothing is written anew.
type said struct {
	version, runs, step, decimals int
	beta                          float64
	numbers                       [8]int
	others                        [core.MostVariants][2]int
	reached                       picture.Reached
	lead, note                    string
	best                          int
}

// said reads off what is visible.
func (m *Frontier) said() said {
	s := said{version: m.version, runs: len(m.Runs), decimals: m.decimals(), beta: m.beta, lead: m.lead(), note: m.note, best: len(m.best)}
	if len(m.Runs) == 0 {
		return s
	}
	r := &m.Runs[0]
	s.step, s.reached = r.step, r.reached
	for i, x := range [...]float64{r.now.KL, r.now.Reward, r.most, r.goal.KL, r.goal.Reward, m.promised} {
		s.numbers[i] = visible(x)
	}
	for i := 1; i < len(m.Runs) && i <= core.MostVariants; i++ {
		s.others[i-1] = [2]int{visible(m.Runs[i].now.KL), visible(m.Runs[i].now.Reward)}
	}
	return s
}

// visible is a number to half the last digit that is ever shown.
func visible(x float64) int {
	if !chart.Legible(x) || math.Abs(x) > 1e12 {
		return math.MinInt
	}
	return int(math.Round(x * 2e5))
}

// decimals is how many the reward is written with: three figures of its range.
func (m *Frontier) decimals() int {
	span := m.extent.high - m.extent.low
	if !(span > 0) {
		return 3
	}
	return int(min(max(math.Ceil(2.2-math.Log10(span)), 0), 6))
}

// speak writes the words anew if a visible number changed.
func (v *View) speak(m *Frontier) {
	now := m.said()
	if now == v.said && v.desc != "" {
		return
	}
	v.said = now
	v.head, v.present, v.target = "", "", ""
	if len(m.best) == 0 || len(m.Runs) == 0 {
		v.desc = m.note
		return
	}
	v.head = v.sayHead(m)
	v.desc = v.describe(m)
	if m.hasGoal() {
		v.present = v.words.Say("frontier.beta", "beta", chart.BetaText(m.beta))
		v.target = v.words.Say("frontier.mark", "beta", chart.BetaText(m.beta), "kl", words.Fixed(m.Runs[0].goal.KL, 3), "reward", v.number(m.Runs[0].goal.Reward))
	}
}

func (v *View) number(x float64) string { return words.Fixed(x, v.said.decimals) }

// unit is what reward is counted in.
func (v *View) unit(m *Frontier) string {
	if m.yardstick == frontier.ByFittedScore {
		return v.words.Say("frontier.unit.score")
	}
	return v.words.Say("frontier.unit.reward")
}

// sayHead says what the run has got for what it has spent.
func (v *View) sayHead(m *Frontier) string {
	r, start := &m.Runs[0], m.best[0]
	gain, gap := r.now.Reward-start.Reward, max(0, r.most-r.now.Reward)
	if r.now.KL < 5e-7 || !chart.Legible(r.now.Reward) {
		return v.words.Say("frontier.head.start")
	}
	key := "frontier.head"
	if words.IsZero(v.number(gap)) {
		key = "frontier.head.most"
	}
	return v.words.Say(key, "gain", words.Signed(gain, v.said.decimals), "unit", v.unit(m), "kl", words.Fixed(r.now.KL, 3),
		"rate", v.number(gain/r.now.KL), "gap", v.number(gap))
}

// longestHead is as long as the head gets, so that the plot keeps its place.
func (v *View) longestHead(m *Frontier) string {
	n, span := words.Minus+words.Fixed(10, v.said.decimals), v.number(m.extent.high-m.extent.low)
	return v.words.Say("frontier.head", "gain", words.Minus+span, "unit", v.unit(m), "kl", "0.000", "rate", n, "gap", span)
}

// drawHead writes it.
func (v *View) drawHead(p *picture.Picture) {
	l := &v.layout
	p.Text(picture.Label{X: 2, Y: 4, W: p.W - 2 - picture.PageMargin, Text: v.head, Size: l.headSize, Lines: l.headLines, Ink: picture.InkText, Bold: true})
}

// describe tells what is there to see.
func (v *View) describe(m *Frontier) string {
	w, first, last := v.words, m.best[0], m.best[len(m.best)-1]
	d := w.Say("frontier.desc", "unit", v.unit(m), "start", v.number(first.Reward), "best", v.number(last.Reward), "kl", words.Fixed(last.KL, 3))
	for i := range m.Runs {
		d += " " + v.describeRun(m, i)
	}
	if r := &m.Runs[0]; m.hasGoal() {
		key := "frontier.desc.goal"
		if r.reached == picture.NeverReached {
			key = "frontier.desc.never"
		}
		d += " " + w.Say(key, "beta", chart.BetaText(m.beta), "kl", words.Fixed(r.goal.KL, 3), "reward", v.number(r.goal.Reward))
		if m.promise != nil {
			d += " " + w.Say("frontier.desc.promise", "proxy", w.Say(proxyKey(m.proxy)), "reward", v.number(m.promised))
		}
	}
	if m.note != "" {
		d += " " + m.note
	}
	return d
}

func (v *View) describeRun(m *Frontier, i int) string {
	r := &m.Runs[i]
	if !chart.Legible(r.most) {
		return v.words.Say("frontier.desc.run", "run", r.Name, "step", strconv.Itoa(r.step), "kl", words.Fixed(r.now.KL, 3), "reward", v.number(r.now.Reward))
	}
	return v.words.Say("frontier.desc.run.gap", "run", r.Name, "step", strconv.Itoa(r.step), "kl", words.Fixed(r.now.KL, 3),
		"reward", v.number(r.now.Reward), "gap", v.number(max(0, r.most-r.now.Reward)))
}

// Row is what the page's table says of run i: KL, reward, what each nat has
// bought, and how much more was possible.
func (m *Frontier) Row(i int) [4]string {
	r, decimals := &m.Runs[i], m.decimals()
	row := [4]string{words.Fixed(r.now.KL, 3), words.Fixed(r.now.Reward, decimals), "–", "–"}
	if r.now.KL >= 5e-7 {
		row[2] = words.Signed((r.now.Reward-m.best[0].Reward)/r.now.KL, decimals)
	}
	if chart.Legible(r.most) {
		row[3] = words.Fixed(max(0, r.most-r.now.Reward), decimals)
	}
	return row
}

// RunSign is the sign of run i's shape in a text.
func RunSign(i int) string { return [...]string{"●", "■", "▲", "✕"}[i%4] }

// proxyKey is the key of a proxy's name.
func proxyKey(x frontier.Proxy) string {
	switch x {
	case frontier.ProxyOfModel:
		return "frontier.proxy.model"
	case frontier.ProxyOfOwn:
		return "frontier.proxy.own"
	}
	return "frontier.proxy.votes"
}

// nameCurves finds places for what the curves are called.
func (v *View) nameCurves(p *picture.Picture, m *Frontier) {
	labels := len(p.Labels)
	for i := range v.ticks {
		p.Text(v.ticks[i].label)
	}
	v.nameReference(p, m)
	ticks := len(p.Labels) - 1
	key := "frontier.frontier"
	if m.yardstick == frontier.ByFittedScore {
		key = "frontier.frontier.score"
	}
	for i, key := range [...]string{key, proxyKey(m.proxy), "frontier.optima"} {
		if at := v.curves[i]; at >= 0 {
			t := picture.Label{Text: v.words.Say(key), Size: v.layout.size, Ink: p.Marks[at].Ink}
			v.nameCurve(p, t, p.Points[p.Marks[at].From:p.Marks[at].To], i < 2)
		}
	}
	v.names = append(v.names[:0], p.Labels[ticks:]...)
	p.Labels = p.Labels[:labels]
}

// nameReference writes the reference's name below it, to the right.
func (v *View) nameReference(p *picture.Picture, m *Frontier) {
	l := &v.layout
	at := l.at(&m.best[0])
	t := picture.Label{X: at.X + 9*l.unit, Y: at.Y + 1, Text: v.words.Say("frontier.reference"), Size: l.size, Ink: picture.InkSoft}
	t.W = picture.TextWidth(t.Text, t.Size, false) + 2
	t.Y = min(t.Y, l.foot()-picture.LineHeight*t.Size-1)
	p.Text(t)
}

// nameSteps is how many places across the plot are tried for a curve's name.
const nameSteps = 20

// nameCurve finds a place for a curve's name: above or below it, where it is
// flat, off all others, and nearer to it than to them. Some stand above only.
func (v *View) nameCurve(p *picture.Picture, t picture.Label, own []picture.Point, above bool) {
	l := &v.layout
	t.W = picture.TextWidth(t.Text, t.Size, false) + 2
	line, best := picture.LineHeight*t.Size, chart.Search{Cost: math.Inf(1)}
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
				best.Consider(p, t, v.dense, 0.1*float64(step)+float64((low-high)/line)+6*confusion(&t, own, v.dense))
			}
		}
	}
	best.Place(p)
}

// rangeOf is the least and the greatest y of a curve between two x, of which
// there is one point for each x.
func rangeOf(curve []picture.Point, from, to float32) (high, low float32) {
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
func heightAt(curve []picture.Point, x float32) float32 {
	for i := range curve {
		if curve[i].X < x {
			continue
		}
		if i == 0 || curve[i].X == curve[i-1].X {
			return curve[i].Y
		}
		return picture.Mix(curve[i-1].Y, curve[i].Y, (x-curve[i-1].X)/(curve[i].X-curve[i-1].X))
	}
	return curve[len(curve)-1].Y
}

// confusion is how much nearer a label is to another curve than to its own.
func confusion(t *picture.Label, own, all []picture.Point) float64 {
	b := t.Box()
	x := b.X + b.W/2
	middle := picture.Point{x, b.Y + b.H/2}
	return math.Abs(float64(heightAt(own, x)-middle.Y)) / (nearest(all, middle) + 1)
}

// nearest is the distance of the nearest of some points.
func nearest(points []picture.Point, q picture.Point) float64 {
	least := float32(math.MaxFloat32)
	for i := range points {
		dx, dy := points[i].X-q.X, points[i].Y-q.Y
		least = min(least, dx*dx+dy*dy)
	}
	return math.Sqrt(float64(least))
}

// drawNames writes what moves: the β in use, the runs' names, and the round
// values of β that are clear of them.
func (v *View) drawNames(p *picture.Picture, m *Frontier) {
	for i := range v.names {
		p.Plate(&v.names[i])
		p.Text(v.names[i])
	}
	v.namePresent(p, m)
	for i := range m.Runs {
		if !known(&m.Runs[i].now) {
			continue
		}
		name := picture.Label{Text: m.Runs[i].Name, Size: v.layout.size * 1.05, Ink: runStyle(i).Ink, Bold: i == 0}
		v.nameMark(p, name, v.layout.at(&m.Runs[i].now), i)
	}
	for i := range v.ticks {
		if t := &v.ticks[i]; p.IsFree(t.label.Box().Shrunk(-2)) && !v.covered(p, t) {
			p.Plate(&t.label)
			p.Text(t.label)
		}
	}
}

// covered tells that a mark of what moves lies on a label.
func (v *View) covered(p *picture.Picture, t *betaMark) bool {
	b := t.label.Box()
	for i := len(v.still.Marks); i < len(p.Marks); i++ {
		if m := &p.Marks[i]; (m.Kind == picture.KindDisc || m.Kind == picture.KindDiamond) && b.Overlaps(m.Extent(p.Points), 2) {
			return true
		}
	}
	return false
}

// namePresent writes the β in use beside its mark, and makes the mark a target.
func (v *View) namePresent(p *picture.Picture, m *Frontier) {
	if v.present == "" {
		return
	}
	l := &v.layout
	at := l.at(&m.Runs[0].goal)
	nx, ny := float32(0), float32(-1)
	if len(m.optima) > 1 {
		nx, ny = l.normal(m, m.beta)
	}
	t := picture.Label{Text: v.present, Size: 1.15 * l.size, Ink: picture.InkAccent, Bold: true}
	t.W = picture.TextWidth(t.Text, t.Size, true) + 2
	line, best := picture.LineHeight*t.Size, chart.Search{Cost: math.Inf(1)}
	off := 13*l.unit + 0.5*line
	for i, side := range [...]float32{-1, 1, -1.7, 1.7, -2.6, 2.6} {
		for k, lean := range [...]float32{0, 0.5, -0.5, 1, -1} {
			t.X = picture.Clamp(at.X+nx*side*(off+0.42*t.W*abs(nx))-t.W/2+lean*t.W, l.plot.X+2, max(l.right()-t.W, l.plot.X+2))
			t.Y = picture.Clamp(at.Y+ny*side*off-line/2, l.plot.Y-0.2*line, l.foot()-line)
			best.Consider(p, t, v.dense, 3*float64(i)+float64(k))
		}
	}
	if best.Cost < 1e6 {
		p.Plate(&best.Label)
		p.Text(best.Label)
	}
	if len(m.optima) > 1 {
		half := min(max(22, 14*l.unit), p.W/2, p.H/2)
		x, y := picture.Clamp(at.X-half, 0, p.W-2*half), picture.Clamp(at.Y-half, 0, p.H-2*half)
		p.Targets = append(p.Targets, picture.Target{X: x, Y: y, W: 2 * half, H: 2 * half, ID: Mark, Name: v.target, Drag: true})
	}
}

func abs(x float32) float32 { return max(x, -x) }

// nameMark writes the name of a run beside its mark, where it stood before if
// that is still as good, and with a line to the mark where it has to stand off.
func (v *View) nameMark(p *picture.Picture, t picture.Label, at picture.Point, run int) {
	l := &v.layout
	if t.W = 1.06*picture.TextWidth(t.Text, t.Size, t.Bold) + 3; t.W > 0.6*l.plot.W {
		t.W = 0.6 * l.plot.W
		t.W = t.Box().W + 1
	}
	line, off := picture.LineHeight*t.Size, 10*l.unit
	best, chosen := chart.Search{Cost: math.Inf(1)}, 0
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
		was := best.Cost
		if best.Consider(p, t, v.dense, cost); best.Cost < was {
			chosen = place
		}
	}
	if best.Cost >= 1e6 {
		return
	}
	v.places[run] = chosen
	if chosen >= 6 {
		l.lead(p, &best.Label, at)
	}
	p.Plate(&best.Label)
	p.Text(best.Label)
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
func (l *layout) lead(p *picture.Picture, t *picture.Label, at picture.Point) {
	b := t.Box()
	x, y := b.X, b.Y+b.H/2
	if at.X > b.X+b.W {
		x = b.X + b.W
	}
	p.Segment(x, y, at.X, at.Y, picture.Mark{Ink: t.Ink, Alpha: 0.5, Stroke: 0.8})
}

// inside tells whether a label is in the picture and not over the axes.
func (l *layout) inside(t *picture.Label) bool {
	b := t.Box()
	return b.X >= l.plot.X+2 && t.X+t.W <= l.w-2 && b.Y >= l.plot.Y-0.3*b.H && b.Y+b.H <= l.foot()-1
}
