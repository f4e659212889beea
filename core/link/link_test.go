package link

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
)

// randomExperiment returns an experiment that a link can carry.
// dropUnseen drops what no link carries, as nothing in sight shows it.
func dropUnseen(e *core.Experiment) {
	if e.Settings[core.ViewChoice] != core.ViewLandscape {
		e.View.Corners = [3]int{}
	}
	if !slices.Contains(e.View.Open, "pair") && e.Settings[core.ViewChoice] != core.ViewLoss {
		e.View.Stage = 0
	}
	if !slices.Contains(e.View.Open, "ledger") {
		e.View.Since = 0
	}
}

// Corners, a stage and a beginning of the account travel only where they are in sight.
func TestLinksCarryNoLeftovers(t *testing.T) {
	presets := coretest.TestPresets()
	e := presets[0].Start()
	e.View.Corners, e.View.Stage, e.View.Since = [3]int{0, 1, 2}, 3, 40
	for _, c := range []struct {
		view float64
		open []string
		want string
	}{{core.ViewMass, nil, ""}, {core.ViewLandscape, nil, "tri=0-1-2"}, {core.ViewLoss, nil, "stage=3"}, {core.ViewMass, []string{"pair"}, "stage=3"}, {core.ViewMass, []string{"ledger"}, "since=40"}} {
		e.Settings[core.ViewChoice], e.View.Open = c.view, c.open
		fragment, _ := Write(&e, presets)
		for _, field := range []string{"tri=0-1-2", "stage=3", "since=40"} {
			if strings.Contains(fragment, field) != (field == c.want) {
				t.Errorf("view %v with %v open: %s, of which %q is wrong", c.view, c.open, fragment, field)
			}
		}
	}
}

func randomExperiment(r *rand.Rand, presets []core.Preset) core.Experiment {
	base := &presets[r.IntN(len(presets))]
	e := base.Start()
	for p := range core.Params() {
		if r.IntN(3) == 0 {
			e.Settings[p] = coretest.RandomValue(r, &core.Params()[p])
		}
	}
	e.Settings[core.Step] = math.Min(e.Settings[core.Step], e.Settings[core.Steps])
	if r.IntN(2) == 0 {
		e.View.Open = []string{"data", "pair", "ledger"}[:r.IntN(4)]
	}
	prompts := base.Prompts
	if r.IntN(2) == 0 {
		e.Prompts = coretest.RandomPrompts(r)
		prompts = e.Prompts
	}
	e.Settings[core.ShownPrompt] = float64(r.IntN(len(prompts)))
	k := len(prompts[int(e.Settings[core.ShownPrompt])].Replies)
	if r.IntN(2) == 0 {
		e.View.Pair = [2]int{r.IntN(k), r.IntN(k)}
		if e.View.Pair[0] == e.View.Pair[1] {
			e.View.Pair = [2]int{}
		}
	}
	if k >= 3 && r.IntN(2) == 0 {
		copy(e.View.Corners[:], r.Perm(k))
	}
	if r.IntN(2) == 0 {
		e.View.Betas, e.View.Stage, e.View.Since = [][]float64{{0.01, 5}, {0.05, 0.1, 0.123456789, 1, 2.5}}[r.IntN(2)], r.IntN(9), r.IntN(1000)
	}
	dropUnseen(&e)
	if r.IntN(2) == 0 {
		e.Given = coretest.RandomPairs(r, prompts)
	}
	if r.IntN(2) == 0 {
		e.Thumbs = coretest.RandomThumbs(r, prompts)
	}
	if !e.Dataset(presets).Rewarded {
		e.Settings[core.Source] = core.FromGiven
	}
	if e.Settings.CheckLearning(prompts, e.Dataset(presets).Rewarded) != nil {
		e.Settings[core.How] = core.LearnDirectly
	}
	if e.Settings.CheckHypers() != nil {
		e.Settings = e.Settings.Choose(e.Settings.Objective().Key)
	}
	if e.Settings.CheckPolicy(prompts) != nil {
		e.Settings[core.PolicyChoice] = train.TabularPolicy
	}
	if e.Settings.CheckPaired(e.Dataset(presets)) != nil {
		e.Settings = e.Settings.ReadThumbs()
	}
	e.Versus = slices.DeleteFunc(e.Versus, func(v core.Variant) bool {
		s := e.Vary(v).Settings
		return s.CheckPaired(e.Dataset(presets)) != nil
	})
	if r.IntN(2) == 0 && e.Settings.CanStartElsewhere(k) == nil {
		for range k {
			e.Start = append(e.Start, 2*core.MostStart*(r.Float64()-0.5))
		}
	}
	return e
}

// A link that names an objective and no ε has ε as choosing that objective on the
// page makes it, wherever in the link it stands, and what the program writes says no more.
func TestLinkOfAnObjectiveAlone(t *testing.T) {
	presets := coretest.TestPresets()
	for _, c := range []struct {
		link    string
		epsilon float64
		written string
	}{
		{"obj=exo_pair", 0.01, "v=1&preset=tyre&obj=exo_pair"},
		{"obj=cdpo", 0.1, "v=1&preset=tyre&obj=cdpo"},
		{"eps=0&obj=cdpo", 0, "v=1&preset=tyre&eps=0&obj=cdpo"},
		{"obj=dpo", 0, "v=1&preset=tyre"},
		{"preset=noise&obj=cdpo&vs=", 0.2, ""},
		{"obj=exo_pair&preset=noise&vs=", 0.01, ""},
		{"preset=noise&obj=rdpo", 0.2, "v=1&preset=noise"},
		{"preset=smoothing", 0.1, "v=1&preset=smoothing"},
	} {
		e, complaints := Parse("#"+c.link, presets)
		if len(complaints) > 0 || e.Settings[core.Smoothing] != c.epsilon {
			t.Errorf("%s: ε = %v, want %v; %v", c.link, e.Settings[core.Smoothing], c.epsilon, complaints)
		}
		written, _ := Write(&e, presets)
		if c.written != "" && written != c.written {
			t.Errorf("%s is written %s, want %s", c.link, written, c.written)
		}
		if back, _ := Parse(written, presets); !coretest.SameExperiment(back, e) {
			t.Errorf("%s is not given back by %s", c.link, written)
		}
	}
	for _, o := range objective.All() {
		if _, complaints := Parse("obj="+o.Key, presets); len(complaints) > 0 {
			t.Errorf("obj=%s: %v", o.Key, *complaints[0])
		}
	}
}

// A link gives back the experiment, bit for bit, whether it is read raw, with
// its # or as a browser percent-encodes it.
func TestLinkRoundTrip(t *testing.T) {
	r, presets := rand.New(rand.NewPCG(4, 1)), coretest.TestPresets()
	for range 2000 {
		e := randomExperiment(r, presets)
		link, carried := Write(&e, presets)
		if !carried {
			t.Fatalf("an experiment of %d characters is not carried: %+v", len(link), e)
		}
		if i := strings.IndexFunc(link, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune("\"<>`#\\", c) }); i >= 0 {
			t.Fatalf("the link holds %q, which does not survive in a fragment: %s", link[i], link)
		}
		for _, text := range []string{link, "#" + link} {
			again, complaints := Parse(text, presets)
			if len(complaints) > 0 || !coretest.SameExperiment(e, again) {
				t.Fatalf("%s\ngives %+v\n not %+v\n(%v)", text, again, e, complaints)
			}
		}
		if _, c := core.NewLab(presets, e); c != nil {
			t.Fatalf("%s cannot be run: %v", link, c)
		}
	}
}

// What a link cannot carry is left out, and the link still reads back clean.
func TestLinkLeavesOutWhatItCannotCarry(t *testing.T) {
	presets := coretest.TestPresets()
	reply := func(text string) data.Prompt {
		return data.Prompt{Text: "q", Replies: []data.Reply{{Text: text}, {Text: "b"}}}
	}
	tag := &core.FileTag{Name: "votes & more_2.csv", Rows: 12, Hash: 1 << 63}
	many := make([]data.Prompt, 201)
	for i := range many {
		many[i] = reply("a")
	}
	for name, e := range map[string]core.Experiment{
		"a long text":         {Prompts: []data.Prompt{reply(strings.Repeat("x", data.MaxText+1))}},
		"much text":           {Prompts: []data.Prompt{reply(strings.Repeat("x", 1900)), reply(strings.Repeat("é", 1900))}},
		"a control character": {Prompts: []data.Prompt{reply("a\x00b")}},
		"bytes, not text":     {Prompts: []data.Prompt{reply("a\xffb")}},
		"one reply":           {Prompts: []data.Prompt{{Text: "q", Replies: []data.Reply{{Text: "a"}}}}},
		"many replies":        {Prompts: many},
		"a huge reward":       {Prompts: []data.Prompt{{Text: "q", Replies: []data.Reply{{Text: "a", Reward: 1e6}, {Text: "b"}}}}},
		"a part of a token":   {Prompts: []data.Prompt{{Text: "q", Replies: []data.Reply{{Text: "a", Tokens: 1.5}, {Text: "b"}}}}},
		"a feature of none":   {Prompts: []data.Prompt{{Text: "q", Replies: []data.Reply{{Text: "a", Features: []float64{math.NaN()}}, {Text: "b"}}}}},
		"many features":       {Prompts: []data.Prompt{{Text: "q", Replies: []data.Reply{{Text: "a", Features: make([]float64, data.MaxFeatures+1)}, {Text: "b"}}}}},
		"a tiny weight":       {Prompts: []data.Prompt{{Text: "q", Replies: []data.Reply{{Text: "a"}, {Text: "b"}}, Reference: []float64{1e-300, 1}}}},
		"part of a vote":      {Given: []data.Pair{{0, 0, 1, 0.5}}},
		"too many votes":      {Given: []data.Pair{{0, 0, 1, 1e10}}},
		"part of a thumb":     {Thumbs: []data.Thumb{{0, 0, 0.5, 0}}},
		"too many thumbs":     {Thumbs: []data.Thumb{{0, 0, 0, 1e10}}},
		"no thumb":            {Thumbs: []data.Thumb{{0, 0, 0, 0}}},
		"a file to come":      {},
	} {
		for _, file := range []*core.FileTag{tag, nil} {
			if name == "a file to come" && file == nil {
				continue
			}
			start := presets[0].Start()
			e.Preset, e.Settings, e.File = start.Preset, start.Settings, file
			link, carried := Write(&e, presets)
			again, complaints := Parse(link, presets)
			if carried || len(complaints) > 0 || again.Prompts != nil || again.Given != nil {
				t.Errorf("%s: carried %v, %s gives %v and %+v", name, carried, link, complaints, again)
			}
			if !reflect.DeepEqual(again.File, file) {
				t.Errorf("%s: the file is %+v, want %+v", name, again.File, file)
			}
			if second, _ := Write(&again, presets); second != link {
				t.Errorf("%s: the link changes from %s to %s", name, link, second)
			}
		}
	}
}

// hostile lists links with one thing wrong, the field to be named, the code of
// the sentence and, where there is one, a word of what is allowed.
var hostile = []struct{ link, field, code, allowed string }{
	{"beta=NaN", "beta", "number", "0.01 to 5"},
	{"beta=Inf", "beta", "number", "0.01 to 5"},
	{"beta=-Inf", "beta", "number", "0.01 to 5"},
	{"beta=1e999", "beta", "number", "0.01 to 5"},
	{"beta=1e-999", "beta", "range", "0.01 to 5"},
	{"beta=-0", "beta", "range", "0.01 to 5"},
	{"beta=-1", "beta", "range", "0.01 to 5"},
	{"beta=0x1p-2", "beta", "number", "0.01 to 5"},
	{"beta=0,5", "beta", "number", "0.01 to 5"},
	{"beta=1_0", "beta", "number", "0.01 to 5"},
	{"beta=٠.٥", "beta", "number", "0.01 to 5"},
	{"beta=", "beta", "number", "0.01 to 5"},
	{"beta", "beta", "empty", ""},
	{"beta=5.0000001", "beta", "range", "0.01 to 5"},
	{"lr=0", "lr", "range", "0.001 to 1000"},
	{"eps=0.6", "eps", "range", "0 to 0.5"},
	{"votes=2.5", "votes", "whole", "1 to 100000"},
	{"votes=0", "votes", "range", "1 to 100000"},
	{"seed=-1", "seed", "range", "0 to 4294967295"},
	{"seed=4294967296", "seed", "range", "0 to 4294967295"},
	{"steps=1e300", "steps", "range", "10 to 10000000"},
	{"step=1001", "step", "range", "0 to 1000"},
	{"steps=50&step=51", "step", "range", "0 to 50"},
	{"opt=adagrad", "opt", "choice", "sgd, adam"},
	{"opt=1", "opt", "choice", "sgd, adam"},
	{"opt=SGD", "opt", "choice", "sgd, adam"},
	{"from=", "from", "choice", "votes, population, given"},
	{"preset=none", "preset", "choice", "tyre, jury"},
	{"v=2", "v", "version", "1"},
	{"beta=1&beta=2", "beta", "twice", ""},
	{"b%65ta=1&beta=2", "beta", "twice", ""},
	{"preset=jury&preset=rare", "preset", "twice", ""},
	{"betta=1", "betta", "unknown", ""},
	{"constructor=1", "constructor", "unknown", ""},
	{"=5", "", "unknown", ""},
	{"beta=%", "beta", "escape", ""},
	{"beta=%4", "beta", "escape", ""},
	{"beta=%zz", "beta", "escape", ""},
	{"beta=%+1", "beta", "escape", ""},
	{"beta=%ff", "beta", "escape", ""},
	{"q=%ED%A0%80&a=1__x&a=0__y", "q", "escape", ""}, // a lone surrogate
	{"q=A&a=1__x&a=%ED%BF%BF&a=0__y", "a", "escape", ""},
	{"q=\xc0\xaf&a=1__x&a=0__y", "q", "escape", ""}, // an overlong slash
	{"q=A%00B&a=1__x&a=0__y", "q", "control", ""},
	{"q=A&a=1__x%1B[31m&a=0__y", "a", "control", ""},
	{"q=A&a=1__x%C2%85&a=0__y", "a", "control", ""},
	{"q=A", "q", "few", "2"},
	{"q=A&a=1__x", "q", "few", "2"},
	{"q=A%0A%09B", "q", "few", "2"},
	{"a=1__x&a=0__y", "a", "orphan", "q"},
	{"q=A&a=x&a=0__y", "a", "answer", "REWARD_REFERENCE_TEXT"},
	{"q=A&a=NaN__x&a=0__y", "a", "answer", "REWARD_REFERENCE_TEXT"},
	{"q=A&a=1e999__x&a=0__y", "a", "answer", "REWARD_REFERENCE_TEXT"},
	{"q=A&a=101__x&a=0__y", "a", "answer", "REWARD_REFERENCE_TEXT"},
	{"q=A&a=1_0_x&a=0_1_y", "a", "answer", "REWARD_REFERENCE_TEXT"},
	{"q=A&a=1_-1_x&a=0_1_y", "a", "answer", "REWARD_REFERENCE_TEXT"},
	{"q=A&a=1_1e-300_x&a=0_1_y", "a", "answer", "REWARD_REFERENCE_TEXT"},
	{"q=A&a=1_0.5_x&a=0__y", "q", "reference", ""},
	{"n=3", "n", "before", "a"},
	{"c=3", "c", "before", "a"},
	{"q=A&a=1__x&c=101&a=0__y", "c", "range", "-100 to 100"},
	{"q=A&f=1,2&a=1__x&a=0__y", "f", "before", "a"},
	{"q=A&a=1__x&n=&a=0__y", "n", "number", "1 to 100000"},
	{"q=A&a=1__x&n&a=0__y", "n", "empty", ""},
	{"q=A&a=1__x&n=NaN&a=0__y", "n", "number", "1 to 100000"},
	{"q=A&a=1__x&n=0&a=0__y", "n", "range", "1 to 100000"},
	{"q=A&a=1__x&n=1.5&a=0__y", "n", "whole", "1 to 100000"},
	{"q=A&a=1__x&n=1e9&a=0__y", "n", "range", "1 to 100000"},
	{"q=A&a=1__x&n=3&n=4&a=0__y", "n", "twice", ""},
	{"q=A&a=1__x&f=&a=0__y", "f", "number", "-100 to 100"},
	{"q=A&a=1__x&f=1,&a=0__y", "f", "number", "-100 to 100"},
	{"q=A&a=1__x&f=1,Inf&a=0__y", "f", "number", "-100 to 100"},
	{"q=A&a=1__x&f=1,1e3&a=0__y", "f", "range", "-100 to 100"},
	{"q=A&a=1__x&f=1&f=2&a=0__y", "f", "twice", ""},
	{"q=A&a=1__x&f=0" + strings.Repeat(",1", data.MaxFeatures) + "&a=0__y", "f", "features", "16"},
	{"q=A&a=1__x&f=%zz&a=0__y", "f", "escape", ""},
	{"policy=linear", "policy", "featureless", ""},
	{"q=A&a=__x&a=__y", "from", "unrewarded", "given"},
	{"q=A&a=1__x&a=__y", "from", "unrewarded", "given"},
	{"from=population&q=A&a=__x&a=__y&pairs=0-1", "from", "unrewarded", "given"},
	{"q=" + strings.Repeat("x", data.MaxText+1) + "&a=1__x&a=0__y", "q", "text", "2000"},
	{"q=A" + strings.Repeat("&a=1__x", data.MaxLinkReplies+1), "a", "replies", "400"},
	{"beta=" + strings.Repeat("1", 60_000), "beta", "number", "0.01 to 5"},
	{strings.Repeat("x", 1<<20), "link", "long", "65536"},
	{"pairs=0-0", "pairs", "pairs", "0-1x9"},
	{"pairs=0", "pairs", "pairs", "0-1x9"},
	{"pairs=0-1x0", "pairs", "pairs", "0-1x9"},
	{"pairs=0-1x-3", "pairs", "pairs", "0-1x9"},
	{"pairs=0-1x1.5", "pairs", "pairs", "0-1x9"},
	{"pairs=0-1x1000000001", "pairs", "pairs", "0-1x9"},
	{"pairs=0-1x99999999999999999999", "pairs", "pairs", "0-1x9"},
	{"pairs=-1-2", "pairs", "pairs", "0-1x9"},
	{"pairs=0-1__1-0", "pairs", "pairs", "0-1x9"},
	{"pairs=0-1_", "pairs", "pairs", "0-1x9"},
	{"pairs=0-6", "pairs", "arm", "5"},
	{"pairs=1:0-1", "pairs", "shown", "0"},
	{"pairs=4294967296:0-1", "pairs", "pairs", "0-1x9"},
	{"thumbs=0", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=u1", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=0u", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=0u0", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=0u1d0", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=0d2u1", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=0u1u1", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=0u1.5", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=0u-1", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=0u1000000001", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=0u1__1d1", "thumbs", "thumbs", "0u9d2"},
	{"thumbs=6u1", "thumbs", "arm", "5"},
	{"thumbs=1:0u1", "thumbs", "shown", "0"},
	{"thumbs=0u9&obj=dpo", "obj", "unpaired", "kto"},
	{"thumbs=0u9&how=rlhf", "how", "unpaired", "kto"},
	{"preset=thumbs&obj=ipo&vs=", "obj", "unpaired", "kto"},
	{"preset=thumbs&vs=obj:dpo", "obj", "unpaired", "kto"},
	{"pair=0-0", "pair", "pair", "0-1"},
	{"pair=0-6", "pair", "arm", "5"},
	{"pair=1:0-1", "pair", "pair", "0-1"},
	{"pair=0-1x2", "pair", "pair", "0-1"},
	{"tri=0-1", "tri", "corners", "0-1-2"},
	{"tri=0-1-1", "tri", "corners", "0-1-2"},
	{"tri=0-1-6", "tri", "arm", "5"},
	{"betas=0.1_0.2_0.3_0.4_0.5_0.6", "betas", "betas", "5"},
	{"betas=0.1_x", "betas", "number", "5"},
	{"betas=0.1_9", "betas", "range", "0.01 to 5"},
	{"betas=0.1_0.1", "betas", "betas.twice", ""},
	{"stage=-1", "stage", "range", "0 to 20"},
	{"since=1.5", "since", "whole", "0"},
	{"view=flat", "view", "choice", "mass, betas"},
	{"prompt=1", "prompt", "shown", "0"},
	{"preset=three&prompt=3", "prompt", "shown", "2"},
	{"prompt=-1", "prompt", "range", "0 to 200000"},
	{"open=<script>", "open", "open", ""},
	{"open=a%20b", "open", "open", ""},
	{"open=" + strings.Repeat("a.", 101), "open", "open", ""},
	{"file=xyz", "file", "file", "HASH_ROWS_NAME"},
	{"file=1_0_a", "file", "file", "HASH_ROWS_NAME"},
	{"file=1_-5_a", "file", "file", "HASH_ROWS_NAME"},
	{"file=11111111111111111_5_a", "file", "file", "HASH_ROWS_NAME"},
	{"file=1_5_%07", "file", "file", "HASH_ROWS_NAME"},
	{"file=1_5_" + strings.Repeat("n", 256), "file", "file", "HASH_ROWS_NAME"},
}

// Each hostile link gives one complaint, which names the field and what is
// allowed and can be shown as it is; everything else in the link holds, and
// what comes out can be run.
func TestHostileLinks(t *testing.T) {
	presets := coretest.TestPresets()
	if len(hostile) < 40 {
		t.Fatalf("only %d hostile links", len(hostile))
	}
	for _, h := range hostile {
		name := data.Shorten(data.Printable(h.link))
		link := h.link
		if len(link) < maxRead {
			link = "ref=uniform&" + link + "&temp=0.3"
		}
		e, complaints := Parse(link, presets)
		if len(complaints) != 1 {
			t.Errorf("%s: %d complaints, want one: %v", name, len(complaints), complaints)
			continue
		}
		coretest.CheckComplaint(t, name, complaints[0], h.field, h.code, h.allowed)
		if len(link) < maxRead && (e.Settings[core.Temperature] != 0.3 || e.Settings[core.Reference] != core.ReferenceUniform) {
			t.Errorf("%s: the fields around it do not hold", name)
		}
		if lab, c := core.NewLab(presets, e); c != nil {
			t.Errorf("%s: what is left cannot be run: %v", name, c)
		} else if pair := e.View.Pair; pair[0] != pair[1] {
			lab.Worked(pair[0], pair[1])
		}
	}
}

// One wrong field does not take others with it: here are five, and all the rest holds.
func TestManyWrongFields(t *testing.T) {
	presets := coretest.TestPresets()
	e, complaints := Parse("#v=1&preset=three&beta=0.2&lr=NaN&open=&opt=adam&seed=x&prompt=2&pairs=2:0-9&step=1e9&steps=500&pair=0-1&zz=1", presets)
	if len(complaints) != 5 {
		t.Errorf("%d complaints: %v", len(complaints), complaints)
	}
	want := presets[4].Start()
	want.Settings[core.Beta], want.Settings[core.Optimizer], want.Settings[core.ShownPrompt], want.Settings[core.Steps] = 0.2, train.Adam, 2, 500
	want.View.Pair = [2]int{0, 1}
	if !coretest.SameExperiment(e, want) {
		t.Errorf("%+v, want %+v", e, want)
	}
}

// A broken data set leaves the preset's, with the preset's preferences.
func TestBrokenDataFallsBack(t *testing.T) {
	presets := coretest.TestPresets()
	for _, link := range []string{"from=given&q=A&a=__x&a=%&pairs=0-1", "from=given&q=A&a=1__x&pairs=0-1", "from=given&pairs=0-9"} {
		e, complaints := Parse(link, presets)
		if len(complaints) != 1 || e.Prompts != nil || e.Given != nil || e.Settings[core.Source] != core.FromVotes {
			t.Errorf("%s gives %+v (%v)", link, e, complaints)
		}
	}
}

// What is not said of a reply leaves its fingerprint as it was before it could
// be said: a file that a link names is known again.
func TestHashOfWhatIsNotSaid(t *testing.T) {
	hash := func(r data.Reply) uint64 {
		d := &data.Dataset{Prompts: []data.Prompt{{Text: "q", Replies: []data.Reply{r, {Text: "b"}}}}, Pairs: []data.Pair{{0, 0, 1, 1}}}
		return d.Hash(func() {})
	}
	fnv := fnv.New64a()
	fnv.Write([]byte("q\xffa\xffb\xff0-1\xff"))
	if got := hash(data.Reply{Text: "a"}); got != fnv.Sum64() {
		t.Errorf("the fingerprint is %x, want %x", got, fnv.Sum64())
	}
	seen := map[uint64]bool{}
	for _, r := range []data.Reply{{Text: "a"}, {Text: "a", Tokens: 3}, {Text: "a", Custom: 3}, {Text: "a", Features: []float64{3}}, {Text: "a", Features: []float64{3, 0}}} {
		seen[hash(r)] = true
	}
	if len(seen) != 5 {
		t.Errorf("five data sets have %d fingerprints", len(seen))
	}
}

func TestEmptyLinks(t *testing.T) {
	presets := coretest.TestPresets()
	for _, link := range []string{"", "#", "&", "&&&", "v=1", "#v=1"} {
		if e, complaints := Parse(link, presets); len(complaints) > 0 || !coretest.SameExperiment(e, presets[0].Start()) {
			t.Errorf("%q gives %+v (%v)", link, e, complaints)
		}
	}
}

// FuzzParseLink wants every fragment to give something that can be run and
// whose own link reads back the same without complaint.
func FuzzParseLink(f *testing.F) {
	presets := coretest.TestPresets()
	for _, h := range hostile {
		if len(h.link) < 2000 {
			f.Add(h.link)
		}
	}
	r := rand.New(rand.NewPCG(4, 2))
	for range 40 {
		e := randomExperiment(r, presets)
		link, _ := Write(&e, presets)
		f.Add(link)
	}
	f.Fuzz(func(t *testing.T, fragment string) {
		e, complaints := Parse(fragment, presets)
		for _, c := range complaints {
			if c.Code == "" || data.Printable(c.Error()) != c.Error() {
				t.Errorf("complaint %+v", c)
			}
		}
		link, carried := Write(&e, presets)
		again, complaints := Parse(link, presets)
		if len(complaints) > 0 {
			t.Fatalf("%q gives %q, about which: %v", fragment, link, complaints)
		}
		if second, _ := Write(&again, presets); second != link || (carried && !coretest.SameExperiment(e, again)) {
			t.Fatalf("%q gives %q, which gives %q", fragment, link, second)
		}
		if e.Settings[core.Votes]*float64(len(e.Prompts)) < 1e6 {
			if _, c := core.NewLab(presets, e); c != nil {
				t.Fatalf("%q cannot be run: %v", fragment, c)
			}
		}
	})
}
