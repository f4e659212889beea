package lessons

import (
	"fmt"
	"html"
	"strings"

	"dpoplayground/core/lesson"
)

// said holds what the pages of tips say beside the lessons' own texts. The catalogue of
// the lessons lists it too; the program in the browser has no need of it.
var said = [][2]string{
	{"tips.title", "Tips for teachers"},
	{"tips.minutes", "{n} minutes, for {who}."},
	{"tips.open", "Open this step"},
	{"tips.start", "Open the lesson"},
	{"tips.wrong", "What students get wrong"},
	{"tips.discuss", "Questions to ask"},
	{"tips.bet", "The question on the page"},
	{"tips.right", "right"},
	{"tips.shown", "What the page says then"},
	{"tips.all", "All lessons"},
	{"tips.tally", "Tally receipts"},
	{"tips.list", "Each lesson asks first and shows after. Its numbers are computed from the runs that it shows."},
	{"tips.total", "All lessons together take {n} minutes."},
	{"tips.links", "How links hide and lock parts of the page"},
}

func say(key string, args ...string) string {
	for _, s := range said {
		if s[0] == key {
			return strings.NewReplacer(args...).Replace(s[1])
		}
	}
	panic("no text " + key)
}

// Pages returns a printable page of tips for each lesson, and a list of them, by
// their paths in the site.
func (b *Book) Pages() map[string][]byte {
	pages := map[string][]byte{}
	if len(b.lessons) == 0 {
		return pages
	}
	for i, l := range b.lessons {
		pages["tips/"+b.names[i]+".html"] = []byte(tips(b.names[i], l))
	}
	pages["tips/index.html"] = []byte(b.list())
	return pages
}

// page wraps a body. The style sheet is the only thing that it loads.
func page(title, body string) string {
	return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>` + html.EscapeString(title) + `</title>
<link rel="stylesheet" href="../assets/tips.css">
</head>
<body>
<main>
` + body + `</main>
</body>
</html>
`
}

func (b *Book) list() string {
	var s strings.Builder
	minutes := 0
	fmt.Fprintf(&s, "<h1>%s</h1>\n<p>%s</p>\n<ol>\n", say("tips.title"), say("tips.list"))
	for i, l := range b.lessons {
		minutes += l.Minutes
		fmt.Fprintf(&s, `<li><a href="%s.html">%s</a> <span>%s</span><br>%s</li>`+"\n", b.names[i], html.EscapeString(l.Title), html.EscapeString(forWhom(l)), html.EscapeString(l.About))
	}
	fmt.Fprintf(&s, "</ol>\n<p>%s</p>\n", say("tips.total", "{n}", fmt.Sprint(minutes)))
	fmt.Fprintf(&s, `<p class="links"><a href="../assets/tally.html">%s</a> <a href="../docs/teaching.md">%s</a></p>`+"\n", say("tips.tally"), say("tips.links"))
	return page(say("tips.title"), s.String())
}

func forWhom(l *lesson.Lesson) string {
	return say("tips.minutes", "{n}", fmt.Sprint(l.Minutes), "{who}", l.For)
}

// tips writes a lesson's page: for each step its link, its question with what is
// right, what students get wrong and what to ask.
func tips(name string, l *lesson.Lesson) string {
	var s strings.Builder
	fmt.Fprintf(&s, "<h1>%s</h1>\n<p>%s %s</p>\n", html.EscapeString(l.Title), html.EscapeString(forWhom(l)), html.EscapeString(l.About))
	fmt.Fprintf(&s, `<p class="links"><a href="../#lesson=%s">%s</a> <a href="index.html">%s</a></p>`+"\n", name, say("tips.start"), say("tips.all"))
	for i := range l.Steps {
		step := &l.Steps[i]
		fmt.Fprintf(&s, "<section>\n<h2>%d. %s</h2>\n", i+1, filled(l, step.Title))
		fmt.Fprintf(&s, `<p><a href="../#lesson=%s.%d">%s</a> <code>#lesson=%s.%d</code></p>`+"\n", name, i+1, say("tips.open"), name, i+1)
		question(&s, l, &step.Ask)
		list(&s, l, "tips.wrong", step.Mistakes)
		list(&s, l, "tips.discuss", step.Discuss)
		shown := step.Reveal
		if step.Why != "" {
			shown = append(shown[:len(shown):len(shown)], step.Why)
		}
		list(&s, l, "tips.shown", shown)
		s.WriteString("</section>\n")
	}
	return page(l.Title+" · "+say("tips.title"), s.String())
}

func question(s *strings.Builder, l *lesson.Lesson, q *lesson.Question) {
	if q.Kind == lesson.NoQuestion {
		return
	}
	fmt.Fprintf(s, "<h3>%s</h3>\n<p>%s</p>\n", say("tips.bet"), filled(l, q.Text))
	if q.Kind != lesson.Choices {
		fmt.Fprintf(s, "<p><b>%s: %s</b></p>\n", say("tips.right"), number(l, q.Number))
		return
	}
	s.WriteString("<ul>\n")
	for _, c := range q.Choices {
		right := ""
		if c.Right {
			right = " <b>(" + say("tips.right") + ")</b>"
		}
		fmt.Fprintf(s, "<li>%s%s</li>\n", filled(l, c.Text), right)
	}
	s.WriteString("</ul>\n")
}

func list(s *strings.Builder, l *lesson.Lesson, title string, texts []string) {
	if len(texts) == 0 {
		return
	}
	fmt.Fprintf(s, "<h3>%s</h3>\n<ul>\n", say(title))
	for _, text := range texts {
		fmt.Fprintf(s, "<li>%s</li>\n", filled(l, text))
	}
	s.WriteString("</ul>\n")
}

// filled writes a text as markup, its numbers as the lesson claims them.
func filled(l *lesson.Lesson, text string) string {
	var s strings.Builder
	for {
		before, name, after, found := lesson.Place(text)
		s.WriteString(html.EscapeString(before))
		if !found {
			return s.String()
		}
		s.WriteString(number(l, name))
		text = after
	}
}

// number is what the lesson claims a number to be, and a gap where it depends on the
// reader.
func number(l *lesson.Lesson, name string) string {
	for i := range l.Numbers {
		if n := &l.Numbers[i]; n.Name == name && n.Claimed != "" {
			if n.Percent {
				return n.Claimed + " %"
			}
			return n.Claimed
		}
	}
	return "…"
}
