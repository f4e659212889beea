package core

import (
	"slices"
	"strconv"
	"strings"
)

// A View is what of an experiment is looked at, beside the setting ViewChoice.
// It changes no number.
type View struct {
	Open    []string  // sections of the page that are open
	Pair    [2]int    // the pair being worked, as arms of the shown prompt; equal for none
	Corners [3]int    // of the landscape, as arms of the shown prompt; all 0 for none chosen
	Betas   []float64 // that stand beside the present β, rising; nil for none chosen
	Stage   int       // of the step in slow motion, from 0
	Since   int       // the step from which the ledger counts
}

// The limits of what a link may ask for.
const (
	LeastBetas = 2 // side by side
	MostBetas  = 5
	mostStage  = 20
)

// ForgetReplies drops what points at replies, as the question is another now.
func (v *View) ForgetReplies() { v.Pair, v.Corners = [2]int{}, [3]int{} }

// write adds the view's fields to a link where they differ from the preset's.
func (v *View) write(b *strings.Builder, base *Preset) {
	if open := strings.Join(v.Open, "."); open != strings.Join(base.Open, ".") {
		writeField(b, "open", open)
	}
	if v.Pair[0] != v.Pair[1] {
		writeField(b, "pair", strconv.Itoa(v.Pair[0])+"-"+strconv.Itoa(v.Pair[1]))
	}
	if c := v.Corners; c != [3]int{} {
		writeField(b, "tri", strconv.Itoa(c[0])+"-"+strconv.Itoa(c[1])+"-"+strconv.Itoa(c[2]))
	}
	if v.Betas != nil {
		list := make([]string, len(v.Betas))
		for i, beta := range v.Betas {
			list[i] = formatNumber(beta)
		}
		writeField(b, "betas", strings.Join(list, "_"))
	}
	if v.Stage != 0 {
		writeField(b, "stage", strconv.Itoa(v.Stage))
	}
	if v.Since != 0 {
		writeField(b, "since", strconv.Itoa(v.Since))
	}
}

// view reads one of the view's fields, and tells whether it is one.
func (r *linkReader) view(f linkField) bool {
	switch f.key {
	case "open":
		r.open(f)
	case "pair":
		r.pair(f)
	case "tri":
		r.corners(f)
	case "betas":
		betas, c := parseBetas(strings.Split(f.value, "_"), 1)
		if c != nil {
			r.add(c)
		} else {
			r.e.View.Betas = betas
		}
	case "stage":
		r.whole(f, &r.e.View.Stage, mostStage)
	case "since":
		r.whole(f, &r.e.View.Since, int(Params()[Steps].Max))
	default:
		return false
	}
	return true
}

func (r *linkReader) open(f linkField) {
	if strings.Trim(f.value, "abcdefghijklmnopqrstuvwxyz.") != "" || len(f.value) > 200 {
		r.complain("open", f.key, f.value, "")
		return
	}
	r.e.View.Open = nil
	if f.value != "" {
		r.e.View.Open = strings.Split(f.value, ".")
	}
}

func (r *linkReader) pair(f linkField) {
	p, ok := parsePair(f.value)
	if !ok || p.Prompt != 0 || p.Count != 1 {
		r.complain("pair", f.key, f.value, "0-1")
		return
	}
	r.e.View.Pair = [2]int{p.Chosen, p.Rejected}
}

func (r *linkReader) corners(f linkField) {
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

// ParseBetas reads the βs that stand side by side, each as a setting is
// written. They come back rising.
func ParseBetas(texts []string) ([]float64, *Complaint) { return parseBetas(texts, LeastBetas) }

func parseBetas(texts []string, least int) ([]float64, *Complaint) {
	info := Params()[Beta]
	info.Key = "betas"
	betas := make([]float64, 0, len(texts))
	for _, text := range texts {
		beta, c := info.Parse(strings.TrimSpace(text))
		if c != nil {
			return nil, c
		}
		if slices.Contains(betas, beta) {
			return nil, &Complaint{Code: "betas.twice", Field: info.Key, Value: formatNumber(beta)}
		}
		betas = append(betas, beta)
	}
	if len(betas) < least || len(betas) > MostBetas {
		return nil, &Complaint{Code: "betas", Field: info.Key, Value: strconv.Itoa(len(betas)),
			Min: strconv.Itoa(least), Max: strconv.Itoa(MostBetas)}
	}
	slices.Sort(betas)
	return betas, nil
}

// whole reads a whole number from 0 to the most.
func (r *linkReader) whole(f linkField, to *int, most int) {
	info := ParamInfo{Key: f.key, Max: float64(most), Whole: true}
	x, c := info.Parse(f.value)
	if c != nil {
		r.add(c)
		return
	}
	*to = int(x)
}

// finishView sees to it that what is looked at is there.
func (r *linkReader) finishView(prompts []Prompt) {
	shown := int(r.e.Settings[ShownPrompt])
	if shown >= len(prompts) {
		r.complain("shown", Params()[ShownPrompt].Key, strconv.Itoa(shown), strconv.Itoa(len(prompts)-1))
		r.e.Settings[ShownPrompt] = 0
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
