package mass

import "dpoplayground/scenes/picture"

// place finds where the replies' percentages and changes stand, and how far out
// each reply's marks and words reach.
func (l *layout) place(labels []label, m *Mass) {
	for i := range labels {
		l.begin(&labels[i], &m.Replies[i])
	}
	for i := range labels {
		t := &labels[i]
		if l.rows {
			l.placeInRow(t, i)
			continue
		}
		l.placeOnBar(t, i, l.parted(t.stand, &m.Replies[i]))
		l.confine(labels, i)
	}
}

// begin makes a reply's labels, still without a place across.
func (l *layout) begin(t *label, r *Reply) {
	t.number = picture.Label{Text: t.percent, Size: l.percent, Ink: picture.InkText, Bold: true, W: picture.TextWidth(t.percent, l.percent, true) + 1}
	t.delta = picture.Label{Text: t.change, Size: l.change, Ink: picture.InkRejected, W: picture.TextWidth(t.change, l.change, false) + 1}
	if t.up {
		t.delta.Ink = picture.InkChosen
	}
	t.out = l.reach(r)
	if !l.rows {
		t.stand = l.stand(l.out(r.Policy), l.out(r.Reference))
		t.out = max(t.out, t.stand+l.labelHeight())
	}
}

// placeInRow puts the percentage into its column: level with the bar, or on the
// first line of the text above it.
func (l *layout) placeInRow(t *label, i int) {
	t.number.X, t.number.Y = l.rowValueAt(), l.reply(t, i).Y+picture.Baseline*(l.text-l.percent)
	if l.side > 0 {
		t.number.Y = l.across(i) - picture.LineHeight*l.percent/2
	}
	t.delta.X = t.number.X + l.percentRoom()
	t.delta.Y = t.number.Y + picture.Baseline*(l.percent-l.change)
}

// stand is how far out a column's label begins. It stands on its bar. If its
// digits would meet the top of the reference's outline, it stands on that: it
// slides up with the outline, and drops back once when there is room below.
func (l *layout) stand(bar, outline float32) float32 {
	clear := 3 * l.unit
	onBar := bar + l.labelGap()
	if onBar+l.digitsTop()+clear <= outline {
		return onBar
	}
	return max(onBar, outline+clear-l.digitsFoot())
}

// digitsFoot and digitsTop are where a column label's digits begin and end,
// from where the label begins.
func (l *layout) digitsFoot() float32 { return (picture.LineHeight - picture.Baseline) * l.percent }

func (l *layout) digitsTop() float32 {
	size := l.percent
	if l.stacked {
		size = l.change
	}
	return l.labelHeight() - (picture.Baseline-picture.DigitHeight)*size
}

// parted is how far a column's label has opened to let the optimum's marker
// through, from 0 to 1: fully where the marker is level with the digits.
func (l *layout) parted(stand float32, r *Reply) float32 {
	if l.reached == picture.Unknown {
		return 0
	}
	at, half := l.out(r.Optimum), l.markerReach()
	apart := max(stand+l.digitsFoot()-at-half, at-half-stand-l.digitsTop())
	return picture.Clamp(1-apart/(1.3*l.unit), 0, 1)
}

// placeOnBar puts percentage and change side by side, or one above the other.
// The marker passes between the two, or to the right of both.
func (l *layout) placeOnBar(t *label, i int, parted float32) {
	middle, aside := l.across(i), l.diamond+l.stroke()+1.5*l.unit
	number, delta := &t.number, &t.delta
	number.Y = l.base - t.stand - picture.LineHeight*l.percent
	if l.stacked {
		delta.Y = number.Y - picture.LineHeight*l.change
		number.Align, delta.Align = picture.AlignCentre, picture.AlignCentre
		number.X = middle + picture.Mix(-number.W/2, -aside-number.W, parted)
		delta.X = middle + picture.Mix(-delta.W/2, -aside-delta.W, parted)
		return
	}
	delta.Y = number.Y + picture.Baseline*(number.Size-delta.Size)
	if t.change == "" {
		number.Align = picture.AlignCentre
		number.X = middle + picture.Mix(-number.W/2, -aside-number.W, parted)
		return
	}
	// The two meet at a point, so that the gap between them is the same in
	// every font.
	end := (number.W - l.labelSpace() - delta.W) / 2
	start := end + l.labelSpace()
	number.Align = picture.AlignEnd
	number.X = middle + picture.Mix(end, min(end, -aside), parted) - number.W
	delta.X = middle + picture.Mix(start, max(start, aside), parted)
}

// confine keeps a column's label inside its band, or a little beyond where the
// label next to it stands at another height. Only long numbers need it.
func (l *layout) confine(labels []label, i int) {
	t := &labels[i]
	low := l.first + float32(i)*l.band
	high := low + l.band
	if i > 0 && !l.level(t, &labels[i-1]) {
		low -= 0.3 * l.band
	}
	if i+1 < len(labels) && !l.level(t, &labels[i+1]) {
		high += 0.3 * l.band
	}
	t.number.X = max(t.number.X, low)
	t.delta.X = min(t.delta.X, high-t.delta.W)
	if l.stacked {
		t.delta.X = max(t.delta.X, low)
	} else {
		t.delta.X = max(t.delta.X, t.number.X+t.number.W+1)
		over := max(0, t.delta.X+t.delta.W+3-l.w)
		t.number.X, t.delta.X = t.number.X-over, t.delta.X-over
	}
}

// level tells whether two columns' labels share a height.
func (l *layout) level(a, b *label) bool {
	apart := a.stand - b.stand
	return max(apart, -apart) < l.labelHeight()
}

// plate lifts a label that stands inside the reference's outline off the
// outline's sides.
func (l *layout) plate(p *picture.Picture, t *label, r *Reply) {
	if !l.rows && l.base-l.out(r.Reference) < t.number.Y {
		p.Plate(&t.number)
		p.Plate(&t.delta)
	}
}

// reply is the text of reply i, at the base line.
func (l *layout) reply(t *label, i int) picture.Label {
	text := picture.Label{Text: t.text, Size: l.text, Lines: l.lines, Ink: picture.InkText}
	if !l.rows {
		text.X, text.Y = l.first+float32(i)*l.band+3, l.base+1.25*l.diamond+3*l.unit
		text.W, text.Align = l.band-6, picture.AlignCentre
		return text
	}
	text.X = l.rowTextAt()
	text.Y = l.first + float32(i)*l.band + max(0, picture.Baseline*(l.percent-l.text))
	text.W = l.w - text.X - picture.PageMargin
	if l.side > 0 {
		text.W = l.side
		text.Y = l.across(i) - text.Box().H/2
	}
	return text
}

// focusOptimum writes the optimum's percentage beside its marker, for the reply
// that is pointed at, where that covers no other label.
func (l *layout) focusOptimum(p *picture.Picture, v *View, m *Mass) {
	if m.Focus < 0 || m.Focus >= len(m.Replies) || l.reached == picture.Unknown {
		return
	}
	optimum := m.Replies[m.Focus].Optimum
	at := l.point(l.across(m.Focus), l.out(optimum))
	t := picture.Label{Text: v.percent(optimum), Size: max(l.change, picture.LeastTick), Ink: picture.InkOptimum, Y: at.Y - l.change*0.61}
	t.W = picture.TextWidth(t.Text, t.Size, false) + 1
	aside := l.diamond + l.stroke() + 2*l.unit
	places := [...]float32{at.X + aside, at.X - aside - t.W}
	if l.rows && m.hasPair() && (m.Focus == m.PairChosen || m.Focus == m.PairRejected) {
		places[0], places[1] = places[1], places[0] // the arc is at the right
	}
	for _, x := range places {
		t.X = x
		if p.IsFree(t.Box().Shrunk(-3)) {
			p.Plate(&t)
			p.Text(t)
			return
		}
	}
}
