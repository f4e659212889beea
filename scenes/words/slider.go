package words

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
)

// SliderValue returns the value of a setting at a slider's place from 0 to
// end. Values are rounded to three digits, and to 1, 2 or 5 where one of those
// is the nearest place, so that round values can be hit.
func SliderValue(info *core.ParamInfo, place, end int) float64 {
	t := float64(place) / float64(end)
	x := info.Min + t*(info.Max-info.Min)
	if info.Scale == core.Logarithmic {
		x = info.Min * math.Pow(info.Max/info.Min, t)
	}
	x = snap(info, x, end)
	if info.Whole {
		x = math.Round(x)
	}
	return math.Max(info.Min, math.Min(info.Max, x))
}

// snap rounds a value of a logarithmic slider.
func snap(info *core.ParamInfo, x float64, end int) float64 {
	if info.Scale != core.Logarithmic {
		return Rounded(x, 4)
	}
	half := math.Log(info.Max/info.Min) / float64(end) / 2
	decade := math.Pow(10, math.Floor(math.Log10(x)))
	for _, nice := range [...]float64{1, 2, 5, 10} {
		if math.Abs(math.Log(x/(nice*decade))) <= half {
			return Rounded(nice*decade, 1)
		}
	}
	return Rounded(x, 3)
}

// Rounded returns the decimal number of so many significant digits nearest to x.
func Rounded(x float64, digits int) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', digits-1, 64), 64)
	if err != nil {
		return x
	}
	return y
}

// SliderPlace returns the place of a value on a slider from 0 to end.
func SliderPlace(info *core.ParamInfo, x float64, end int) int {
	t := (x - info.Min) / (info.Max - info.Min)
	if info.Scale == core.Logarithmic {
		t = math.Log(x/info.Min) / math.Log(info.Max/info.Min)
	}
	return int(math.Round(t * float64(end)))
}

// FindPrompt returns the first prompt after the given one, going round, whose
// text holds what is looked for, whatever its case; −1 if none does.
func FindPrompt(prompts []data.Prompt, text string, after int) int {
	text = strings.ToLower(strings.TrimSpace(text))
	for i := 1; i <= len(prompts); i++ {
		j := (after + i) % len(prompts)
		if strings.Contains(strings.ToLower(prompts[j].Text), text) {
			return j
		}
	}
	return -1
}

// Complain puts a complaint into a sentence: which field, what was found, and
// what is allowed. Choices are told by their names on the page, but for a choice
// that a link does not spell as it must.
func Complain(c *data.Complaint, w Words) string {
	field, value, allowed := c.Field, c.Value, c.Allowed
	if name, known := w["param."+c.Field+".name"]; known {
		field = name
	}
	if c.Code != "choice" {
		list := strings.Split(allowed, ", ")
		for i := range list {
			list[i] = w.choice(c.Field, list[i])
		}
		value, allowed = w.choice(c.Field, value), strings.Join(list, ", ")
	}
	return w.Say("complaint."+c.Code, "field", field, "key", c.Field, "value", value,
		"min", typeset(c.Min), "max", typeset(c.Max), "allowed", allowed)
}

// choice returns the name of a setting's choice, or of an objective, and what is
// neither as it is.
func (w Words) choice(field, key string) string {
	if objective.Named(key) != nil {
		return w.Say("objective." + key)
	}
	for _, info := range core.Params() {
		if name, known := w["param."+field+"."+key]; known && info.Key == field && slices.Contains(info.Choices, key) {
			return name
		}
	}
	return key
}

// typeset gives a number the minus of typography.
func typeset(number string) string { return strings.Replace(number, "-", Minus, 1) }
