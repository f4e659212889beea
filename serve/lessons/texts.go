package lessons

import (
	"strconv"
	"strings"

	"dpoplayground/core/lesson"
)

// PO lists every text of the lessons and of their tips as a gettext catalogue of
// English. A text's key is lesson.FILE.STEP.FIELD, with a number from 1 where the field
// comes again; a step of 0 is the head. Code is the same in every language.
func (b *Book) PO() string {
	var s strings.Builder
	s.WriteString("# The texts of the lessons, taken from assets/lessons/*.txt: change them there.\n# go test ./serve/lessons -update writes this file.\n" +
		"msgid \"\"\nmsgstr \"\"\n\"Language: en\\n\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n")
	entry := func(key, text string) {
		if text != "" {
			s.WriteString("\n#. tier: class\nmsgctxt \"" + key + "\"\nmsgid " + quoted(text) + "\nmsgstr \"\"\n")
		}
	}
	for i, l := range b.lessons {
		listTexts(b.names[i], l, entry)
	}
	for _, t := range said {
		entry(t[0], t[1])
	}
	return s.String()
}

func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}

// listTexts gives each text of a lesson with its key.
func listTexts(name string, l *lesson.Lesson, entry func(key, text string)) {
	head := "lesson." + name + ".0."
	entry(head+"lesson", l.Title)
	entry(head+"for", l.For)
	entry(head+"about", l.About)
	for i := range l.Steps {
		step := &l.Steps[i]
		key := "lesson." + name + "." + strconv.Itoa(i+1) + "."
		many := func(field string, texts []string) {
			for k, text := range texts {
				entry(key+field+"."+strconv.Itoa(k+1), text)
			}
		}
		entry(key+"step", step.Title)
		many("text", step.Text)
		entry(key+"ask", step.Ask.Text)
		for k, c := range step.Ask.Choices {
			entry(key+"choice."+strconv.Itoa(k+1), c.Text)
			entry(key+"said."+strconv.Itoa(k+1), c.Said)
		}
		entry(key+"near", step.Ask.Near)
		entry(key+"under", step.Ask.Under)
		entry(key+"over", step.Ask.Over)
		entry(key+"do", step.Do)
		many("reveal", step.Reveal)
		entry(key+"why", step.Why)
		many("mistake", step.Mistakes)
		many("discuss", step.Discuss)
	}
}
