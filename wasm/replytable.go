//go:build js

package main

import (
	"slices"
	"syscall/js"

	"dpoplayground/scenes"
	"dpoplayground/wasm/page"
)

// A replyTable is a table of the replies of the shown prompt.
type replyTable struct{ texts []string }

// write fills a table that has two rows a reply of the shown prompt:
// its name, and below it as many cells as there are columns. What already
// stands there is left alone.
func (tb *replyTable) write(a *app, id string, columns int, entries func(k int) []string) {
	n := min(a.lab.Arms(), mostRows)
	texts := make([]string, 0, n*(columns+1))
	for k, reply := range a.lab.Problem.Prompts[a.lab.Prompt()].Replies[:n] {
		texts = append(append(texts, scenes.Quoted(reply.Text)), entries(k)...)
	}
	if slices.Equal(texts, tb.texts) {
		return
	}
	tb.texts = texts
	rows := a.Page.Rows(id, 2*n, func(row js.Value) { tb.makeRow(a.Page, row, columns) })
	for k := 0; k < n; k++ {
		line := texts[k*(columns+1):]
		rows.Index(2*k).Get("firstElementChild").Set("textContent", line[0])
		cells := rows.Index(2*k + 1).Get("children")
		for i := 0; i < columns; i++ {
			cells.Index(i).Set("textContent", line[1+i])
		}
	}
}

// makeRow makes the next row of such a table; its head is row 0.
func (tb *replyTable) makeRow(p *page.Page, row js.Value, columns int) {
	if row.Get("rowIndex").Int()%2 == 1 {
		name := p.Make(row, "th", "")
		name.Call("setAttribute", "scope", "rowgroup")
		name.Set("colSpan", columns)
		return
	}
	for range columns {
		p.Make(row, "td", "")
	}
}

// mostRows is how many replies a table of the page lists.
const mostRows = 30
