package core

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what may be typed in, and of what a link may hold.
const (
	maxText     = 2000 // characters of one text
	maxReward   = 100.0
	minWeight   = 1e-12 // of a reply in the reference
	maxWeight   = 1e12
	maxCount    = 1e9
	maxTokens   = 100_000 // of a reply
	MostFeature = 100.0   // either way
	maxFeatures = 16      // of a reply

	maxLinkReplies = 400 // of all prompts
)

// parseNumber reads a plain decimal: no hexadecimal, no underscores, no Inf.
func parseNumber(s string) (float64, bool) {
	if s == "" || strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsInf(x, 0)
}

// paragraph tells whether a text is free of control characters but for tabs
// and line ends.
func paragraph(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool {
		return unicode.Is(unicode.Cc, c) && c != '\n' && c != '\t'
	}) < 0
}

// printable drops control characters and what is not UTF-8, so that a value
// can be shown in a sentence.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c == utf8.RuneError || unicode.Is(unicode.Cc, c) {
			return -1
		}
		return c
	}, s)
}

// shorten cuts a value to what a sentence can hold.
func shorten(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		return string([]rune(s)[:most]) + "…"
	}
	return s
}
