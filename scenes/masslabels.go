package scenes

// digitHeight is how tall a digit stands on its baseline, in font sizes. What
// may not be touched of a label is its digits, not the whole of its line.
const digitHeight = 0.73

// place finds where the replies' percentages and changes stand, and how far out
// each reply's marks and words reach.
func (l *massLayout) place(labels []massLabel, m *Mass) {
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
func (l *massLayout) begin(t *massLabel, r *MassReply) {
	t.number = Label{Text: t.percent, Size: l.percent, Ink: InkText, Bold: true, W: TextWidth(t.percent, l.percent, true) + 1}
	t.delta = Label{Text: t.change, Size: l.change, Ink: InkRejected, W: TextWidth(t.change, l.change, false) + 1}
	if t.up {
		t.delta.Ink = InkChosen
	}
	t.out = l.reach(r)
	if !l.rows {
		t.stand = l.stand(l.out(r.Policy), l.out(r.Reference))
		t.out = max(t.out, t.stand+l.labelHeight())
	}
}

// placeInRow puts the percentage into its column: level with the bar, or on the
// first line of the text above it.
func (l *massLayout) placeInRow(t *massLabel, i int) {
	t.number.X, t.number.Y = l.rowValueAt(), l.reply(t, i).Y+baseline*(l.text-l.percent)
	if l.side > 0 {
		t.number.Y = l.across(i) - LineHeight*l.percent/2
	}
	t.delta.X = t.number.X + l.percentRoom()
	t.delta.Y = t.number.Y + baseline*(l.percent-l.change)
}

// stand is how far out a column's label begins. It stands on its bar. If its
// digits would meet the top of the reference's outline, it stands on that: it
// slides up with the outline, and drops back once when there is room below.
func (l *massLayout) stand(bar, outline float32) float32 {
	clear := 3 * l.unit
	onBar := bar + l.labelGap()
	if onBar+l.digitsTop()+clear <= outline {
		return onBar
	}
	return max(onBar, outline+clear-l.digitsFoot())
}

// digitsFoot and digitsTop are where a column label's digits begin and end,
// from where the label begins.
func (l *massLayout) digitsFoot() float32 { return (LineHeight - baseline) * l.percent }

func (l *massLayout) digitsTop() float32 {
	size := l.percent
	if l.stacked {
		size = l.change
	}
	return l.labelHeight() - (baseline-digitHeight)*size
}

// parted is how far a column's label has opened to let the optimum's marker
// through, from 0 to 1: fully where the marker is level with the digits.
func (l *massLayout) parted(stand float32, r *MassReply) float32 {
	if l.reached == Unknown {
		return 0
	}
	at, half := l.out(r.Optimum), l.markerReach()
	apart := max(stand+l.digitsFoot()-at-half, at-half-stand-l.digitsTop())
	return clamp(1-apart/(1.3*l.unit), 0, 1)
}

// placeOnBar puts percentage and change side by side, or one above the other.
// The marker passes between the two, or to the right of both.
func (l *massLayout) placeOnBar(t *massLabel, i int, parted float32) {
	middle, aside := l.across(i), l.diamond+l.stroke()+1.5*l.unit
	number, delta := &t.number, &t.delta
	number.Y = l.base - t.stand - LineHeight*l.percent
	if l.stacked {
		delta.Y = number.Y - LineHeight*l.change
		number.Align, delta.Align = AlignCentre, AlignCentre
		number.X = middle + mix(-number.W/2, -aside-number.W, parted)
		delta.X = middle + mix(-delta.W/2, -aside-delta.W, parted)
		return
	}
	delta.Y = number.Y + baseline*(number.Size-delta.Size)
	if t.change == "" {
		number.Align = AlignCentre
		number.X = middle + mix(-number.W/2, -aside-number.W, parted)
		return
	}
	// The two meet at a point, so that the gap between them is the same in
	// every font.
	end := (number.W - l.labelSpace() - delta.W) / 2
	start := end + l.labelSpace()
	number.Align = AlignEnd
	number.X = middle + mix(end, min(end, -aside), parted) - number.W
	delta.X = middle + mix(start, max(start, aside), parted)
}

// confine keeps a column's label inside its band, or a little beyond where the
// label next to it stands at another height. Only long numbers need it.
func (l *massLayout) confine(labels []massLabel, i int) {
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
func (l *massLayout) level(a, b *massLabel) bool {
	apart := a.stand - b.stand
	return max(apart, -apart) < l.labelHeight()
}

// plate lifts a label that stands inside the reference's outline off the
// outline's sides.
func (l *massLayout) plate(p *Picture, t *massLabel, r *MassReply) {
	if !l.rows && l.base-l.out(r.Reference) < t.number.Y {
		p.plate(&t.number)
		p.plate(&t.delta)
	}
}

// plate draws paper behind a label's digits.
func (p *Picture) plate(t *Label) {
	if t.Text != "" {
		p.rect(Bar{t.X - 1, t.Y + (baseline-digitHeight-0.08)*t.Size, t.W + 2, (digitHeight + 0.16) * t.Size}, InkPaper, 0.85, 2)
	}
}

// reply is the text of reply i, at the base line.
func (l *massLayout) reply(t *massLabel, i int) Label {
	text := Label{Text: t.text, Size: l.text, Lines: l.lines, Ink: InkText}
	if !l.rows {
		text.X, text.Y = l.first+float32(i)*l.band+3, l.base+1.25*l.diamond+3*l.unit
		text.W, text.Align = l.band-6, AlignCentre
		return text
	}
	text.X = l.rowTextAt()
	text.Y = l.first + float32(i)*l.band + max(0, baseline*(l.percent-l.text))
	text.W = l.w - text.X - pageMargin
	if l.side > 0 {
		text.W = l.side
		text.Y = l.across(i) - text.Box().H/2
	}
	return text
}

// focusOptimum writes the optimum's percentage beside its marker, for the reply
// that is pointed at, where that covers no other label.
func (l *massLayout) focusOptimum(p *Picture, v *MassView, m *Mass) {
	if m.Focus < 0 || m.Focus >= len(m.Replies) || l.reached == Unknown {
		return
	}
	optimum := m.Replies[m.Focus].Optimum
	at := l.point(l.across(m.Focus), l.out(optimum))
	t := Label{Text: v.percent(optimum), Size: max(l.change, leastTick), Ink: InkOptimum, Y: at.Y - l.change*0.61}
	t.W = TextWidth(t.Text, t.Size, false) + 1
	aside := l.diamond + l.stroke() + 2*l.unit
	places := [...]float32{at.X + aside, at.X - aside - t.W}
	if l.rows && m.hasPair() && (m.Focus == m.PairChosen || m.Focus == m.PairRejected) {
		places[0], places[1] = places[1], places[0] // the arc is at the right
	}
	for _, x := range places {
		t.X = x
		if p.isFree(t.Box().shrunk(-3)) {
			p.plate(&t)
			p.text(t)
			return
		}
	}
}

// isFree tells whether a rectangle is inside the picture and off its labels.
func (p *Picture) isFree(b Bar) bool {
	for i := range p.Labels {
		if b.overlaps(p.Labels[i].Box(), 0) {
			return false
		}
	}
	return b.X >= 0 && b.Y >= 0 && b.X+b.W <= p.W && b.Y+b.H <= p.H
}

func mix(a, b, t float32) float32 { return a + (b-a)*t }
