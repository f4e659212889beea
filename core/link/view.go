package link

import (
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/data"
)

// writeView adds the view's fields to a link where they differ from the preset's, but
// not what is not in sight: a stage of a step that no panel shows, or corners of a
// landscape.
func writeView(v *core.View, s *core.Settings, b *strings.Builder, base *core.Preset) {
	if open := strings.Join(v.Open, "."); open != strings.Join(base.Open, ".") {
		data.WriteField(b, "open", open)
	}
	if v.Pair[0] != v.Pair[1] {
		data.WriteField(b, "pair", strconv.Itoa(v.Pair[0])+"-"+strconv.Itoa(v.Pair[1]))
	}
	if c := v.Corners; c != [3]int{} && s[core.ViewChoice] == core.ViewLandscape {
		data.WriteField(b, "tri", strconv.Itoa(c[0])+"-"+strconv.Itoa(c[1])+"-"+strconv.Itoa(c[2]))
	}
	if v.Betas != nil {
		list := make([]string, len(v.Betas))
		for i, beta := range v.Betas {
			list[i] = data.FormatNumber(beta)
		}
		data.WriteField(b, "betas", strings.Join(list, "_"))
	}
	if v.Stage != 0 && (slices.Contains(v.Open, "pair") || s[core.ViewChoice] == core.ViewLoss) {
		data.WriteField(b, "stage", strconv.Itoa(v.Stage))
	}
	if v.Since != 0 && slices.Contains(v.Open, "ledger") {
		data.WriteField(b, "since", strconv.Itoa(v.Since))
	}
	writeHandout(&v.Handout, b)
}

// view reads one of the view's fields, and tells whether it is one.
func (r *reader) view(f field) bool {
	switch f.key {
	case "open":
		r.open(f)
	case "pair":
		r.pair(f)
	case "tri":
		r.corners(f)
	case "betas":
		betas, c := core.ParseBetaList(strings.Split(f.value, "_"), 1)
		if c != nil {
			r.add(c)
		} else {
			r.e.View.Betas = betas
		}
	case "stage":
		r.whole(f, &r.e.View.Stage, core.MostStage)
	case "since":
		r.whole(f, &r.e.View.Since, int(core.Params()[core.Steps].Max))
	default:
		return r.handout(f)
	}
	return true
}

func (r *reader) open(f field) {
	if strings.Trim(f.value, "abcdefghijklmnopqrstuvwxyz.") != "" || len(f.value) > 200 {
		r.complain("open", f.key, f.value, "")
		return
	}
	r.e.View.Open = nil
	if f.value != "" {
		r.e.View.Open = strings.Split(f.value, ".")
	}
}

func (r *reader) pair(f field) {
	p, ok := parsePair(f.value)
	if !ok || p.Prompt != 0 || p.Count != 1 {
		r.complain("pair", f.key, f.value, "0-1")
		return
	}
	r.e.View.Pair = [2]int{p.Chosen, p.Rejected}
}

func (r *reader) corners(f field) {
	var c [3]int
	parts := strings.Split(f.value, "-")
	ok := len(parts) == len(c)
	for i := 0; ok && i < len(c); i++ {
		c[i], ok = parseIndex(parts[i])
	}
	if !ok || c[0] == c[1] || c[1] == c[2] || c[0] == c[2] {
		r.complain("corners", f.key, f.value, "0-1-2")
		return
	}
	r.e.View.Corners = c
}

// whole reads a whole number from 0 to the most.
func (r *reader) whole(f field, to *int, most int) {
	info := core.ParamInfo{Key: f.key, Max: float64(most), Whole: true}
	x, c := info.Parse(f.value)
	if c != nil {
		r.add(c)
		return
	}
	*to = int(x)
}

// finishView sees to it that what is looked at is there.
func (r *reader) finishView(prompts []data.Prompt) {
	shown := int(r.e.Settings[core.ShownPrompt])
	if shown >= len(prompts) {
		r.complain("shown", core.Params()[core.ShownPrompt].Key, strconv.Itoa(shown), strconv.Itoa(len(prompts)-1))
		r.e.Settings[core.ShownPrompt] = 0
		shown = 0
	}
	v, k := &r.e.View, len(prompts[shown].Replies)
	if high := slices.Max(v.Pair[:]); high >= k {
		r.complain("arm", "pair", strconv.Itoa(high), strconv.Itoa(k-1))
		v.Pair = [2]int{}
	}
	if high := slices.Max(v.Corners[:]); high >= k {
		r.complain("arm", "tri", strconv.Itoa(high), strconv.Itoa(k-1))
		v.Corners = [3]int{}
	}
}
