package scenes

import (
	"strings"
	"testing"

	"dpoplayground/core"
)

func TestTold(t *testing.T) {
	long := strings.Repeat("You are a careful helper. ", 40)
	for _, c := range []struct{ replies, want []string }{
		{[]string{"Yes.", "No."}, []string{"Yes.", "No."}},
		{[]string{"It is a fish.", "It is a fire."}, []string{"It is a fish.", "It is a fire."}},
		{[]string{long + "Bot: Rivers.", long + "Bot: Tears.", "Rain."}, []string{"…Rivers.", "…Tears.", "Rain."}},
		{[]string{long, long + "More."}, []string{"…helper. ", "…More."}},
		{[]string{"\u200b", "\u200b\u200b", "a"}, []string{"U+200B", "U+200B U+200B", "a"}},
		{[]string{strings.Repeat("é", 40) + "x", strings.Repeat("é", 40) + "è"}, []string{"…x", "…è"}},
	} {
		replies := make([]core.Reply, len(c.replies))
		for i, text := range c.replies {
			replies[i].Text = text
		}
		for i, want := range c.want {
			if got := Told(replies, i); got != want {
				t.Errorf("%.40q…: reply %d is told as %q, want %q", c.replies, i, got, want)
			}
		}
	}
}

// A reply of 100,000 characters makes no long label.
func TestToldIsShort(t *testing.T) {
	replies := []core.Reply{{Text: strings.Repeat("a b ", 25_000)}, {Text: "c"}}
	if got := Told(replies, 0); len(got) > toldLength+len(ellipsis) || !strings.HasSuffix(got, ellipsis) {
		t.Errorf("%d bytes that end in %q", len(got), got[len(got)-8:])
	}
}

func TestAsked(t *testing.T) {
	for prompt, want := range map[string]string{
		"Why?": "Why?",
		"Human: Hi\n\nAssistant: Hello\n\nHuman: Why is it?\n\nAssistant:": "… Why is it?",
		"user: Hi\n\nassistant: Hello\n\nuser: Why?":                       "… Why?",
		"Human: Why?\n\nAssistant:":                                        "Human: Why?\n\nAssistant:",
		"system: Be brief.\n\nuser: Why?":                                  "system: Be brief.\n\nuser: Why?",
	} {
		if got := Asked(prompt); got != want {
			t.Errorf("%q is told as %q, want %q", prompt, got, want)
		}
	}
}
