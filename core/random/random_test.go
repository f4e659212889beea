package random

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// TestPhiloxKnownAnswers holds the generator to the known answers published
// with Random123 (kat_vectors, philox4x32 10).
func TestPhiloxKnownAnswers(t *testing.T) {
	const all = 0xffffffff
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{all, all, all, all}, [2]uint32{all, all},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(c.counter, c.key); got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

// The all-zero known answer shows the order of a block's words; the second
// case, where seed, purpose and index go.
func TestStreamGivesTheBlocksWords(t *testing.T) {
	s := NewStream(0, 0, 0)
	for i, want := range []uint64{0xe169c58d_6627e8d5, 0x9b00dbd8_bc57ac4c} {
		if got := s.next64(); got != want {
			t.Errorf("draw %d = %#x, want %#x", i, got, want)
		}
	}
	key := [2]uint32{0x55667788, 0x11223344}
	block := philox([4]uint32{1, 3, 0xccddeeff, 0xaabb}, key)
	s = NewStream(0x11223344_55667788, 3, 0xaabb_ccddeeff)
	s.next64()
	s.next64()
	if got, want := s.next64(), uint64(block[1])<<32|uint64(block[0]); got != want {
		t.Errorf("draw 2 = %#x, want %#x of block 1", got, want)
	}
}

// improbable is the level of the statistical tests. Their seeds are fixed: they
// pass for ever or fail for ever.
const improbable = 1e-4

// checkEven fails if counts of equally likely things stray further from even
// than chi-square allows. ties are the constraints on the counts.
func checkEven(t *testing.T, what string, counts []int, ties int) {
	t.Helper()
	total := 0
	for _, c := range counts {
		total += c
	}
	expected, chi := float64(total)/float64(len(counts)), 0.0
	for _, c := range counts {
		chi += (float64(c) - expected) * (float64(c) - expected) / expected
	}
	law := distuv.ChiSquared{K: float64(len(counts) - ties)}
	if low, high := law.Quantile(improbable), law.Quantile(1-improbable); chi < low || chi > high {
		t.Errorf("%s: chi-square %.1f, allowed %.1f … %.1f", what, chi, low, high)
	}
}

func TestUniformDraws(t *testing.T) {
	s := NewStream(1, PurposeVotes, 2)
	floats, below := make([]int, 64), make([]int, 7)
	for range 100000 {
		x := s.Float64()
		if x < 0 || x >= 1 {
			t.Fatalf("Float64 = %v, want [0, 1)", x)
		}
		floats[int(64*x)]++
		below[s.Below(7)]++
	}
	checkEven(t, "Float64 in 64 cells", floats, 1)
	checkEven(t, "Below(7)", below, 1)
}

// Below 3·2^62 a product without rejection would give a third of the numbers
// twice as often as the rest.
func TestBelowHasNoBias(t *testing.T) {
	s := NewStream(1, PurposeVotes, 3)
	thirds := make([]int, 3)
	for range 30000 {
		thirds[s.Below(3<<62)%3]++
	}
	checkEven(t, "Below(3·2^62) mod 3", thirds, 1)
	if got := s.Below(1); got != 0 {
		t.Errorf("Below(1) = %d, want 0", got)
	}
}

func TestNormalDraws(t *testing.T) {
	s := NewStream(1, PurposeReference, 4)
	counts := make([]int, 50)
	for range 100000 {
		p := distuv.UnitNormal.CDF(s.Normal())
		counts[min(int(50*p), 49)]++
	}
	checkEven(t, "normal draws through the normal distribution function", counts, 1)
}

// Streams that differ in one word of their address must be unrelated.
func TestStreamsAreIndependent(t *testing.T) {
	for name, other := range map[string]func(i uint64) Stream{
		"seed":    func(i uint64) Stream { return NewStream(i+1, PurposeVotes, 0) },
		"purpose": func(i uint64) Stream { return NewStream(0, purpose(i+1), 0) },
		"index":   func(i uint64) Stream { return NewStream(0, PurposeVotes, i+1) },
	} {
		cells := make([]int, 64)
		for i := range uint64(20000) {
			a, b := other(i), other(i+1)
			cells[int(8*a.Float64())*8+int(8*b.Float64())]++
		}
		checkEven(t, "first draws of neighbours in "+name, cells, 1)
	}
}

func TestPermutationIsABijection(t *testing.T) {
	sizes := []uint64{255, 256, 257, 289, 1000, 4095, 4096, 4097, 65537}
	for n := uint64(1); n <= 150; n++ {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		for epoch := range uint64(3) {
			p := NewPermutation(9, PurposeBatch, epoch, n)
			seen := make([]bool, n)
			for i := range n {
				if j := p.At(i); j >= n || seen[j] {
					t.Fatalf("n=%d epoch %d: At(%d) = %d is out of range or met twice", n, epoch, i, j)
				} else {
					seen[j] = true
				}
			}
		}
	}
}

func TestPermutationOfMany(t *testing.T) {
	const n = 1 << 40
	p := NewPermutation(9, PurposeBatch, 0, n)
	seen, cells := map[uint64]bool{}, make([]int, 64)
	for i := range uint64(50000) {
		j := p.At(i)
		if j >= n || seen[j] {
			t.Fatalf("At(%d) = %d is out of range or met twice", i, j)
		}
		seen[j] = true
		cells[j>>34]++
	}
	checkEven(t, "where the first 50,000 of 2^40 go", cells, 1)
}

// All orders of a few things must come equally often over epochs.
func TestPermutationOrdersAreEven(t *testing.T) {
	for n, orders := range map[uint64]int{2: 2, 3: 6, 4: 24, 5: 120, 6: 720, 7: 5040} {
		counts := map[uint64]int{}
		for epoch := range uint64(200 * orders) {
			p := NewPermutation(9, PurposeBatch, epoch, n)
			code := uint64(0)
			for i := range n {
				code = code*n + p.At(i)
			}
			counts[code]++
		}
		even := make([]int, 0, orders)
		for _, c := range counts {
			even = append(even, c)
		}
		for len(even) < orders {
			even = append(even, 0)
		}
		checkEven(t, "orders", even, 1)
	}
}

// Every thing must go to every place equally often over epochs, also where the
// rectangle is not full (11 = 4×3 − 1) and where it is (16), by many
// rounds and by few (300).
func TestPermutationPlacesAreEven(t *testing.T) {
	for _, n := range []uint64{11, 16, 37, 300} {
		counts := make([]int, n*n)
		for epoch := range 20000 + 30*n {
			p := NewPermutation(10, PurposeBatch, epoch, n)
			for i := range n {
				counts[i*n+p.At(i)]++
			}
		}
		checkEven(t, "places", counts, 2*int(n)-1)
	}
}

// Neighbours must not stay neighbours.
func TestPermutationSeparatesNeighbours(t *testing.T) {
	const n = 1 << 16
	p := NewPermutation(11, PurposeBatch, 0, n)
	cells := make([]int, 256)
	for i := range uint64(n - 1) {
		cells[p.At(i)>>12<<4|p.At(i+1)>>12]++
	}
	checkEven(t, "cells of neighbours", cells, 1+2*15)
}

// TestRandomReplays pins draws: a saved link must give the same run with every
// later version. The numbers were produced on amd64 and are the same anywhere.
func TestRandomReplays(t *testing.T) {
	s := NewStream(7, PurposeReference, 5)
	n := NewStream(7, PurposeReference, 6)
	p := NewPermutation(7, PurposeBatch, 5, 1000)
	got := []uint64{s.next64(), s.Below(1000), math.Float64bits(s.Float64()), math.Float64bits(n.Normal()), p.At(0), p.At(999)}
	want := []uint64{0x80d0d3f8b94e203d, 0x398, 0x3fd2e4121f3a70b8, 0xbff9b059ad6ff09c, 0x36f, 0x7f}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("draw %d = %#x, want %#x", i, got[i], want[i])
		}
	}
}

func TestRandomDoesNotAllocate(t *testing.T) {
	sum := 0.0
	if n := testing.AllocsPerRun(100, func() {
		s := NewStream(1, PurposeVotes, 2)
		p := NewPermutation(1, PurposeBatch, 2, 1000)
		sum += s.Normal() + float64(s.Below(9)+p.At(5))
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestRandomRefusesWhatItCannotDo(t *testing.T) {
	p := NewPermutation(1, PurposeBatch, 0, 5)
	for name, f := range map[string]func(){
		"Below(0)":                func() { s := NewStream(1, PurposeVotes, 0); s.Below(0) },
		"a permutation of none":   func() { NewPermutation(1, PurposeBatch, 0, 0) },
		"a permutation of 2^40+1": func() { NewPermutation(1, PurposeBatch, 0, 1<<40+1) },
		"At(n)":                   func() { p.At(5) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			f()
		}()
	}
}

func BenchmarkUint64(b *testing.B) {
	s := NewStream(1, PurposeVotes, 2)
	for b.Loop() {
		s.next64()
	}
}

func BenchmarkNormal(b *testing.B) {
	s := NewStream(1, PurposeVotes, 2)
	for b.Loop() {
		s.Normal()
	}
}

func BenchmarkPermutation(b *testing.B) {
	p, i := NewPermutation(1, PurposeBatch, 2, 100000), uint64(0)
	for b.Loop() {
		i = p.At(i)
	}
}
