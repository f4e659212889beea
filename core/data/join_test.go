package data

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// said counts what a data set says, by texts.
func said(d *Dataset) map[string]float64 {
	counts := map[string]float64{}
	for _, p := range d.Pairs {
		q := d.Prompts[p.Prompt]
		counts[q.Text+"|"+q.Replies[p.Chosen].Text+">"+q.Replies[p.Rejected].Text] += p.Count
	}
	for _, t := range d.Thumbs {
		q := d.Prompts[t.Prompt]
		counts[q.Text+"|"+q.Replies[t.Reply].Text+"+"] += t.Up
		counts[q.Text+"|"+q.Replies[t.Reply].Text+"-"] += t.Down
	}
	return counts
}

// randomSet has few texts, so that two sets share some.
func randomSet(rng *rand.Rand) *Dataset {
	d := &Dataset{}
	for _, i := range rng.Perm(5)[:1+rng.IntN(4)] {
		p := Prompt{Text: fmt.Sprintf("p%d", i)}
		for _, k := range rng.Perm(6)[:2+rng.IntN(4)] {
			p.Replies = append(p.Replies, Reply{Text: fmt.Sprintf("r%d", k)})
		}
		d.Prompts = append(d.Prompts, p)
	}
	for range rng.IntN(8) {
		i := rng.IntN(len(d.Prompts))
		r := rng.Perm(len(d.Prompts[i].Replies))
		d.Pairs = append(d.Pairs, Pair{i, r[0], r[1], float64(1 + rng.IntN(5))})
		d.Thumbs = append(d.Thumbs, Thumb{i, r[1], float64(rng.IntN(3)), 1})
	}
	return d
}

// Together two data sets say what they say one by one: no count is lost, no text
// is there twice, and neither set changes.
func TestJoin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		a, b := randomSet(rng), randomSet(rng)
		want, wasA, wasB := said(a), fmt.Sprint(*a), fmt.Sprint(*b)
		for key, n := range said(b) {
			want[key] += n
		}
		all := Join(a, b, func() {})
		if got := said(all); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		if fmt.Sprint(*a) != wasA || fmt.Sprint(*b) != wasB {
			t.Fatal("a data set changed")
		}
		prompts := map[string]bool{}
		for _, p := range all.Prompts {
			replies := map[string]bool{}
			for _, r := range p.Replies {
				replies[r.Text] = true
			}
			if prompts[p.Text] || len(replies) != len(p.Replies) {
				t.Fatalf("a text is there twice: %v", all.Prompts)
			}
			prompts[p.Text] = true
		}
	}
}
