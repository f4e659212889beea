package parse

import (
	"bytes"
	"unicode/utf8"
)

// A cursor walks over a piece of the file and knows line and column. Columns
// are counted only up to where they are asked for, each byte once.
type cursor struct {
	piece   []byte
	next    int   // index of the next byte to read
	counted int   // bytes of piece that place has taken in
	place   Place // of piece[counted]
}

// load moves on to the file's next piece.
func (c *cursor) load(piece []byte) { c.piece, c.next, c.counted = piece, 0, 0 }

// unload counts the rest of the piece, which is the caller's to change again.
func (c *cursor) unload() {
	c.at(len(c.piece))
	c.load(nil)
}

// here returns the place of the next byte.
func (c *cursor) here() Place { return c.at(c.next) }

// at returns the place of piece[i]. Calls must not go back.
func (c *cursor) at(i int) Place {
	passed := c.piece[c.counted:i]
	c.counted = i
	for {
		end := bytes.IndexByte(passed, '\n')
		if end < 0 {
			break
		}
		c.place = Place{c.place.Line + 1, 1}
		passed = passed[end+1:]
	}
	c.place.Column += utf8.RuneCount(passed)
	return c.place
}

// found quotes the next character.
func (c *cursor) found() string {
	_, size := utf8.DecodeRune(c.piece[c.next:])
	return Shorten(c.piece[c.next : c.next+size])
}
