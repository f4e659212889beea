package data

import (
	"hash/fnv"
	"math"
	"slices"
	"strings"
)

// A Reply is one arm of the bandit: something the policy may say to a prompt.
type Reply struct {
	Text string
	// Reward is the true reward in nats of preference: under Bradley–Terry a
	// reply beats another with probability σ(difference of their rewards).
	// It is meaningful only where the data set says Rewarded.
	Reward float64
	// Tokens is the reply's length, which only losses per token read. 0 stands
	// for not known and counts as 1.
	Tokens float64
	// Features is what a linear policy sees of the reply: its logit moves by
	// Features·(θ − θ₀). Shorter ones are as if filled up with zeros, and a reply
	// without any keeps the reference's logit.
	Features []float64
	// Custom is a reward of the user's own, which only RLHF reads: added to the
	// fitted one or, with RewardFit FitNothing, in its place.
	Custom float64
}

// A Prompt is a question and the replies the policy chooses between.
type Prompt struct {
	Text    string
	Replies []Reply
	// Reference holds the reference policy's weights, one per reply, positive;
	// its probabilities are these divided by their sum. Nil means uniform.
	Reference []float64
}

// A Pair says that to one prompt the reply Chosen was preferred to the reply
// Rejected Count times. Both are indices into the prompt's replies. Counts of
// the exact population are fractions; counted votes are whole numbers.
type Pair struct {
	Prompt, Chosen, Rejected int
	Count                    float64
}

// A Thumb says that one reply to a prompt was called good Up times and bad Down
// times, by itself and compared with no other. Reply is an index into the
// prompt's replies; the counts are whole numbers, at least one of them above 0.
type Thumb struct {
	Prompt, Reply int
	Up, Down      float64
}

// A Dataset is everything the training data says: the prompts with their
// replies, the preferences between them, and thumbs up and down on them. Losses
// of pairs read Pairs alone; those of single replies read Thumbs, and of every
// pair its chosen reply as one thumb up and its rejected one as one down.
type Dataset struct {
	Prompts []Prompt
	Pairs   []Pair
	Thumbs  []Thumb
	// Rewarded tells that the replies' Reward fields were given. Data from a
	// file knows only who was preferred to whom.
	Rewarded bool
}

// SetFeature sets one of a reply's features. The reply must be the caller's own.
func (r *Reply) SetFeature(i int, x float64) {
	for len(r.Features) <= i {
		r.Features = append(r.Features, 0)
	}
	r.Features[i] = x
}

// Choose makes a reply the chosen one. If it was the rejected one, the two
// change places.
func (p *Pair) Choose(reply int) {
	if reply == p.Rejected {
		p.Rejected = p.Chosen
	}
	p.Chosen = reply
}

// Reject makes a reply the rejected one. If it was the chosen one, the two
// change places.
func (p *Pair) Reject(reply int) {
	if reply == p.Chosen {
		p.Chosen = p.Rejected
	}
	p.Rejected = reply
}

// ForgetRewards makes every reward NaN, which stands for not given.
func (d *Dataset) ForgetRewards() {
	for i := range d.Prompts {
		for k := range d.Prompts[i].Replies {
			d.Prompts[i].Replies[k].Reward = math.NaN()
		}
	}
}

// Hash returns a fingerprint of a data set's texts and votes, and of lengths
// and features where there are any (64-bit FNV-1a). It calls pause again and
// again, a fraction of a millisecond apart.
func (d *Dataset) Hash(pause func()) uint64 {
	h := fnv.New64a()
	add := func(s string) {
		for part := range slices.Chunk([]byte(s), hashedAtOnce) {
			h.Write(part)
			if len(part) == hashedAtOnce {
				pause()
			}
		}
		h.Write([]byte{0xff})
	}
	var b strings.Builder
	for i := range d.Prompts {
		if i%(pauseEvery/4) == 0 {
			pause()
		}
		add(d.Prompts[i].Text)
		for _, r := range d.Prompts[i].Replies {
			add(r.Text)
			b.Reset()
			if r.Describe(&b); b.Len() > 0 {
				add(b.String())
			}
		}
	}
	for i, p := range d.Pairs {
		if i%pauseEvery == 0 {
			pause()
		}
		b.Reset()
		WritePair(&b, p)
		add(b.String())
	}
	for i, t := range d.Thumbs {
		if i%pauseEvery == 0 {
			pause()
		}
		b.Reset()
		WriteThumb(&b, t)
		add(b.String())
	}
	return h.Sum64()
}
