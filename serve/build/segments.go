package build

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// segment is a piece of a program's memory: wasm[at:at+length] is what stands
// at the address when the program starts.
type segment struct{ address, at, length int }

const (
	dataSection = 11
	i32Const    = 0x41 // the instruction that gives a segment's address
	endOfConst  = 0x0b
	memoryLimit = 1 << 28 // bytes; a program that starts with more is not read
)

// dataSegments finds the segments of a program's data section.
func dataSegments(wasm []byte) ([]segment, error) {
	if !bytes.HasPrefix(wasm, []byte("\x00asm\x01\x00\x00\x00")) {
		return nil, errors.New("this is not a WebAssembly program")
	}
	r := &reader{data: wasm, at: 8}
	for r.at < len(wasm) && r.err == nil {
		id, size := r.byte(), r.number()
		if id == dataSection {
			return r.segments()
		}
		r.skip(size)
	}
	return nil, errors.Join(errors.New("the program has no data section"), r.err)
}

func (r *reader) segments() (segments []segment, err error) {
	for range r.number() {
		if r.byte() != 0 || r.byte() != i32Const {
			return nil, errors.New("a data segment is not one with a fixed address")
		}
		s := segment{address: r.number()}
		if r.byte() != endOfConst {
			return nil, errors.New("a data segment's address is computed")
		}
		s.length = r.number()
		s.at = r.at
		r.skip(s.length)
		if r.err != nil {
			return nil, r.err
		}
		segments = append(segments, s)
	}
	return segments, r.err
}

// reader reads WebAssembly's numbers. After an error it returns zeros.
type reader struct {
	data []byte
	at   int
	err  error
}

func (r *reader) byte() byte {
	if r.at >= len(r.data) {
		r.err = errors.New("the program is cut off")
		return 0
	}
	r.at++
	return r.data[r.at-1]
}

// number reads an unsigned LEB128 number.
func (r *reader) number() int {
	x, n := binary.Uvarint(r.data[min(r.at, len(r.data)):])
	if n <= 0 || x > math.MaxInt32 {
		r.err = fmt.Errorf("there is no number at byte %d of the program", r.at)
		return 0
	}
	r.at += n
	return int(x)
}

func (r *reader) skip(n int) {
	if n > len(r.data)-r.at {
		r.err = errors.New("the program is cut off")
		n = len(r.data) - r.at
	}
	r.at += n
}

// memory is what a program's memory holds when it starts.
type memory []byte

// load lays the segments out in memory.
func load(wasm []byte, segments []segment) (memory, error) {
	slices.SortFunc(segments, func(a, b segment) int { return a.address - b.address })
	end := 0
	for _, s := range segments {
		if s.address < end || s.address+s.length > memoryLimit {
			return nil, fmt.Errorf("the data segment at %#x overlaps another or lies too far up", s.address)
		}
		end = s.address + s.length
	}
	m := make(memory, end)
	for _, s := range segments {
		copy(m[s.address:], wasm[s.at:s.at+s.length])
	}
	return m, nil
}

// longestGap is how many zeros stand between two pieces of memory that are one
// segment: that many compress to nothing, and each segment has a head of its own.
const longestGap = 32

// joinSegments writes a program's data anew, in few segments. Go's linker writes a
// hundred thousand, one between any zeros and the next, whose heads weigh a
// fifteenth of the program on the wire. Memory holds zeros where no segment is.
func joinSegments(wasm []byte) ([]byte, error) {
	segments, err := dataSegments(wasm)
	if err != nil {
		return nil, err
	}
	m, err := load(wasm, segments)
	if err != nil {
		return nil, err
	}
	before, after, err := aroundData(wasm)
	if err != nil {
		return nil, err
	}
	data := m.section()
	joined := append(slices.Clip(before), dataSection)
	joined = binary.AppendUvarint(joined, uint64(len(data)))
	return append(append(joined, data...), after...), nil
}

// aroundData returns what stands before a program's data section, and after it. A
// program that also says how many segments it has is not written anew.
func aroundData(wasm []byte) (before, after []byte, err error) {
	const dataCount = 12
	r := &reader{data: wasm, at: 8}
	for r.at < len(wasm) && r.err == nil {
		start := r.at
		id, size := r.byte(), r.number()
		r.skip(size)
		switch id {
		case dataCount:
			return nil, nil, errors.New("the program counts its data segments")
		case dataSection:
			before, after = wasm[:start], wasm[r.at:]
		}
	}
	return before, after, r.err
}

// section writes memory as a data section, without the long runs of zeros.
func (m memory) section() []byte {
	var heads []segment
	for at := 0; at < len(m); {
		if m[at] == 0 {
			at++
			continue
		}
		last := len(heads) - 1
		if last < 0 || at-heads[last].address-heads[last].length > longestGap {
			heads, last = append(heads, segment{address: at}), last+1
		}
		for at < len(m) && m[at] != 0 {
			at++
		}
		heads[last].length = at - heads[last].address
	}
	out := binary.AppendUvarint(nil, uint64(len(heads)))
	for _, s := range heads {
		out = appendAddress(append(out, 0, i32Const), s.address)
		out = binary.AppendUvarint(append(out, endOfConst), uint64(s.length))
		out = append(out, m[s.address:s.address+s.length]...)
	}
	return out
}

// appendAddress appends a number that is not negative as a signed LEB128 number.
func appendAddress(out []byte, x int) []byte {
	for ; x > 0x3f; x >>= 7 {
		out = append(out, byte(x&0x7f|0x80))
	}
	return append(out, byte(x))
}
