package data

import (
	"fmt"
	"math"
)

func CheckVote(k int, v *Pair) {
	if v.Chosen < 0 || v.Chosen >= k || v.Rejected < 0 || v.Rejected >= k || v.Chosen == v.Rejected {
		panic(fmt.Sprintf("core: a vote must compare two different ones of %d replies, not %d and %d", k, v.Chosen, v.Rejected))
	}
	if !(v.Count >= 0) || math.IsInf(v.Count, 1) {
		panic(fmt.Sprintf("core: a vote's count must be finite and not negative, not %v", v.Count))
	}
}

// CheckThumb panics on thumbs that are not of one of k replies, or no counts.
func CheckThumb(k int, t *Thumb) {
	if t.Reply < 0 || t.Reply >= k || !(t.Up >= 0 && t.Down >= 0) || math.IsInf(t.Up+t.Down, 1) {
		panic(fmt.Sprintf("core: thumbs must be finite counts of one of %d replies, not %v up and %v down of reply %d", k, t.Up, t.Down, t.Reply))
	}
}
