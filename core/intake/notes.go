package intake

import (
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core/parse"
)

// A Note is something to be said of a file that was taken. Its sentence is in
// the catalogue under the code, with places for rows and keys.
type Note struct {
	Code string
	Rows int
	Keys []string
}

// notes collects what is to be said of the rows taken.
type notes struct {
	names    map[string]*keyName
	order    []string   // of the names
	current  []*keyName // of the row
	rows     int        // taken
	without  int        // of them without a question
	filled   int        // of them with the question of a row above
	assumed  int        // of them with a list of replies read as the best first
	differ   int        // of them with keys that contradict each other
	differs  []string
	untitled int // lines above the names of the columns
}

type keyName struct {
	text  string
	field field
	seen  bool // in a row
	read  bool
}

const (
	maxNames  = 1000 // told apart
	keysInRow = 12   // named in a sentence
)

// key notes a name of the row and returns what it is about.
func (n *notes) key(name []byte) field {
	if len(name) == 0 {
		return fieldNone // a table's index
	}
	k := n.names[string(name)]
	if k == nil {
		k = &keyName{text: string(name), field: fieldOf(name)}
		if len(n.names) >= maxNames {
			return k.field
		}
		n.names[k.text] = k
	}
	n.current = append(n.current, k)
	return k.field
}

// read marks the names of the row's keys that were read, or had nothing to
// read.
func (n *notes) read(w *row) {
	for _, k := range n.current {
		if !k.seen {
			k.seen = true
			n.order = append(n.order, k.text)
		}
		if v := &w.values[k.field]; k.field != fieldNone && (w.used[k.field] || v.empty() && v.fault == nil) {
			k.read = true
		}
	}
}

// taken notes what is to be said of a row that was counted.
func (n *notes) taken(r *Reader) {
	w := &r.row
	n.rows++
	if !w.questioned {
		n.without++
	}
	if r.table.filled {
		n.filled++
	}
	if w.assumed {
		n.assumed++
	}
	differs := false
	for _, d := range w.differs {
		if w.used[d.field] {
			differs = true
			if name := parse.Shorten(d.name); !slices.Contains(n.differs, name) && len(n.differs) < keysInRow {
				n.differs = append(n.differs, name)
			}
		}
	}
	if differs {
		n.differ++
	}
}

// keysOf lists the row's keys for a sentence.
func (n *notes) keysOf() string {
	var names []string
	for _, k := range n.current {
		names = append(names, parse.Shorten([]byte(k.text)))
		if len(names) == keysInRow {
			names = append(names, "…")
			break
		}
	}
	if len(names) == 0 {
		return "–"
	}
	return strings.Join(names, ", ")
}

// list returns what is to be said, the most important first.
func (n *notes) list() (list []Note) {
	var unread []string
	for _, name := range n.order {
		if !n.names[name].read {
			unread = append(unread, parse.Shorten([]byte(name)))
		}
	}
	if more := len(unread) - keysInRow; more > 0 {
		unread = append(unread[:keysInRow], "… (+"+strconv.Itoa(more)+")")
	}
	switch {
	case n.rows > 0 && n.without == n.rows:
		list = append(list, Note{"note.noquestion", n.without, nil})
	case n.without > 0:
		list = append(list, Note{"note.somequestion", n.without, nil})
	}
	if n.filled > 0 {
		list = append(list, Note{"note.filled", n.filled, nil})
	}
	if n.assumed > 0 {
		list = append(list, Note{"note.ordered", n.assumed, nil})
	}
	if n.differ > 0 {
		list = append(list, Note{"note.differs", n.differ, n.differs})
	}
	if n.untitled > 0 {
		list = append(list, Note{"note.title", n.untitled, nil})
	}
	if len(unread) > 0 {
		list = append(list, Note{"note.unread", 0, unread})
	}
	return list
}
