package data

import (
	"slices"

	"dpoplayground/core/num"
)

// A Coupling matches two weighted samples of numbers in ascending order, which
// is the optimal transport between them for every convex cost of the difference
// (Santambrogio, Optimal Transport for Applied Mathematicians, §2.2). It keeps
// its room.
type Coupling struct {
	Matches        []Match
	orderX, orderY []int
}

// A Match sends a weight from the number with index X of the first sample to
// the one with index Y of the second.
type Match struct {
	X, Y   int
	Weight float64
}

// Match returns the matches in ascending order; they are overwritten by the
// next call. Weights of nil are all 1. Equal numbers keep the order they came
// in. If the total weights differ, each sample's are multiplied by the other's
// total.
func (c *Coupling) Match(x, y, wx, wy []float64) []Match {
	c.orderX, c.orderY = ascending(c.orderX, x), ascending(c.orderY, y)
	c.Matches = c.Matches[:0]
	scaleX, scaleY := num.Total(wy, len(y)), num.Total(wx, len(x))
	if scaleX == scaleY {
		scaleX, scaleY = 1, 1
	}
	i, j := 0, 0
	var leftX, leftY float64
	for {
		if leftX == 0 {
			if i == len(x) {
				return c.Matches
			}
			leftX = float64(scaleX * num.At(wx, c.orderX[i], 1))
			i++
		} else if leftY == 0 {
			if j == len(y) {
				return c.Matches
			}
			leftY = float64(scaleY * num.At(wy, c.orderY[j], 1))
			j++
		} else {
			w := min(leftX, leftY)
			c.Matches = append(c.Matches, Match{c.orderX[i-1], c.orderY[j-1], w})
			leftX -= w
			leftY -= w
		}
	}
}

// ascending fills order with the indices of x, sorted by value, then index.
func ascending(order []int, x []float64) []int {
	order = order[:0]
	for i := range x {
		order = append(order, i)
	}
	slices.SortFunc(order, func(i, j int) int {
		switch {
		case x[i] < x[j]:
			return -1
		case x[i] > x[j]:
			return 1
		}
		return i - j
	})
	return order
}
