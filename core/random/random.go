package random

import (
	"math"
	"math/bits"

	"dpoplayground/core/num"
)

// A Stream is a source of random numbers that holds no history: its i-th draw
// is a pure function of (seed, purpose, index, i). A run that needs the numbers
// of step t again, to go back or on another machine, makes the stream of step t
// again.
//
// The generator is Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011. The seed is its key; purpose,
// index and the number of the block are its counter, so two streams never
// overlap. One stream gives 2^33 numbers before it repeats.
type Stream struct {
	seed    uint64
	index   uint64
	purpose purpose
	next    uint32 // number of the next block
	block   [2]uint64
	left    int // numbers of block not yet given
}

// A purpose keeps the draws of one use apart from those of another with the
// same seed. The values are part of every saved link: add, never renumber.
type purpose uint32

const (
	PurposeReference purpose = 1 // logits of a drawn reference; index: prompt
	PurposeCoverage  purpose = 2 // which pairs are compared; index: prompt
	PurposeVotes     purpose = 3 // the annotators' votes; index: prompt
	PurposeBatch     purpose = 4 // which votes a minibatch holds; index: epoch or step
	PurposeReplies   purpose = 5 // replies that the policy generates to learn from; index: step
	PurposePrompts   purpose = 6 // which prompts it is given, in what order; index: epoch
	PurposeShuffle   purpose = 7 // the order in which PPO goes through its replies; index: pass
	PurposeJudges    purpose = 8 // pairs of the policy's replies, and the votes on them; index: round
)

// NewStream returns the stream of draws for one purpose and index under a seed.
func NewStream(seed uint64, p purpose, index uint64) Stream {
	return Stream{seed: seed, purpose: p, index: index}
}

// next64 returns 64 random bits.
func (s *Stream) next64() uint64 {
	if s.left == 0 {
		counter := [4]uint32{s.next, uint32(s.purpose), uint32(s.index), uint32(s.index >> 32)}
		c := philox(counter, [2]uint32{uint32(s.seed), uint32(s.seed >> 32)})
		s.block = [2]uint64{uint64(c[1])<<32 | uint64(c[0]), uint64(c[3])<<32 | uint64(c[2])}
		s.next++
		s.left = 2
	}
	s.left--
	return s.block[1-s.left]
}

// Float64 returns a multiple of 2^-53 in [0, 1), all equally likely.
func (s *Stream) Float64() float64 {
	return float64(float64(s.next64()>>11) * 0x1p-53)
}

// Below returns a whole number in [0, n), all exactly equally likely. It panics
// if n is 0.
//
// Method: Lemire, "Fast random integer generation in an interval", ACM TOMACS
// 29 (2019): the high half of a 128-bit product, with the few low halves
// rejected that would favour some results.
func (s *Stream) Below(n uint64) uint64 {
	if n == 0 {
		panic("core: Stream.Below(0): there is no whole number below 0")
	}
	high, low := bits.Mul64(s.next64(), n)
	if low < n {
		for unfair := -n % n; low < unfair; {
			high, low = bits.Mul64(s.next64(), n)
		}
	}
	return high
}

// Normal returns a draw from the standard normal distribution, by Marsaglia's
// polar method: a point uniform in the unit disc is stretched to a normal one.
// The second coordinate is dropped, so that a stream holds nothing but its place.
func (s *Stream) Normal() float64 {
	for {
		x, y := float64(2*s.Float64())-1, float64(2*s.Float64())-1
		r := float64(x*x) + float64(y*y)
		if r > 0 && r < 1 {
			return x * math.Sqrt(-2*num.Log(r)/r)
		}
	}
}

// philox is the Philox4x32-10 block function.
func philox(c [4]uint32, key [2]uint32) [4]uint32 {
	for range 10 {
		p := uint64(c[0]) * 0xd2511f53
		q := uint64(c[2]) * 0xcd9e8d57
		c = [4]uint32{
			uint32(q>>32) ^ c[1] ^ key[0], uint32(q),
			uint32(p>>32) ^ c[3] ^ key[1], uint32(p),
		}
		key[0] += 0x9e3779b9
		key[1] += 0xbb67ae85
	}
	return c
}

// A Permutation is a shuffle of 0 … n−1 that is computed, not stored: At takes
// constant time, so any place of any epoch's order can be had at any step.
//
// It is a Feistel network on a rectangle of rows × columns ≥ n with both sides
// about √n (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA
// 2002): a number is split into row and column, and rounds add a keyed hash of
// one to the other. Each round can be undone, so no two numbers meet. A result
// of n or above, of which there are at most about √n, is sent through again.
type Permutation struct {
	n, rows, columns uint64
	rounds           int
	keys             [manyRounds]uint64
}

// Few things have few orders, and after fewer rounds some would come visibly
// more often: with 20 all orders of 2 to 7 things pass a chi-square test on 200
// draws each, with 12 those of 5 do not. Among more than smallShuffle things 8
// rounds show nothing, and the rounds are what At costs.
const (
	smallShuffle = 256
	manyRounds   = 20
	fewRounds    = 8
)

// NewPermutation returns the shuffle of n things for one purpose and index
// (an epoch, say) under a seed, for n from 1 to 2^40. It panics outside.
func NewPermutation(seed uint64, p purpose, index, n uint64) Permutation {
	if n == 0 || n > 1<<40 {
		panic("core: NewPermutation: n must be from 1 to 2^40")
	}
	// An even number of rows: turns of an odd number are even permutations, and
	// between two odd sides only half of all orders could be reached.
	rows := 2 * uint64(math.Ceil(math.Sqrt(float64(n))/2))
	perm := Permutation{n: n, rows: rows, columns: (n + rows - 1) / rows, rounds: fewRounds}
	if n <= smallShuffle {
		perm.rounds = manyRounds
	}
	stream := NewStream(seed, p, index)
	for i := range perm.keys[:perm.rounds] {
		perm.keys[i] = stream.next64()
	}
	return perm
}

// At returns where the shuffle puts i, for i < n: every number below n is At of
// exactly one i.
func (p *Permutation) At(i uint64) uint64 {
	if i >= p.n {
		panic("core: Permutation.At: i must be below n")
	}
	for {
		i = p.scramble(i)
		if i < p.n {
			return i
		}
	}
}

// scramble is a bijection of [0, rows × columns).
func (p *Permutation) scramble(i uint64) uint64 {
	row, column := i/p.columns, i%p.columns
	for keys := p.keys[:p.rounds]; len(keys) >= 2; keys = keys[2:] {
		row = shift(row, column^keys[0], p.rows)
		column = shift(column, row^keys[1], p.columns)
	}
	return row*p.columns + column
}

// shift adds a hash of x to i, modulo n < 2^32. The hash is the finaliser of
// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014; constants of Stafford's mix 13).
func shift(i, x, n uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	i += (x >> 32) * n >> 32
	if i >= n {
		i -= n
	}
	return i
}
