package core

import (
	"strconv"

	"dpoplayground/core/data"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// presetPrompt is a prompt in numbers: for each reply one reward, one reference
// weight (nil for a uniform reference), a custom reward where there is one, and
// for a linear policy its features.
type presetPrompt struct {
	rewards, reference []float64
	custom             []float64
	features           [][]float64
}

type presetRow struct {
	id        string
	exhibit   bool
	objective string // DPO if empty
	prompts   []presetPrompt
	given     []data.Pair
	thumbs    []data.Thumb
	set       map[Param]float64
	versus    []string // objectives to compare with
	open      []string
}

// presetTable holds the ready-made experiments, exhibits last. Their texts are in the
// catalogue: preset.ID.name and preset.ID.note, and for prompt i and its reply
// k preset.ID.i and preset.ID.i.k.
var presetTable = []presetRow{
	{
		id: "tyre",
		prompts: []presetPrompt{{
			rewards:   []float64{0.9, 0.5, 0.1, 0.2, -0.5, -1.1},
			reference: []float64{0.17, 0.20, 0.16, 0.22, 0.15, 0.10},
		}},
	},
	{
		// Everybody is beaten by somebody: round the table goes a ≻ b ≻ c ≻ d ≻ a,
		// and only the last reply is liked a little less than all others.
		id: "jury",
		prompts: []presetPrompt{{
			rewards:   []float64{0, 0, 0, 0, -0.7},
			reference: []float64{0.34, 0.12, 0.24, 0.10, 0.20},
		}},
		given: []data.Pair{
			{0, 0, 1, 9}, {0, 1, 0, 3}, {0, 1, 2, 9}, {0, 2, 1, 3}, {0, 2, 3, 9}, {0, 3, 2, 3}, {0, 3, 0, 9}, {0, 0, 3, 3},
			{0, 0, 4, 8}, {0, 4, 0, 4}, {0, 1, 4, 8}, {0, 4, 1, 4}, {0, 2, 4, 8}, {0, 4, 2, 4}, {0, 3, 4, 8}, {0, 4, 3, 4},
		},
		set: map[Param]float64{Source: FromGiven},
	},
	{
		// Every vote on a pair goes one way. Two replies are never beaten and never
		// compared with each other.
		id: "agree",
		prompts: []presetPrompt{{
			rewards:   []float64{1.5, 1.2, 0.2, -0.4, -1, -1.5},
			reference: []float64{0.12, 0.18, 0.26, 0.20, 0.14, 0.10},
		}},
		given: []data.Pair{
			{0, 0, 2, 12}, {0, 0, 4, 9}, {0, 1, 3, 6}, {0, 1, 5, 8}, {0, 2, 4, 10}, {0, 3, 5, 7},
		},
		set: map[Param]float64{Source: FromGiven},
	},
	{
		id: "rare",
		prompts: []presetPrompt{{
			rewards:   []float64{1.6, 0.6, 0.3, 0, -0.6, -1},
			reference: []float64{0.008, 0.262, 0.31, 0.24, 0.12, 0.06},
		}},
		set: map[Param]float64{Votes: 480},
	},
	{
		id: "three",
		prompts: []presetPrompt{
			{rewards: []float64{1.2, 0.4, -0.2, -1.2}, reference: []float64{0.2, 0.35, 0.3, 0.15}},
			{rewards: []float64{1.4, 0.6, 0, -1}, reference: []float64{0.1, 0.3, 0.4, 0.2}},
			{rewards: []float64{0.9, 0.5, 0.1, -0.3, -1.4}, reference: []float64{0.15, 0.25, 0.25, 0.2, 0.15}},
		},
	},
	{
		// All that annotators think of all pairs: the optimum is π_ref·e^{r/β}/Z.
		id: "same", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{1, 0, -1}, reference: []float64{0.3, 0.4, 0.3}}},
		set:     map[Param]float64{Source: FromPopulation, Steps: 3000},
	},
	{
		// Over-optimisation: the custom reward likes best what the true one likes
		// least, and the reference hardly ever says it.
		id: "proxy", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{0, 0.6, 1, -2}, reference: []float64{0.55, 0.4, 0.049, 0.001},
			custom: []float64{0, 0.6, 1, 2}}},
		set: map[Param]float64{Source: FromPopulation, How: LearnByRLHF, EstimatorChoice: float64(rlhf.ExactGradient), RewardFit: FitNothing,
			Beta: 0.05, Rate: 1, Steps: 20_000},
		open: []string{"rewards"},
	},
	{
		// One label, always the same: DPO goes all the way whatever β, and IPO stops
		// at σ(1/(2β)).
		id: "greedy", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{1, -1}}},
		given:   []data.Pair{{0, 0, 1, 20}},
		set:     map[Param]float64{Source: FromGiven, Beta: 1, Steps: 2000},
	},
	{
		id: "cycle", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{0, 0, 0}, reference: []float64{0.2, 0.3, 0.5}}},
		given:   []data.Pair{{0, 0, 1, 12}, {0, 1, 2, 12}, {0, 2, 0, 12}},
		set:     map[Param]float64{Source: FromGiven},
	},
	{
		id: "onesided", exhibit: true, objective: "ipo",
		prompts: []presetPrompt{{rewards: []float64{1, 0, -1}}},
		given:   []data.Pair{{0, 0, 1, 10}, {0, 1, 2, 10}, {0, 0, 2, 10}},
		set:     map[Param]float64{Source: FromGiven, Beta: 1},
	},
	{
		// The first two beat each other, the first beats the third, and nobody was
		// asked about the second and the third.
		id: "missing", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{0.5, 0.5, -0.5}}},
		given:   []data.Pair{{0, 0, 1, 10}, {0, 1, 0, 10}, {0, 0, 2, 10}},
		set:     map[Param]float64{Source: FromGiven, Steps: 2000},
	},
	{
		id: "minority", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{0.4, 0}, reference: []float64{0.05, 0.95}}},
		given:   []data.Pair{{0, 0, 1, 60}, {0, 1, 0, 40}},
		set:     map[Param]float64{Source: FromGiven, Rate: 1},
	},
	{
		// Ups less downs are 40, −40 and 0, and of the ups 60, 30 and 10 in 100.
		id: "thumbs", exhibit: true, objective: "kto", versus: []string{"sft"},
		prompts: []presetPrompt{{rewards: []float64{1, -0.6, 0}, reference: []float64{0.2, 0.5, 0.3}}},
		thumbs:  []data.Thumb{{0, 0, 60, 20}, {0, 1, 30, 70}, {0, 2, 10, 10}},
		set:     map[Param]float64{Source: FromGiven, Rate: 2},
	},
	{
		// Slow, so that the rise of the third reply is seen before its fall.
		id: "unseen", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{1, -0.5, -1}, reference: []float64{0.1, 0.6, 0.3}}},
		given:   []data.Pair{{0, 0, 1, 20}},
		set:     map[Param]float64{Source: FromGiven, Rate: 0.1},
	},
	{
		// Four objectives on the same votes. They are those of all annotators, so that nothing but the flips is between them
		// and the true rewards.
		id: "noise", exhibit: true, objective: "rdpo", versus: []string{"dpo", "cdpo", "ipo"},
		prompts: []presetPrompt{{rewards: []float64{1.2, 0.4, -0.2, -1}, reference: []float64{0.15, 0.35, 0.3, 0.2}}},
		set:     map[Param]float64{Source: FromPopulation, Flip: 0.2, Smoothing: 0.2, Coverage: CoverFirst, Steps: 3000},
	},
	{
		// The reference is softmax(Fθ₀) of θ₀ = (2, 0.5), rounded. Chosen and rejected
		// differ only where the third reply is alone.
		id: "displacement", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{1, 0.8, -2}, reference: []float64{0.547, 0.331, 0.122},
			features: [][]float64{{1, 0}, {1, -1}, {0, 1}}}},
		given: []data.Pair{{0, 0, 1, 20}},
		set:   map[Param]float64{Source: FromGiven, PolicyChoice: train.LinearPolicy, Rate: 0.5},
		open:  []string{"plane"},
	},
	{
		// All votes are on the first question. The kind replies share one feature, the
		// curt ones another, and the third reply to the second question has both.
		id: "shared", exhibit: true,
		prompts: []presetPrompt{
			{rewards: []float64{0.5, -0.6}, features: [][]float64{{1, 0}, {0, 1}}},
			{rewards: []float64{0.5, -0.6, 0}, features: [][]float64{{1, 0}, {0, 1}, {0.5, 0.5}}},
		},
		given: []data.Pair{{0, 0, 1, 30}, {0, 1, 0, 10}},
		set:   map[Param]float64{Source: FromGiven, PolicyChoice: train.LinearPolicy, ShownPrompt: 1},
		open:  []string{"plane"},
	},
	{
		// The votes at hand compare the first two replies alone; online, annotators
		// judge whatever the policy says.
		id: "asked", exhibit: true, versus: []string{"dpo"},
		prompts: []presetPrompt{{rewards: []float64{0.8, -0.8, 1.6}, reference: []float64{0.5, 0.4, 0.1}}},
		set:     map[Param]float64{Source: FromPopulation, Coverage: CoverSeen, How: LearnOnline},
	},
	{
		// At the optimum reward less leash is the same for every reply, so advantages
		// are 0 and with them the noise, unless they are divided by their spread.
		id: "jitter", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{1, 0, -1}, reference: []float64{0.3, 0.4, 0.3}}},
		set:     map[Param]float64{Source: FromPopulation, How: LearnByRLHF, EstimatorChoice: float64(rlhf.GRPO)},
		open:    []string{"rlhf"},
	},
	{
		id: "moving", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{1, -0.1}, reference: []float64{0.01, 0.99}}},
		given:   []data.Pair{{0, 0, 1, 30}, {0, 1, 0, 10}},
		set:     map[Param]float64{Source: FromGiven, RefEvery: 25, Rate: 1},
	},
	{
		// The largest rate that settles is 1/(β²p(1−p)), here 16.7.
		id: "rate", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{0.4, 0}}},
		given:   []data.Pair{{0, 0, 1, 60}, {0, 1, 0, 40}},
		set:     map[Param]float64{Source: FromGiven, Rate: 24, Steps: 200},
	},
	{
		id: "smoothing", exhibit: true, objective: "cdpo",
		prompts: []presetPrompt{{rewards: []float64{1, -1}}},
		given:   []data.Pair{{0, 0, 1, 20}},
		set:     map[Param]float64{Source: FromGiven, Beta: 1, Smoothing: 0.1},
	},
	{
		// One vote a step, drawn from all there could be: the policy trembles around
		// the optimum for ever.
		id: "batch", exhibit: true,
		prompts: []presetPrompt{{rewards: []float64{0.5, -0.5}}},
		set:     map[Param]float64{Source: FromPopulation, Batch: 1, Beta: 1},
	},
}

// Presets returns the ready-made experiments with their texts, which say
// looks up in the catalogue.
func Presets(say func(key string) string) []Preset {
	out := make([]Preset, len(presetTable))
	for i, row := range presetTable {
		p := Preset{ID: row.id, Exhibit: row.exhibit, given: row.given, Thumbs: row.thumbs, Settings: DefaultSettings(), Open: row.open}
		if row.objective != "" {
			p.Settings = p.Settings.Choose(row.objective)
		}
		for _, key := range row.versus {
			p.Versus = append(p.Versus, Variant{ObjectiveChoice, DefaultSettings().Choose(key)[ObjectiveChoice]})
		}
		for param, x := range row.set {
			p.Settings[param] = x
		}
		for q, numbers := range row.prompts {
			p.Prompts = append(p.Prompts, numbers.prompt("preset."+row.id+"."+strconv.Itoa(q), say))
		}
		out[i] = p
	}
	return out
}

func (n presetPrompt) prompt(key string, say func(string) string) data.Prompt {
	p := data.Prompt{Text: say(key), Reference: n.reference}
	for k, r := range n.rewards {
		reply := data.Reply{Text: say(key + "." + strconv.Itoa(k)), Reward: r}
		if n.custom != nil {
			reply.Custom = n.custom[k]
		}
		if n.features != nil {
			reply.Features = n.features[k]
		}
		p.Replies = append(p.Replies, reply)
	}
	return p
}
