package build

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// memoryOf returns what a program's memory holds when it starts, without the zeros at
// its end, and in how many segments that comes.
func memoryOf(t *testing.T, wasm []byte) (held []byte, segments int) {
	t.Helper()
	list, err := dataSegments(wasm)
	if err != nil {
		t.Fatal(err)
	}
	m, err := load(wasm, list)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimRight(m, "\x00"), len(list)
}

// The real program's memory is the same, in few segments, and all else stays.
func TestJoinSegmentsKeepsMemory(t *testing.T) {
	wasm, _ := memoryOfProgram(t)
	joined, err := joinSegments(wasm)
	if err != nil {
		t.Fatal(err)
	}
	want, many := memoryOf(t, wasm)
	got, few := memoryOf(t, joined)
	if !bytes.Equal(got, want) {
		t.Error("memory is another")
	}
	if few*10 > many {
		t.Errorf("%d segments are %d", many, few)
	}
	before, after, err := aroundData(wasm)
	if err != nil || !bytes.HasPrefix(joined, before) || !bytes.HasSuffix(joined, after) {
		t.Errorf("what stands around the data is another (%v)", err)
	}
}

// Whatever memory holds, and however it is cut into segments, it is held again.
func TestJoinSegmentsOfRandomMemory(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 62))
	for range 500 {
		m := make(memory, 1+r.IntN(3000))
		for at := 0; at < len(m); {
			run := 1 + r.IntN(1<<r.IntN(10))
			if r.IntN(2) == 0 {
				for i := at; i < min(len(m), at+run); i++ {
					m[i] = byte(r.Uint32())
				}
			}
			at += run
		}
		joined, err := joinSegments(programWith(m))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := memoryOf(t, joined); !bytes.Equal(got, bytes.TrimRight(m, "\x00")) {
			t.Fatal("memory is another")
		}
	}
}

// What is no program, is cut off, or counts its segments is refused.
func TestJoinSegmentsRefuses(t *testing.T) {
	whole := programWith(memory("held"))
	for name, wasm := range map[string][]byte{
		"nothing":          nil,
		"a text":           []byte("no program at all"),
		"cut off":          whole[:len(whole)-2],
		"segments so many": append(append(bytes.Clone(whole[:8]), 12, 1, 1), whole[8:]...),
	} {
		if _, err := joinSegments(wasm); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
