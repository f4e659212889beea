package parse

// A Kind is what a JSON value is.
type Kind uint8

const (
	Null Kind = iota
	Word      // a number, true or false
	Text
	List
	Object
)

// A node is one value of a Tree.
type node struct {
	kind Kind
	at   Place
	key  span // of an object's member
	text span // of a text or a word
	end  int32
}

// A span is a part of a tree's text.
type span struct{ from, to int32 }

// A Tree holds JSON values flat, each before what it encloses. Nodes are named
// by their index. Texts are decoded and are the tree's own: who holds the tree
// may change a text in place. At most maxWords words that follow each other in
// one list are kept, so that a long vector of numbers costs no memory.
type Tree struct {
	nodes []node
	text  []byte
}

const (
	maxWords = 1000
	maxNodes = 2_000_000 // of one top-level value
)

// Reset empties the tree and keeps its memory.
func (t *Tree) Reset() { t.nodes, t.text = t.nodes[:0], t.text[:0] }

// Kind returns what node i is.
func (t *Tree) Kind(i int) Kind { return t.nodes[i].kind }

// At returns where node i begins in the file.
func (t *Tree) At(i int) Place { return t.nodes[i].at }

// Key returns the key of an object's member.
func (t *Tree) Key(i int) []byte { return t.part(t.nodes[i].key) }

// Text returns a text, or a word as it is written.
func (t *Tree) Text(i int) []byte { return t.part(t.nodes[i].text) }

func (t *Tree) part(s span) []byte { return t.text[s.from:s.to:s.to] }

// Children calls f for each element or member of node i until f returns false.
func (t *Tree) Children(i int, f func(child int) bool) {
	for c := i + 1; c < int(t.nodes[i].end); c = int(t.nodes[c].end) {
		if !f(c) {
			return
		}
	}
}

// Len returns how many elements or members node i has.
func (t *Tree) Len(i int) (n int) {
	t.Children(i, func(int) bool { n++; return true })
	return n
}

// Member returns an object's first member with the key.
func (t *Tree) Member(i int, key string) (child int, found bool) {
	if t.nodes[i].kind != Object {
		return 0, false
	}
	t.Children(i, func(c int) bool {
		child, found = c, string(t.Key(c)) == key
		return !found
	})
	return child, found
}

// open appends a node and returns its index. Its end is set when it is closed.
func (t *Tree) open(kind Kind, at Place, key span) int {
	n := int32(len(t.text))
	t.nodes = append(t.nodes, node{kind, at, key, span{n, n}, 0})
	return len(t.nodes) - 1
}

// close ends node i, whose subtree is all that follows it.
func (t *Tree) close(i int) {
	n := &t.nodes[i]
	n.end = int32(len(t.nodes))
	if n.kind == Text || n.kind == Word {
		n.text.to = int32(len(t.text))
	}
}

// Table returns the names of the columns and the rows of a table that is
// written as {"columns": […], "data": [[…], …]}, in pandas' split orientation,
// or nil. The keys may also be header or fields, and rows or values.
func (t *Tree) Table(node int) (names [][]byte, rows []int) {
	header, hasHeader := t.listUnder(node, Text, "columns", "header", "fields")
	data, hasRows := t.listUnder(node, List, "data", "rows", "values")
	if !hasHeader || !hasRows {
		return nil, nil
	}
	t.Children(header, func(c int) bool {
		names = append(names, t.Text(c))
		return true
	})
	t.Children(data, func(c int) bool {
		if t.Kind(c) == List {
			rows = append(rows, c)
		}
		return true
	})
	return names, rows
}

// listUnder returns the member of one of the names that is a list and begins
// with an element of a kind.
func (t *Tree) listUnder(node int, kind Kind, names ...string) (list int, found bool) {
	for _, name := range names {
		list, found = t.Member(node, name)
		if found && t.Kind(list) == List && t.Len(list) > 0 && t.Kind(list+1) == kind {
			return list, true
		}
	}
	return 0, false
}
