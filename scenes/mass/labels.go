package mass

import "dpoplayground/scenes/picture"

// place puts the percentage and the change of each reply beyond its bar and its
// reference, which are then never under them.
func (l *layout) place(labels []label, m *Mass) {
	for i := range labels {
		t, r := &labels[i], &m.Replies[i]
		middle := l.top(i) + l.thick/2
		t.number = picture.Label{Text: t.percent, Size: l.percent, Ink: picture.InkText, Bold: true, W: picture.TextWidth(t.percent, l.percent, true) + 1}
		t.delta = picture.Label{Text: t.change, Size: l.change, Ink: picture.InkSoft, W: picture.TextWidth(t.change, l.change, false) + 1}
		t.number.X = l.beyond(r, i) + l.valueGap()
		t.number.Y = middle - picture.LineHeight*l.percent/2
		t.delta.X = t.number.X + t.number.W + l.changeGap()
		t.delta.Y = t.number.Y + picture.Baseline*(l.percent-l.change)
	}
}

// beyond is the x where nothing of reply i's bar is to the right: no bar, no
// post, and no marker if its row is so low that it reaches up to the digits.
func (l *layout) beyond(r *Reply, i int) float32 {
	x := max(l.at(r.Policy), l.at(r.Reference)+l.postWidth()/2)
	digits := l.top(i) + l.thick/2 + picture.DigitHeight*l.percent/2
	if l.reached != picture.Unknown && l.way(i)-1.25*l.diamond < digits {
		x = max(x, min(l.at(r.Optimum)+l.diamond, l.at(1)))
	}
	return x
}

// reply is the text of reply i. The two of the selected pair are in their
// colours.
func (l *layout) reply(t *label, m *Mass, i int) picture.Label {
	text := picture.Label{Text: t.text, Size: l.text, Lines: l.lines, Ink: picture.InkText}
	if m.hasPair() && i == m.PairChosen {
		text.Ink = picture.InkChosen
	} else if m.hasPair() && i == m.PairRejected {
		text.Ink = picture.InkRejected
	}
	if l.side > 0 {
		text.X, text.W, text.Align = picture.PageMargin, l.side, picture.AlignEnd
		text.Y = picture.Clamp(l.top(i)+l.thick/2-text.Box().H/2, l.cell(i).Y, l.cell(i).Y+l.band-text.Box().H)
		return text
	}
	text.X, text.W = l.base+1, l.w-l.base-picture.PageMargin-1
	text.Y = l.cell(i).Y + l.head - 1 - text.Box().H
	return text
}

// focusOptimum writes the optimum's percentage beside its marker, for the reply
// that is pointed at, where that covers no other label.
func (l *layout) focusOptimum(p *picture.Picture, v *View, m *Mass) {
	if m.Focus < 0 || m.Focus >= len(m.Replies) || l.reached == picture.Unknown {
		return
	}
	optimum := m.Replies[m.Focus].Optimum
	x, y := l.at(optimum), l.way(m.Focus)
	t := picture.Label{Text: v.percent(optimum), Size: max(l.change, picture.LeastTick), Ink: picture.InkOptimum, Y: y - l.change*0.61}
	t.W = picture.TextWidth(t.Text, t.Size, false) + 1
	aside := l.diamond + l.stroke() + 2*l.unit
	for _, x := range [...]float32{x + aside, x - aside - t.W} {
		t.X = x
		if p.IsFree(t.Box().Shrunk(-1)) {
			p.Plate(&t)
			p.Text(t)
			return
		}
	}
}
