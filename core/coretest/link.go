package coretest

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"dpoplayground/core"
	"dpoplayground/core/data"
)

func TestPresets() []core.Preset { return core.Presets(func(key string) string { return key }) }

// awkward holds what texts are made of in the round trip: everything that means
// something in a fragment or to this format, and scripts of all kinds.
var awkward = []string{"a", "Z", "0", " ", "  ", "\n", "\t", "%", "%41", "&", "+", "_", "=", "#", "/", "?", "\\", "\"", "'", "<b>", "é", "e\u0301",
	"日本", "שלום", "مرحبا", "\u202e", "👩‍🏫", "🇪🇺", "\u00a0", "\u200b", "\ufeff", "\ufffd", "x9", "1-2", "0:1-2", "q=", "&a=1__b", "{key}", "\U0010ffff"}

func awkwardText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(awkward[r.IntN(len(awkward))])
	}
	return b.String()
}

func RandomValue(r *rand.Rand, info *core.ParamInfo) float64 {
	x := info.Min + (info.Max-info.Min)*r.Float64()
	if info.Scale == core.Logarithmic {
		x = math.Min(info.Max, math.Max(info.Min, info.Min*math.Pow(info.Max/info.Min, r.Float64())))
	}
	if info.Whole {
		x = math.Round(x)
	}
	return x
}

func RandomPrompts(r *rand.Rand) []data.Prompt {
	prompts := make([]data.Prompt, 1+r.IntN(3))
	for i := range prompts {
		p := data.Prompt{Text: awkwardText(r), Replies: make([]data.Reply, 2+r.IntN(4))}
		withReference, withoutReward := r.IntN(2) == 0, r.IntN(3) == 0
		for k := range p.Replies {
			p.Replies[k] = data.Reply{Text: awkwardText(r), Reward: 100 * (2*r.Float64() - 1)}
			if withoutReward {
				p.Replies[k].Reward = math.NaN()
			}
			if r.IntN(3) == 0 {
				p.Replies[k].Tokens = math.Ceil(math.Pow(10, 5*r.Float64()))
				p.Replies[k].Custom = 200*r.Float64() - 100
			}
			for range r.IntN(3) * r.IntN(4) {
				p.Replies[k].Features = append(p.Replies[k].Features, 100*(2*r.Float64()-1))
			}
			if withReference {
				p.Reference = append(p.Reference, math.Pow(10, 24*r.Float64()-12))
			}
		}
		prompts[i] = p
	}
	return prompts
}

func RandomPairs(r *rand.Rand, prompts []data.Prompt) []data.Pair {
	pairs := []data.Pair{}
	for range r.IntN(9) {
		p := r.IntN(len(prompts))
		k := len(prompts[p].Replies)
		a := r.IntN(k)
		pairs = append(pairs, data.Pair{p, a, (a + 1 + r.IntN(k-1)) % k, math.Ceil(math.Pow(10, 9*r.Float64()))})
	}
	return pairs
}

func RandomThumbs(r *rand.Rand, prompts []data.Prompt) []data.Thumb {
	thumbs := []data.Thumb{}
	for range r.IntN(9) {
		p := r.IntN(len(prompts))
		t := data.Thumb{Prompt: p, Reply: r.IntN(len(prompts[p].Replies))}
		count := math.Ceil(math.Pow(10, 9*r.Float64()))
		switch r.IntN(3) {
		case 0:
			t.Up = count
		case 1:
			t.Down = count
		default:
			t.Up, t.Down = count, float64(1+r.IntN(9))
		}
		thumbs = append(thumbs, t)
	}
	return thumbs
}

// SameExperiment compares bit for bit, NaN being equal to NaN and no open
// section to none.
func SameExperiment(a, b core.Experiment) bool {
	return reflect.DeepEqual(bitsOf(a), bitsOf(b))
}

func bitsOf(e core.Experiment) []any {
	out := []any{e.Preset, strings.Join(e.View.Open, "."), e.View.Pair, e.View.Corners, len(e.View.Betas), e.View.Stage, e.View.Since, e.File, e.Prompts == nil, e.Given == nil}
	h := e.View.Handout
	out = append(out, e.Start == nil, h.Lesson, h.LessonStep, strings.Join(h.Hide, "."), strings.Join(h.Lock, "."), h.Present, h.Play, h.Lang)
	for _, x := range append(append(e.Settings[:], e.View.Betas...), e.Start...) {
		out = append(out, math.Float64bits(x))
	}
	for _, p := range e.Prompts {
		out = append(out, p.Text, p.Reference == nil)
		for _, w := range p.Reference {
			out = append(out, math.Float64bits(w))
		}
		for _, r := range p.Replies {
			out = append(out, r.Text, math.Float64bits(r.Reward), r.Tokens, math.Float64bits(r.Custom), len(r.Features))
			for _, x := range r.Features {
				out = append(out, math.Float64bits(x))
			}
		}
	}
	for _, p := range e.Given {
		out = append(out, p)
	}
	out = append(out, e.Thumbs == nil)
	for _, t := range e.Thumbs {
		out = append(out, t)
	}
	return out
}

func CheckComplaint(t *testing.T, name string, c *data.Complaint, field, code, allowed string) {
	t.Helper()
	if c.Field != field || c.Code != code || !strings.Contains(c.Error(), allowed) {
		t.Errorf("%s: %v, want %s about %q with %q", name, c, code, field, allowed)
	}
	for _, s := range []string{c.Field, c.Value} {
		if data.Printable(s) != s || utf8.RuneCountInString(s) > 61 {
			t.Errorf("%s: %q is no text for a sentence", name, s)
		}
	}
}
