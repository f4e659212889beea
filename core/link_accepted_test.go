package core_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/link"
)

// extremes are values of a setting at its ends, and beyond.
func extremes(info *core.ParamInfo) []string {
	if info.Choices != nil {
		return append([]string{"lion"}, info.Choices...)
	}
	return []string{data.FormatNumber(info.Min), data.FormatNumber(info.Max), data.FormatNumber(info.Default), data.FormatNumber((info.Min + info.Max) / 3),
		data.FormatNumber(info.Min - 1), data.FormatNumber(2*info.Max + 1), "1", "2", "10000", "NaN"}
}

// wildLink writes a link of random fields with extreme values, data among them.
func wildLink(r *rand.Rand, presets []core.Preset) string {
	var b strings.Builder
	field := func(key string, value any) { fmt.Fprintf(&b, "&%s=%v", key, value) }
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	field("preset", presets[r.IntN(len(presets))].ID)
	for n := r.IntN(12); n > 0; n-- {
		info := &core.Params()[r.IntN(int(core.ParamCount))]
		field(info.Key, pick(extremes(info)...))
	}
	switch r.IntN(6) {
	case 0:
		for range 1 + r.IntN(3) {
			field("q", "Why?")
			for k := range 2 + r.IntN(4) {
				field("a", pick("", "1", "-100")+"_"+pick("", "", "1e-12")+"_r"+strconv.Itoa(k))
				if r.IntN(3) == 0 {
					field("f", pick("1,2", "0", "100,-100,1"))
				}
			}
		}
	case 1: // as many questions as fit
		for k := range 200 {
			field("q", k)
			field("a", "1__a")
			field("a", "0__b")
		}
	case 2: // as many replies to one
		field("q", "Many")
		for k := range 400 {
			field("a", strconv.Itoa(k%3)+"__"+strconv.Itoa(k))
		}
	case 3:
		field("file", "ab_12_votes.csv")
	}
	if r.IntN(3) == 0 {
		field("pairs", pick("", "0-1x1000000000", "0-1_1-0", "199:0-1", "0-399"))
	}
	if r.IntN(4) == 0 {
		field("thumbs", pick("", "0u1000000000", "0u1_1d1", "1:0u2"))
	}
	if r.IntN(4) == 0 {
		field("at", pick("0", "50,-50", "0.5,-0.2,0,1,0,0", "51,0"))
	}
	if r.IntN(5) == 0 {
		field("vs", pick("obj:ipo_beta:0.1", "obj:kto", "how:rlhf", "beta:7"))
	}
	return "v=1" + b.String()
}

// A lab runs whatever a reader of links lets pass: what cannot be run is named as
// the link is read, and the rest of the link holds.
func TestALabRunsEveryLinkThatIsRead(t *testing.T) {
	presets := coretest.TestPresets()
	links := []string{"v=1&votes=100000&from=votes&beta=0.7" + strings.Repeat("&q=Why&a=1__x&a=0__y", 200),
		"v=1&file=ab_12_v.csv&from=votes&preset=thumbs", "v=1&how=rlhf&est=grpo&replies=64&group=10000&fresh=1&judged=1"}
	r := rand.New(rand.NewPCG(3, 5))
	for range 3000 {
		links = append(links, wildLink(r, presets))
	}
	for _, address := range links {
		e, complaints := link.Parse(address, presets)
		if c := e.Check(e.Dataset(presets)); c != nil {
			t.Fatalf("after %d complaints %q of the link is still refused: %v\n%s", len(complaints), c.Field, c, address)
		}
		if len(complaints) > link.MostComplaints+1 {
			t.Fatalf("%d complaints of\n%s", len(complaints), address)
		}
	}
	for _, address := range links[:40] { // the lab itself
		e, _ := link.Parse(address, presets)
		if _, c := core.NewLab(presets, e); c != nil {
			t.Fatalf("the lab refuses %q: %v\n%s", c.Field, c, address)
		}
	}
}

func TestALinkIsNotLostForItsVotes(t *testing.T) {
	presets := coretest.TestPresets()
	e, complaints := link.Parse("v=1&votes=100000&from=votes&beta=0.7"+strings.Repeat("&q=Why&a=1__x&a=0__y", 200), presets)
	if len(complaints) != 1 || complaints[0].Field != "votes" || complaints[0].Max != "2500" {
		t.Errorf("the complaints are %v, want one of votes, of which 2500 are allowed", complaints)
	}
	if len(e.Prompts) != 200 || e.Settings[core.Beta] != 0.7 || e.Settings[core.Votes] != core.FindPreset(presets, e.Preset).Settings[core.Votes] {
		t.Errorf("of the link %d questions, β = %v and %v votes are left", len(e.Prompts), e.Settings[core.Beta], e.Settings[core.Votes])
	}
}

// However much of a link means nothing, it is said in six sentences.
func TestManyComplaintsAreCounted(t *testing.T) {
	for address, more := range map[string]string{
		"v=1" + strings.Repeat("&a", 30_000):                              "29995",
		"v=1" + manyKeys(9_907):                                           "9902",
		"v=1&beta=NaN&lr=x&opt=lion&x=1&y=2&z=3":                          "1",
		"v=1&q=A&a=1__x&a=0__y" + strings.Repeat("&n=-1&f=no&c=1e9", 100): "295",
	} {
		_, complaints := link.Parse(address, coretest.TestPresets())
		last := complaints[len(complaints)-1]
		if len(complaints) != link.MostComplaints+1 || last.Code != "more" || last.Value != more {
			t.Errorf("%d complaints, the last %+v, want %d and then %s more", len(complaints), last, link.MostComplaints, more)
		}
	}
	if _, complaints := link.Parse("v=1&beta=NaN&lr=x&opt=lion&x=1&y=2", coretest.TestPresets()); len(complaints) != 5 || complaints[4].Code == "more" {
		t.Errorf("five complaints are not told one by one: %v", complaints)
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("&z" + strconv.FormatInt(int64(36+i), 36) + "=")
	}
	return b.String()
}
