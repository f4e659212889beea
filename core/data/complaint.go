package data

import (
	"math"
	"strconv"
)

// A Complaint says what is wrong with something that was brought in: a link's
// field or a control's value. It names the field, what was found and what is
// allowed; the sentence itself is in the catalogue under "complaint." and its Code.
type Complaint struct {
	Code     string
	Field    string
	Value    string
	Min, Max string // what is allowed, for ranges
	Allowed  string // what is allowed, for lists
}

// Error gives the complaint in plain English for logs and tests.
func (c *Complaint) Error() string {
	s := c.Code + ": " + c.Field + "=" + c.Value
	if c.Min != "" || c.Max != "" {
		s += ", allowed are " + c.Min + " to " + c.Max
	}
	if c.Allowed != "" {
		s += ", allowed are " + c.Allowed
	}
	return s
}

// FormatNumber writes the shortest decimal that reads back as the same bits,
// without an exponent where people would write none.
func FormatNumber(x float64) string {
	if size := math.Abs(x); size >= 1e-6 && size < 1e12 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
