package link

import (
	"slices"
	"strconv"

	"dpoplayground/core"
)

// versus reads the runs to compare with.
func (r *reader) versus(f field) {
	r.e.Versus = nil
	if f.value == "" {
		return // none, where the preset has some
	}
	for _, item := range core.SplitVariants(f.value) {
		v, c := core.ParseVariant(item)
		switch {
		case c != nil:
			r.add(c)
		case slices.Contains(r.e.Versus, v):
			r.complain("twice", item, "", "")
		case len(r.e.Versus) == core.MostVariants:
			r.complain("lanes", f.key, item, strconv.Itoa(core.MostVariants))
			return
		default:
			r.e.Versus = append(r.e.Versus, v)
		}
	}
}

// finishVersus leaves out what cannot be run beside the present settings.
func (r *reader) finishVersus() {
	r.e.Versus = slices.DeleteFunc(r.e.Versus, func(v core.Variant) bool {
		s := r.e.Vary(v).Settings
		c := s.CheckHypers()
		if c == nil && !r.e.AwaitsFile() {
			c = s.CheckPaired(r.e.Dataset(r.presets))
		}
		if c != nil {
			r.add(c)
		}
		return c != nil
	})
}
