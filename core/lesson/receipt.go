package lesson

import (
	"slices"
	"strconv"
	"strings"
)

// Receipt writes what a reader did in a lesson as one line: the lesson's name, each
// answered step with its answer, counted from 1, and + or − where it can be right or
// wrong, then the page's state, and a check that finds typing errors. right tells of a
// step, from 0, whether its answer is right.
func (l *Lesson) Receipt(name string, bets map[int]string, right func(step int) bool, state string) string {
	var b strings.Builder
	b.WriteString("dpo1 " + name)
	for i := range l.Steps {
		bet, placed := bets[i]
		if !placed {
			continue
		}
		if l.Steps[i].Ask.Kind == Choices {
			n, _ := strconv.Atoi(bet)
			bet = strconv.Itoa(n + 1)
		}
		b.WriteString(" " + itoa(i+1) + "=" + bet)
		if l.Steps[i].Ask.HasRight() {
			b.WriteString(map[bool]string{true: "+", false: "-"}[right(i)])
		}
	}
	b.WriteString(" #" + state)
	return b.String() + " check=" + itoa(Check(b.String()))
}

// checkModulus is a prime, so that any one wrong byte and any two that changed places
// change the check.
const checkModulus = 65521

// Check returns the check of a text's bytes: the text read as a number in base 257,
// modulo 65521. It finds typing errors. It keeps nobody from cheating.
func Check(text string) int {
	sum := 0
	for _, b := range []byte(text) {
		sum = (sum*257 + int(b)) % checkModulus
	}
	return sum
}

// IsRight tells whether an answer to a question is right; truth is the number that a
// guess is of.
func (q *Question) IsRight(bet string, truth float64) bool {
	if q.Kind == Choices {
		i, err := strconv.Atoi(bet)
		return err == nil && i >= 0 && i < len(q.Choices) && q.Choices[i].Right
	}
	x, err := strconv.ParseFloat(bet, 64)
	return err == nil && slices.Max([]float64{x - truth, truth - x}) <= q.Within
}
