package data

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Paragraph tells whether a text is free of control characters but for tabs
// and line ends.
func Paragraph(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool {
		return unicode.Is(unicode.Cc, c) && c != '\n' && c != '\t'
	}) < 0
}

// Printable drops control characters and what is not UTF-8, so that a value
// can be shown in a sentence.
func Printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c == utf8.RuneError || unicode.Is(unicode.Cc, c) {
			return -1
		}
		return c
	}, s)
}

// Shorten cuts a value to what a sentence can hold.
func Shorten(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		return string([]rune(s)[:most]) + "…"
	}
	return s
}

func (p *Prompt) Linkable() bool {
	ok := len(p.Replies) >= 2 && shortParagraph(p.Text) && (p.Reference == nil || len(p.Reference) == len(p.Replies))
	for _, r := range p.Replies {
		ok = ok && shortParagraph(r.Text) && !(math.Abs(r.Reward) > MaxReward) && r.describable()
	}
	for _, w := range p.Reference {
		ok = ok && w >= MinWeight && w <= MaxWeight
	}
	return ok
}

// describable tells whether n=, f= and c= can say the reply's length, features
// and custom reward.
func (r *Reply) describable() bool {
	ok := math.Abs(r.Custom) <= MaxReward && len(r.Features) <= MaxFeatures && (r.Tokens == 0 || r.Tokens >= 1 && r.Tokens <= MaxTokens && r.Tokens == math.Trunc(r.Tokens))
	for _, x := range r.Features {
		ok = ok && math.Abs(x) <= MostFeature
	}
	return ok
}

func shortParagraph(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= MaxText && Paragraph(s)
}

// Fits tells whether the pair names two replies of one of the prompts.
func (p *Pair) Fits(prompts []Prompt) bool {
	return p.Prompt < len(prompts) && max(p.Chosen, p.Rejected) < len(prompts[p.Prompt].Replies)
}

// Describe writes what else is known of a reply.
func (r *Reply) Describe(b *strings.Builder) {
	if r.Tokens != 0 {
		WriteField(b, "n", FormatNumber(r.Tokens))
	}
	if len(r.Features) > 0 {
		WriteField(b, "f", r.featureList())
	}
	if r.Custom != 0 {
		WriteField(b, "c", FormatNumber(r.Custom))
	}
}

// featureList writes the features as a link does.
func (r *Reply) featureList() string {
	list := make([]string, len(r.Features))
	for j, x := range r.Features {
		list[j] = FormatNumber(x)
	}
	return strings.Join(list, ",")
}

func WritePair(b *strings.Builder, p Pair) {
	if p.Prompt != 0 {
		b.WriteString(strconv.Itoa(p.Prompt) + ":")
	}
	b.WriteString(strconv.Itoa(p.Chosen) + "-" + strconv.Itoa(p.Rejected))
	if p.Count != 1 {
		b.WriteString("x" + FormatNumber(p.Count))
	}
}

func WriteThumb(b *strings.Builder, t Thumb) {
	if t.Prompt != 0 {
		b.WriteString(strconv.Itoa(t.Prompt) + ":")
	}
	b.WriteString(strconv.Itoa(t.Reply))
	if t.Up != 0 {
		b.WriteString("u" + FormatNumber(t.Up))
	}
	if t.Down != 0 {
		b.WriteString("d" + FormatNumber(t.Down))
	}
}

// Linkable tells whether a link can say the counts.
func (t *Thumb) Linkable() bool {
	whole := t.Up == math.Trunc(t.Up) && t.Down == math.Trunc(t.Down)
	return whole && min(t.Up, t.Down) >= 0 && t.Up+t.Down > 0 && max(t.Up, t.Down) <= MaxCount
}

// Fits tells whether the thumbs are of a reply to one of the prompts.
func (t *Thumb) Fits(prompts []Prompt) bool {
	return t.Prompt < len(prompts) && t.Reply < len(prompts[t.Prompt].Replies)
}

func WriteField(b *strings.Builder, key, value string) {
	b.WriteString("&" + key + "=")
	escape(b, value)
}

// escape percent-encodes what would not survive in a fragment. Letters of any
// script stay as they are: browsers encode them as they need.
func escape(b *strings.Builder, s string) {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == ' ':
			b.WriteByte('+')
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._:,!?", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
}

// Unescape undoes escape. It fails on a broken % sequence and on bytes that
// are not UTF-8.
func Unescape(s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, utf8.ValidString(s)
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			b = append(b, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			x, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", false
			}
			b = append(b, byte(x))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return string(b), utf8.Valid(b)
}
