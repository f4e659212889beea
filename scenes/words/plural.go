package words

import "dpoplayground/scenes/plural"

// pluralRuleKey is the catalogue's key of its language's rule of plurals. It is
// no sentence, and no key of a sentence begins like it.
const pluralRuleKey = "@plural"

// formSuffixes are what follows a key in the catalogue for the forms of a
// sentence about a number of things, but for the last form, which has the key.
var formSuffixes = [...]string{"@0", "@1", "@2", "@3", "@4", "@5", "@6", "@7"}

// Form returns the key of a sentence about n things: of the form that the
// catalogue's language uses of n. Where a sentence has one form it is key.
func (w Words) Form(key string, n int) string {
	form, count, ok := plural.Form(w[pluralRuleKey], max(n, -n))
	if !ok || form >= count-1 || form >= len(formSuffixes) {
		return key
	}
	if _, there := w[key+formSuffixes[form]]; there {
		return key + formSuffixes[form]
	}
	return key
}
