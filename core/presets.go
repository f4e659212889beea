package core

import "strconv"

// presetPrompt is a prompt in numbers: one reward and one reference weight a reply.
type presetPrompt struct{ rewards, reference []float64 }

type presetRow struct {
	id      string
	prompts []presetPrompt
	given   []Pair
	set     map[Param]float64
	open    []string
}

// presetTable holds the ready-made experiments. Their texts are in the
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
		given: []Pair{
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
		given: []Pair{
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
			{[]float64{1.2, 0.4, -0.2, -1.2}, []float64{0.2, 0.35, 0.3, 0.15}},
			{[]float64{1.4, 0.6, 0, -1}, []float64{0.1, 0.3, 0.4, 0.2}},
			{[]float64{0.9, 0.5, 0.1, -0.3, -1.4}, []float64{0.15, 0.25, 0.25, 0.2, 0.15}},
		},
	},
}

// Presets returns the ready-made experiments with their texts, which say
// looks up in the catalogue.
func Presets(say func(key string) string) []Preset {
	out := make([]Preset, len(presetTable))
	for i, row := range presetTable {
		p := Preset{ID: row.id, Given: row.given, Settings: DefaultSettings(), Open: row.open}
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

func (n presetPrompt) prompt(key string, say func(string) string) Prompt {
	p := Prompt{Text: say(key), Reference: n.reference}
	for k, r := range n.rewards {
		p.Replies = append(p.Replies, Reply{Text: say(key + "." + strconv.Itoa(k)), Reward: r})
	}
	return p
}
