package loss

import (
	"math"
	"strconv"

	"dpoplayground/core/census"
	"dpoplayground/core/num"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// mixed adds what is visible of a number to a key.
func mixed(key uint64, x int64) uint64 {
	key = (key ^ uint64(x)) * 1099511628211
	return key ^ key>>29
}

// shownAs is what threeDigits shows of a number.
func shownAs(x float64) int64 {
	a := math.Abs(x)
	switch {
	case math.IsNaN(x):
		return math.MinInt64
	case a < words.Noise:
		return 0
	case a > 1e300:
		return int64(math.Copysign(1e18, x))
	}
	e := math.Floor(math.Log10(a))
	return int64(e)<<16 + int64(math.Round(x/math.Pow(10, e-2)))
}

// threeDigits writes three significant digits.
func threeDigits(x float64) string {
	if math.Abs(x) < words.Noise {
		return "0"
	}
	return words.Digits(x, 3)
}

// plus is threeDigits with a sign before what is above 0.
func plus(x float64) string {
	if x >= words.Noise {
		return "+" + threeDigits(x)
	}
	return threeDigits(x)
}

// A tableRow is one number of the picked pair.
type tableRow struct {
	name  string
	value string
	kept  words.Kept[uint64]
}

// phrases are the view's sentences, taken apart.
type phrases struct {
	alike, hardest string // alike as wide as it gets
	rows           [rowCount]string
}

// The rows of numbers.
const (
	rowGap = iota
	rowRewardGap
	rowLoss
	rowWeight
	rowPush
	rowPushChosen
	rowPushRejected
	rowPull
	rowBalance
	rowHeaded
	rowLimit
	rowCount
)

var rowKeys = [rowCount]string{
	"loss.row.gap", "loss.row.reward.gap", "loss.row.loss",
	"loss.row.weight", "loss.row.push", "loss.row.push.chosen", "loss.row.push.rejected",
	"loss.row.pull", "loss.row.balance", "loss.row.headed", "loss.row.limit",
}

func newPhrases(words words.Words) phrases {
	f := phrases{alike: words.Say("loss.alike", "n", "9"), hardest: words.Say("loss.hardest")}
	for i, key := range rowKeys {
		f.rows[i] = words.Say(key)
	}
	return f
}

// layRows lists the picked pair's numbers.
func (v *View) layRows(m *Loss) {
	n := 0
	add := func(row int, x float64, text func(float64) string) {
		if n == len(v.rows) {
			v.rows = append(v.rows, tableRow{})
		}
		r := &v.rows[n]
		n++
		r.name = v.phrases.rows[row]
		key := mixed(mixed(14695981039346656037, int64(row)), shownAs(x))
		r.value = r.kept.Say(key, func() string { return text(x) })
	}
	if m.hasPicked {
		m.eachRow(add)
	}
	v.rows = v.rows[:n]
}

// addRow adds one number of the picked pair.
type addRow func(row int, x float64, text func(float64) string)

// eachRow goes through the picked pair's numbers.
func (m *Loss) eachRow(add addRow) {
	b, gap := &m.Picked, rowGap
	if m.rewards {
		gap = rowRewardGap
	}
	add(gap, b.H, plus)
	switch {
	case m.curved():
		m.curvedRows(add)
	case m.rewards:
		add(rowLoss, b.Loss, threeDigits)
	default:
		add(rowLoss, b.Loss, threeDigits)
		add(rowPushChosen, b.Push[0], plus)
		add(rowPushRejected, b.Push[1], plus)
		add(rowPull, b.Net(), plus)
	}
}

// curvedRows goes through those that only a loss with a curve has.
func (m *Loss) curvedRows(add addRow) {
	b := &m.Picked
	add(rowLoss, b.Loss, threeDigits)
	if m.curve.Loss().Margin.Logistic {
		add(rowWeight, num.Sigmoid(m.curve.Loss().Margin.Shift-b.H/m.curve.Unit()), threeDigits)
	}
	add(rowPush, -b.Slope, plus)
	add(rowPull, b.Net(), plus)
	switch {
	case m.rewards || m.reached == picture.Unknown:
	case m.reached == picture.NeverReached:
		add(rowLimit, m.headed, plus)
	default:
		add(rowHeaded, m.headed, plus)
	}
	if m.balances {
		add(rowBalance, m.balance, plus)
	}
}

// drawNumbers writes the picked pair's numbers, and where there is room the
// pairs that are pulled hardest.
func (v *View) drawNumbers(p *picture.Picture, m *Loss, l *layout) {
	if !m.hasPicked || m.beadCount == 0 {
		v.empty(p, m, l)
		return
	}
	b, size := l.block, l.size
	for i, text := range v.pairLines(m, &v.titled, &m.Picked.Bead) {
		p.Text(picture.Label{X: b.X, Y: b.Y + float32(i*l.titleLines)*l.line, W: b.W, Text: text, Size: size, Lines: l.titleLines, Ink: [2]picture.Ink{picture.InkChosen, picture.InkRejected}[i], Bold: true})
	}
	v.drawVotes(p, m, l, b.Y+float32(2*l.titleLines)*l.line+0.15*l.line)
	top, row := b.Y+l.blockHead(), rowSpacing*size
	lines := (l.rows + l.columns - 1) / max(l.columns, 1)
	wide := (b.W - float32(l.columns-1)*2*size) / float32(l.columns)
	for i := range l.rows {
		r := &v.rows[i]
		x, y := b.X+float32(i/lines)*(wide+2*size), top+float32(i%lines)*row
		room := min(picture.TextWidth(r.value, size, true)+3, wide-14)
		p.Text(picture.Label{X: x, Y: y, W: max(wide-room-4, 10), Text: r.name, Size: size, Ink: picture.InkSoft})
		p.Text(picture.Label{X: x + wide - room, Y: y, W: room, Text: r.value, Size: size, Ink: picture.InkText, Bold: true, Align: picture.AlignEnd})
	}
	v.drawHardest(p, m, l, top+float32(lines)*row+0.9*l.line)
}

// empty says that there are no votes.
func (v *View) empty(p *picture.Picture, m *Loss, l *layout) {
	if m.waiting {
		return
	}
	t := picture.Label{Text: m.empty, Size: l.size, Lines: 3, Ink: picture.InkText, Align: picture.AlignCentre}
	t.W = min(0.8*l.plot.W, 30*l.size)
	t.X, t.Y = l.plot.X+(l.plot.W-t.W)/2, l.plot.Y+l.plot.H/2-2*l.line
	for range 24 {
		if p.IsFree(t.Box()) {
			p.Rect(t.Box().Shrunk(-3), picture.InkPaper, 0.9, 3)
			p.Text(t)
			return
		}
		t.Y += l.line / 2
	}
}

// pairLines names an order of two replies in two lines, which it keeps.
func (v *View) pairLines(m *Loss, kept *[2]words.Kept[uint64], b *census.Bead) [2]string {
	var out [2]string
	for i, k := range [2]int{b.Chosen, b.Rejected} {
		key := mixed(mixed(mixed(7, int64(m.edition)), int64(i)), int64(k))
		out[i] = kept[i].Say(key, func() string {
			return v.words.Say([2]string{"loss.chosen", "loss.rejected"}[i], "text", v.reply(m, k, 80))
		})
	}
	return out
}

// reply is the text of a reply, cut to so many characters.
func (v *View) reply(m *Loss, k, most int) string {
	if k >= len(m.replies) || m.replies[k].Text == "" {
		return v.words.Say("mass.empty")
	}
	return read.Cut(m.replies[k].Text, most)
}

// order names an order of two replies, each cut to so many characters.
func (v *View) order(m *Loss, chosen, rejected, most int) string {
	return v.words.Say("loss.pair", "chosen", v.reply(m, chosen, most), "rejected", v.reply(m, rejected, most))
}

// drawVotes says how many votes there are for and against, in the inks of their
// beads.
func (v *View) drawVotes(p *picture.Picture, m *Loss, l *layout, y float32) {
	x, r := l.block.X, 0.32*l.size
	for i, n := range [2]float64{m.Picked.Votes, m.Picked.Against} {
		t, ink := &v.votes[i], [2]picture.Ink{picture.InkChosen, picture.InkRejected}[i]
		key := mixed(mixed(9, int64(i)), int64(math.Round(n*100)))
		t.Say(key, func() string { return v.words.Say([2]string{"loss.for", "loss.against"}[i], "n", words.Count(n)) })
		l.ring(p, x+r+1, y+l.line/2, r, ink, true)
		wide := min(picture.TextWidth(t.Text, l.size, true)+2, l.block.X+l.block.W-x-2*r-6)
		p.Text(picture.Label{X: x + 2*r + 6, Y: y, W: wide, Text: t.Text, Size: l.size, Ink: ink, Bold: true})
		x += 2*r + wide + 6 + l.size
	}
}

// drawHardest lists the pairs that are pulled hardest, as many as there is room for,
// and writes their places beside their beads.
func (v *View) drawHardest(p *picture.Picture, m *Loss, l *layout, y float32) {
	item := 2 * l.line
	n := min(mostHardest, int((l.block.Y+l.block.H-y-1.25*l.line)/l.listItem()))
	if n < 1 || v.hardest[0].bead < 0 {
		return
	}
	b := l.block
	p.Segment(b.X, y-0.35*l.line, b.X+b.W, y-0.35*l.line, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1})
	p.Text(picture.Label{X: b.X, Y: y, W: b.W, Text: v.phrases.hardest, Size: l.size, Ink: picture.InkSoft})
	y += 1.25 * l.line
	for i := range n {
		h := v.hardest[i]
		if h.bead < 0 {
			return
		}
		q := &m.Beads[h.bead]
		number := 1.3 * l.size
		p.Text(picture.Label{X: b.X, Y: y, W: number, Text: digitTexts[i], Size: l.size, Ink: picture.InkPolicy, Bold: true})
		for side, text := range v.pairLines(m, &v.listed[i], q) {
			p.Text(picture.Label{X: b.X + number, Y: y + float32(side)*l.line, W: b.W - number, Text: text, Size: l.size, Ink: picture.InkText})
		}
		long := (b.W - number) * float32(min(h.net/max(v.hardest[0].net, 1e-300), 1))
		at := y + item + 1
		p.Rect(picture.Bar{b.X + number, at, max(long, 1), 3}, picture.InkPolicy, 0.7, 1.5)
		y = at + 7
		l.number(p, m, q, i)
	}
}

var digitTexts = [mostHardest]string{"1", "2", "3"}

// number writes a place in the list beside a bead.
func (l *layout) number(p *picture.Picture, m *Loss, b *census.Bead, place int) {
	if !shownBead(b) {
		return
	}
	at, r := picture.Point{l.x(b.H), l.y(b.Loss)}, l.radius(b.Votes/max(m.votes, 1e-300))
	t := picture.Label{Text: digitTexts[place], Size: l.size, Ink: picture.InkPolicy, Bold: true}
	t.W = picture.TextWidth(t.Text, t.Size, true) + 1
	for _, q := range [...]picture.Point{{at.X + 0.6*r + 1, at.Y - r - l.line}, {at.X - t.W/2, at.Y - r - l.line - 1}, {at.X - t.W/2, at.Y + r + 1}, {at.X - t.W - r - 2, at.Y + 0.5*r}, {at.X - t.W/2, at.Y - r - 1.7*l.line}, {at.X - t.W/2, at.Y + r + 0.7*l.line}} {
		if t.X, t.Y = q.X, q.Y; t.X > l.plot.X && t.Y > l.plot.Y && p.IsFree(t.Box().Shrunk(-1)) && !p.Covers(t.Box().Shrunk(1)) {
			p.Text(t)
			return
		}
	}
}

// beadName is what a bead's target is called.
func (v *View) beadName(m *Loss, i int) string {
	b, t := &m.Beads[i], &v.names[i]
	key := mixed(mixed(mixed(mixed(mixed(mixed(13, int64(m.edition)), int64(BeadID(b.Chosen, b.Rejected))), shownAs(b.Votes)), shownAs(b.H)), shownAs(b.Loss)), shownAs(b.SlopeInMargin()))
	return t.Say(key, func() string {
		return v.words.Say("loss.bead", "pair", v.order(m, b.Chosen, b.Rejected, 60),
			"votes", words.Count(b.Votes), "h", threeDigits(b.H), "loss", threeDigits(b.Loss), "pull", threeDigits(b.SlopeInMargin()))
	})
}

// describe fills the picture's words.
func (v *View) describe(p *picture.Picture, m *Loss) {
	key := mixed(mixed(mixed(mixed(17, int64(m.edition)), int64(m.step)), int64(m.beadCount)), shownAs(m.votes))
	if m.hasPicked {
		b := &m.Picked
		key = mixed(mixed(mixed(mixed(key, int64(BeadID(b.Chosen, b.Rejected))), shownAs(b.H)), shownAs(b.Loss)), shownAs(b.SlopeInMargin()))
		key = mixed(mixed(key, shownAs(b.Votes)), shownAs(b.Against))
	}
	if h := v.hardest[0].bead; h >= 0 && h < len(m.Beads) {
		key = mixed(key, int64(BeadID(m.Beads[h].Chosen, m.Beads[h].Rejected)))
	}
	p.Title, p.Desc = m.title, v.desc.Say(key, func() string { return v.told(m) })
}

func (v *View) told(m *Loss) string {
	s := v.words.Say("loss.desc", "step", strconv.Itoa(m.step), "count", strconv.Itoa(m.beadCount), "votes", words.Count(m.votes))
	if m.beadCount == 0 && !m.waiting {
		s = m.empty
	}
	if h := v.hardest[0].bead; h >= 0 && h < len(m.Beads) {
		q := &m.Beads[h]
		s += " " + v.words.Say("loss.desc.hardest", "pair", v.order(m, q.Chosen, q.Rejected, 60))
	}
	if b := &m.Picked; m.hasPicked && m.beadCount > 0 {
		s += " " + v.words.Say("loss.desc.picked", "pair", v.order(m, b.Chosen, b.Rejected, 60), "h", threeDigits(b.H), "loss", threeDigits(b.Loss),
			"for", words.Count(b.Votes), "against", words.Count(b.Against))
		if m.balances && m.curved() {
			s += " " + v.words.Say("loss.desc.balance", "h", threeDigits(m.balance))
		}
	}
	for _, n := range m.notes {
		s += " " + n
	}
	return s
}
