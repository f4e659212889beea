package link

import (
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/data"
)

// writeHandout adds what a teacher has the page do.
func writeHandout(h *core.Handout, b *strings.Builder) {
	if h.Lesson != "" {
		data.WriteField(b, "lesson", h.Lesson+"."+strconv.Itoa(h.LessonStep))
	}
	for _, list := range [2]struct {
		key   string
		names []string
	}{{"hide", h.Hide}, {"lock", h.Lock}} {
		if len(list.names) > 0 {
			data.WriteField(b, list.key, strings.Join(list.names, "."))
		}
	}
	for _, is := range [2]struct {
		key string
		on  bool
	}{{"present", h.Present}, {"play", h.Play}} {
		if is.on {
			data.WriteField(b, is.key, "on")
		}
	}
	if h.Lang != "" {
		data.WriteField(b, "lang", h.Lang)
	}
}

// handout reads one of a handout's fields, and tells whether it is one.
func (r *reader) handout(f field) bool {
	h := &r.e.View.Handout
	switch f.key {
	case "lesson":
		r.lesson(f)
	case "hide":
		if wrong := r.names(f, &h.Hide, core.Hideable); wrong != "" {
			r.complain("hide", f.key, wrong, "")
		}
	case "lock":
		if wrong := r.names(f, &h.Lock, core.Lockable); wrong != "" {
			r.complain("lock", f.key, wrong, "")
		}
	case "present":
		r.onOff(f, &h.Present)
	case "play":
		r.onOff(f, &h.Play)
	case "lang":
		r.language(f)
	default:
		return false
	}
	return true
}

// lesson reads a lesson's name, and its step where it is not the first.
func (r *reader) lesson(f field) {
	name, step, numbered := strings.Cut(f.value, ".")
	at, ok := 1, true
	if numbered {
		at, ok = parseIndex(step)
	}
	if !ok || at < 1 || at > core.MostStage*10 || name == "" || len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		r.complain("lesson", f.key, f.value, "")
		return
	}
	r.e.View.Lesson, r.e.View.LessonStep = name, at
}

// names reads a list of names, and returns the first that is not allowed.
func (r *reader) names(f field, to *[]string, allowed func(string) bool) (wrong string) {
	names, wrong := core.ParseNames(f.value, allowed)
	if wrong == "" {
		*to = names
	}
	return wrong
}

func (r *reader) onOff(f field, to *bool) {
	if f.value != "on" && f.value != "off" {
		r.complain("choice", f.key, f.value, "on, off")
		return
	}
	*to = f.value == "on"
}

// language reads a language's name as RFC 5646 writes it: which there are, the
// page knows.
func (r *reader) language(f field) {
	letters := strings.Trim(strings.ToLower(f.value), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	if !letters || len(f.value) < 2 || len(f.value) > 20 {
		r.complain("lang", f.key, f.value, "")
		return
	}
	r.e.View.Lang = f.value
}
