package read

import (
	"strings"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/scenes/picture"
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
		replies := make([]data.Reply, len(c.replies))
		for i, text := range c.replies {
			replies[i].Text = text
		}
		for i, want := range c.want {
			if got := Told(replies, i); got != want {
				t.Errorf("%.40q…: reply %d is told as %q, want %q", c.replies, i, got, want)
			}
			p := data.NewProblem(&data.Dataset{Prompts: []data.Prompt{{Replies: replies}}})
			if got := Told(p.Prompts[0].Replies, i); got != want {
				t.Errorf("%.40q…: of what is shown reply %d is told as %q, want %q", c.replies, i, got, want)
			}
		}
	}
}

// A reply of 100,000 characters makes no long label.
func TestToldIsShort(t *testing.T) {
	replies := []data.Reply{{Text: strings.Repeat("a b ", 25_000)}, {Text: "c"}}
	if got := Told(replies, 0); len(got) > toldLength+len(picture.Ellipsis) || !strings.HasSuffix(got, picture.Ellipsis) {
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
		if got := asked(prompt); got != want {
			t.Errorf("%q is told as %q, want %q", prompt, got, want)
		}
	}
}

// Of a long dialogue the last turn is told, of any other long question the
// beginning, and of neither more than is shown.
func TestAskedInALongDialogue(t *testing.T) {
	talk := strings.Repeat("Human: Hi\n\nAssistant: Hello\n\n", 20_000)
	long := strings.Repeat("word ", 2000)
	for prompt, want := range map[string]string{
		talk + "Human: Why is it?\n\nAssistant:": "… Why is it?",
		talk + "Human: " + long:                  data.Shown("… " + long),
		long:                                     data.Shown(long),
	} {
		var teller Teller
		p := data.NewProblem(&data.Dataset{Prompts: []data.Prompt{{Text: prompt, Replies: []data.Reply{{Text: "a"}, {Text: "b"}}}}})
		if got := teller.Asked(p, 0); got != want {
			t.Errorf("a question of %d bytes is told as %.60q, want %.60q", len(prompt), got, want)
		}
	}
}
