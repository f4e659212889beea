package picture

// captionLines is how many lines a link may take; longer ones are cut, and
// stand in full in the description.
const captionLines = 6

// Caption fills p with a picture and, under it, two lines for those who see it
// elsewhere: what it shows, and the link that leads back to the moment. The link
// may take more than one. font is the size of the page's text in pixels.
func (p *Picture) Caption(q *Picture, title, link string, font float32) {
	size := Clamp(0.8*font, 11, 20)
	wide := q.W - 2*PageMargin
	titleLines := float32(Wrap(title, size, true, wide, 2).N)
	linkLines := float32(Wrap(link, size, false, wide, captionLines).N)
	top := q.H + 0.6*size
	p.Reset(q.W, top+LineHeight*size*(titleLines+linkLines)+0.6*size)
	p.Append(q, 0, 0)
	p.Segment(PageMargin, q.H, q.W-PageMargin, q.H, Mark{Ink: InkLine, Alpha: 1, Stroke: 1})
	p.Text(Label{X: PageMargin, Y: top, W: wide, Text: title, Size: size, Lines: int(titleLines), Ink: InkText, Bold: true})
	p.Text(Label{X: PageMargin, Y: top + LineHeight*size*titleLines, W: wide, Text: link, Size: size, Lines: int(linkLines), Ink: InkSoft})
	p.Title, p.Desc = q.Title, q.Desc+" "+link
}
