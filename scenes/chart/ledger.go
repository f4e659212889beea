package chart

import (
	"math"
	"strconv"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// A Ledger is who gave probability to whom over a span of steps: replies that
// gave stand on the left, replies that got on the right, and a band joins each
// giver to each taker, as wide as what went over, net. A reply may stand on both
// sides.
type Ledger struct {
	Replies  []string  // names of the K replies, or groups of them
	Net      []float64 // Net[j*K+k] is the probability that went from j to k
	From, To int       // steps
	Font     float32   // size of the page's text in pixels; 0 for 16

	left, right []account
}

// An account is one reply's on one side.
type account struct {
	reply  int
	amount float64
	bar    picture.Bar
	used   float32 // how much of the bar has bands
}

// leastMoved is the least probability that is shown: half a tenth of a point.
const leastMoved = 0.0005

// ledgerBar is the width of the bars in pixels.
const ledgerBar = 7

// Height returns the height that a picture of the ledger takes well.
func (s *Ledger) Height() float32 {
	s.balance()
	line := picture.LineHeight * Text(s.Font)
	rows := float32(max(len(s.left), len(s.right), 2))
	return rows*(2*line+4) + 110
}

// Draw fills p with the ledger in w×h pixels.
func (s *Ledger) Draw(p *picture.Picture, words words.Words, w, h float32) {
	p.Reset(w, h)
	s.balance()
	s.describe(p, words)
	size := Text(s.Font)
	if len(s.left) == 0 {
		p.Text(picture.Label{X: 2, Y: h/2 - size, W: w - 4, Text: words.Say("ledger.none"), Size: size, Lines: 2, Ink: picture.InkSoft, Align: picture.AlignCentre})
		return
	}
	column := w * 0.33
	scale := s.scale(h, size)
	place(s.left, column, scale, h)
	place(s.right, w-column-ledgerBar, scale, h)
	s.bands(p, scale)
	for _, a := range s.left {
		p.Rect(a.bar, picture.InkReference, 1, 1)
		s.name(p, words, &a, "ledger.gave", picture.Label{X: 0, W: column - 7, Size: size, Align: picture.AlignEnd})
	}
	for _, a := range s.right {
		p.Rect(a.bar, picture.InkText, 1, 1)
		s.name(p, words, &a, "ledger.got", picture.Label{X: w - column + 7, W: column - 7, Size: size})
	}
}

// balance finds who gave and who got how much.
func (s *Ledger) balance() {
	s.left, s.right = s.left[:0], s.right[:0]
	for k := range s.Replies {
		gave, got := 0.0, 0.0
		for j := range s.Replies {
			gave += math.Max(0, s.net(k, j))
			got += math.Max(0, s.net(j, k))
		}
		if gave >= leastMoved {
			s.left = append(s.left, account{reply: k, amount: gave})
		}
		if got >= leastMoved {
			s.right = append(s.right, account{reply: k, amount: got})
		}
	}
	if len(s.left) == 0 || len(s.right) == 0 {
		s.left, s.right = s.left[:0], s.right[:0]
	}
}

func (s *Ledger) net(j, k int) float64 { return s.Net[j*len(s.Replies)+k] }

// total is what changed hands.
func (s *Ledger) total() (sum float64) {
	for i := range s.left {
		sum += s.left[i].amount
	}
	return sum
}

// scale is how many pixels a probability of 1 is: what the names leave.
func (s *Ledger) scale(h, size float32) float32 {
	total := 0.0
	for _, side := range [2][]account{s.left, s.right} {
		sum := 0.0
		for i := range side {
			sum += side[i].amount
		}
		total = math.Max(total, sum)
	}
	rows := float32(max(len(s.left), len(s.right)))
	return max(0, h-rows*(2*picture.LineHeight*size+2)) / float32(total)
}

// place sets the bars of one side, evenly spaced over the height.
func place(side []account, x, scale, h float32) {
	free := h
	for i := range side {
		free -= scale * float32(side[i].amount)
	}
	gap := free / float32(len(side))
	y := gap / 2
	for i := range side {
		tall := scale * float32(side[i].amount)
		side[i].bar, side[i].used = picture.Bar{x, y, ledgerBar, tall}, 0
		y += tall + gap
	}
}

// bands joins givers to takers, each side in the order of the other, so that
// bands cross as little as can be.
func (s *Ledger) bands(p *picture.Picture, scale float32) {
	for i := range s.left {
		for k := range s.right {
			from, to := &s.left[i], &s.right[k]
			m := s.net(from.reply, to.reply)
			if m <= 0 {
				continue
			}
			wide := float32(m) * scale
			p.Band(from.bar.X+ledgerBar, from.bar.Y+from.used, to.bar.X, to.bar.Y+to.used, wide)
			from.used += wide
			to.used += wide
		}
	}
}

// name writes a reply and its amount beside its bar.
func (s *Ledger) name(p *picture.Picture, w words.Words, a *account, key string, l picture.Label) {
	line := picture.LineHeight * l.Size
	middle := a.bar.Y + a.bar.H/2
	l.Text, l.Y, l.Ink, l.Lines = s.Replies[a.reply], middle-line, picture.InkText, 1
	p.Text(l)
	l.Text, l.Y, l.Ink = w.Say(key, "n", words.Percent(a.amount)), middle, picture.InkSoft
	p.Text(l)
}

// describe fills the ledger's words.
func (s *Ledger) describe(p *picture.Picture, w words.Words) {
	from, to := strconv.Itoa(s.From), strconv.Itoa(s.To)
	p.Title = w.Say("ledger.of", "from", from, "to", to)
	if len(s.left) == 0 {
		p.Desc = w.Say("ledger.none")
		return
	}
	p.Desc = w.Say("ledger.desc", "points", words.Percent(s.total()), "from", from, "to", to)
	giver, taker := 0, 0
	for j := range s.Replies {
		for k := range s.Replies {
			if s.net(j, k) > s.net(giver, taker) {
				giver, taker = j, k
			}
		}
	}
	p.Desc += " " + w.Say("ledger.desc.most", "points", words.Percent(s.net(giver, taker)), "giver", s.Replies[giver], "taker", s.Replies[taker])
}
