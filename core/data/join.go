package data

import "slices"

// Join returns two data sets as one. Prompts with the same text become one, with
// the replies of both, each text once; counts of the same pair and thumbs of the
// same reply add up. It calls pause again and again, a fraction of a millisecond
// apart. Neither data set changes. References are those of the first.
func Join(a, b *Dataset, pause func()) *Dataset {
	j := joiner{pause: pause, place: map[string]int{}, pairs: map[[3]int]int{}, thumbs: map[[2]int]int{}}
	j.all.Rewarded = a.Rewarded && b.Rewarded
	j.add(a)
	j.add(b)
	return &j.all
}

type joiner struct {
	all    Dataset
	pause  func()
	n      int            // of calls of wait
	place  map[string]int // of a prompt, by its text
	pairs  map[[3]int]int // of a prompt and two replies
	thumbs map[[2]int]int // of a prompt and a reply
}

func (j *joiner) wait() {
	if j.n++; j.n%(pauseEvery/4) == 0 {
		j.pause()
	}
}

// add adds a data set's prompts, replies, pairs and thumbs.
func (j *joiner) add(d *Dataset) {
	prompt, reply := make([]int, len(d.Prompts)), make([][]int, len(d.Prompts))
	for i := range d.Prompts {
		prompt[i], reply[i] = j.prompt(&d.Prompts[i])
	}
	for _, p := range d.Pairs {
		j.wait()
		list := reply[p.Prompt]
		p.Prompt, p.Chosen, p.Rejected = prompt[p.Prompt], list[p.Chosen], list[p.Rejected]
		key := [3]int{p.Prompt, p.Chosen, p.Rejected}
		if at, known := j.pairs[key]; known {
			j.all.Pairs[at].Count += p.Count
			continue
		}
		j.pairs[key] = len(j.all.Pairs)
		j.all.Pairs = append(j.all.Pairs, p)
	}
	for _, t := range d.Thumbs {
		j.wait()
		t.Prompt, t.Reply = prompt[t.Prompt], reply[t.Prompt][t.Reply]
		key := [2]int{t.Prompt, t.Reply}
		if at, known := j.thumbs[key]; known {
			j.all.Thumbs[at].Up += t.Up
			j.all.Thumbs[at].Down += t.Down
			continue
		}
		j.thumbs[key] = len(j.all.Thumbs)
		j.all.Thumbs = append(j.all.Thumbs, t)
	}
}

// prompt adds a prompt and returns its place and those of its replies.
func (j *joiner) prompt(p *Prompt) (at int, replies []int) {
	j.wait()
	at, known := j.place[p.Text]
	if !known {
		at = len(j.all.Prompts)
		j.place[p.Text] = at
		q := *p
		q.Replies = slices.Clone(p.Replies)
		j.all.Prompts = append(j.all.Prompts, q)
	}
	q := &j.all.Prompts[at]
	texts := map[string]int{}
	for i := range q.Replies {
		texts[q.Replies[i].Text] = i
	}
	replies = make([]int, len(p.Replies))
	for i, r := range p.Replies {
		j.wait()
		k, known := texts[r.Text]
		if !known {
			k = len(q.Replies)
			texts[r.Text] = k
			q.Replies = append(q.Replies, r)
		}
		replies[i] = k
	}
	if q.Reference != nil && len(q.Reference) != len(q.Replies) {
		q.Reference = nil
	}
	return at, replies
}
