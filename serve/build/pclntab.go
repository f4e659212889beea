package build

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// A Go program carries, for each function, tables that give the file and the
// line of every instruction, what was inlined there, where a goroutine may be
// preempted, which does not happen in WebAssembly, and where its arguments are. They
// are only read to print a traceback, and weigh a ninth of the program on the wire.
// forgetLines fills them with zeros: a traceback then still names the functions, with
// "?:0" where the line would be, and without arguments and what was inlined.
//
// The layout is the one of runtime/symtab.go and internal/abi/symtab.go in
// Go 1.26. It is read with care: an error says what is not as expected, and the
// program is left as it was.
func forgetLines(wasm []byte) ([]byte, error) {
	segments, err := dataSegments(wasm)
	if err != nil {
		return nil, err
	}
	m, err := load(wasm, segments)
	if err != nil {
		return nil, err
	}
	if err := m.forgetLines(); err != nil {
		return nil, err
	}
	light := bytes.Clone(wasm)
	for _, s := range segments {
		copy(light[s.at:s.at+s.length], m[s.address:])
	}
	return light, nil
}

// forgetLines fills what only tracebacks read with zeros.
func (m memory) forgetLines() error {
	t, err := m.findTable()
	if err != nil {
		return err
	}
	kept, dropped := map[uint32]bool{}, map[uint32]bool{}
	for i := range t.functions {
		f, err := t.function(i)
		if err != nil {
			return err
		}
		for _, table := range f.kept {
			kept[table] = true
		}
		for _, table := range f.dropped {
			dropped[table] = true
		}
	}
	delete(dropped, 0) // stands for no table
	var blanks [][]byte
	for table := range dropped {
		values, err := t.values(table)
		if err != nil {
			return err
		}
		if !kept[table] {
			blanks = append(blanks, values)
		}
	}
	for i := range t.functions {
		t.blankFunction(i)
	}
	for _, b := range blanks {
		clear(b)
	}
	clear(t.fileNames)
	return nil
}

// functionTable is the runtime's table of functions, which it calls pclntab.
type functionTable struct {
	functions int
	fileNames []byte // the names of files, and where each package's begin
	all       []byte // tables of values by instruction, which functions point into
	index     []byte // where each function's description is, and the descriptions
}

// tableStart begins the table of functions of a wasm program: the magic number
// of Go 1.20 to 1.26, instructions of one byte, pointers of eight.
var tableStart = []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}

const (
	headerSize   = 8 + 8*8 // the start, two counts, and six offsets of which the first is unused
	indexEntry   = 8
	functionSize = 44 // of a description without the offsets behind it
)

func (m memory) findTable() (*functionTable, error) {
	at := bytes.Index(m, tableStart)
	if at < 0 || at != bytes.LastIndex(m, tableStart) || len(m)-at < headerSize {
		return nil, errors.New("the program's table of functions was not found, or there are several")
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(m[at+8+8*i:]) }
	functions, names, packages, values, index := word(0), word(3), word(4), word(6), word(7)
	files := word(5)
	table := m[at:]
	ordered := headerSize <= names && names <= packages && packages <= files && files <= values && values <= index
	if !ordered || index > uint64(len(table)) || functions == 0 || functions > (uint64(len(table))-index)/indexEntry {
		return nil, errors.New("the parts of the program's table of functions are not in the order known")
	}
	return &functionTable{int(functions), table[packages:values], table[values:index], table[index:]}, nil
}

// function is what is read of a function's description: where the tables of its
// values are.
type function struct {
	kept, dropped []uint32
}

// What forgetLines drops of a function's tables of values, and of its data, by the
// numbers of internal/abi/symtab.go; noData stands for data that is not there.
var (
	droppedTables = []int{0, 2, 3} // where it is unsafe to preempt, what was inlined, which arguments live
	droppedData   = []int{3, 5, 6} // what was inlined, the arguments, which of them live
)

const noData = 0xffffffff

// description returns the bytes of the description of function i.
func (t *functionTable) description(i int) ([]byte, error) {
	at := binary.LittleEndian.Uint32(t.index[indexEntry*i+4:])
	if at < uint32(indexEntry*t.functions) || int(at) > len(t.index)-functionSize {
		return nil, fmt.Errorf("the description of function %d lies outside the table", i)
	}
	return t.index[at:], nil
}

func (t *functionTable) function(i int) (f function, err error) {
	d, err := t.description(i)
	if err != nil {
		return f, err
	}
	word := binary.LittleEndian.Uint32
	more := word(d[28:])
	if int(more) > (len(d)-functionSize)/4 {
		return f, fmt.Errorf("function %d has %d tables, more than there is room for", i, more)
	}
	if data := int(d[43]); data > (len(d)-functionSize)/4-int(more) {
		return f, fmt.Errorf("function %d has %d pieces of data, more than there is room for", i, data)
	}
	f = function{kept: []uint32{word(d[16:])}, dropped: []uint32{word(d[20:]), word(d[24:])}}
	for k := range int(more) {
		table := word(d[functionSize+4*k:])
		if slices.Contains(droppedTables, k) {
			f.dropped = append(f.dropped, table)
		} else {
			f.kept = append(f.kept, table)
		}
	}
	return f, nil
}

// blankFunction leaves function i without what forgetLines drops, and without the line
// it starts on and where its package's files are listed.
func (t *functionTable) blankFunction(i int) {
	d, _ := t.description(i) // read before
	clear(d[20:28])
	clear(d[32:40])
	more := int(binary.LittleEndian.Uint32(d[28:]))
	for _, k := range droppedTables {
		if k < more {
			clear(d[functionSize+4*k : functionSize+4*k+4])
		}
	}
	for _, k := range droppedData {
		if k < int(d[43]) {
			binary.LittleEndian.PutUint32(d[functionSize+4*(more+k):], noData)
		}
	}
}

// values returns the bytes of a table of values: pairs of numbers, the change of
// the value and the number of instructions it is for, up to a change of 0. Only
// the first change may be 0 without ending the table.
func (t *functionTable) values(table uint32) ([]byte, error) {
	if int(table) >= len(t.all) {
		return nil, errors.New("a function's table of values lies outside all of them")
	}
	r := &reader{data: t.all, at: int(table)}
	for first := true; ; first = false {
		if r.number() == 0 && !first || r.err != nil {
			return t.all[table:r.at], r.err
		}
		r.number()
	}
}
