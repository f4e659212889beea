package core_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/link"
	"dpoplayground/core/num"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// A figure of a paper: its link, and what docs/figures.md says was found, in the
// order in which the page of documentation has the numbers in bold.
type figure struct {
	key   string
	found func(t *testing.T, fragment string) []float64
}

var figures = []figure{
	{"dpo2", foundFrontier}, {"ipo5", foundCertain}, {"ipo1", foundOrder}, {"ipo2", foundTie}, {"ipo2c", foundMissing}, {"ipoA2", foundLine},
	{"xu1", foundUnseen}, {"razin", foundDisplacement}, {"tajwar", foundSamples}, {"chi1", foundLink}, {"song", foundCoverage},
	{"cal", foundTargets}, {"hump", foundHump},
}

// TestFigures computes the numbers of docs/figures.md that are in bold, for the links
// that stand there and on the page.
func TestFigures(t *testing.T) {
	links, sections := figureLinks(t), figureSections(t)
	if len(links) != len(figures) || len(sections) != len(figures) {
		t.Errorf("%d figures on the page, %d in the documentation, %d here", len(links), len(sections), len(figures))
	}
	for _, f := range figures {
		t.Run(f.key, func(t *testing.T) {
			t.Parallel()
			l := links[f.key]
			section := sections[l.name]
			if _, rest, _ := strings.Cut(section, "\n    "); !strings.HasPrefix(rest, l.fragment+"\n") {
				t.Fatalf("the documentation of %q has another link than the page's, %s", l.name, l.fragment)
			}
			comparePrinted(t, section, f.found(t, l.fragment))
		})
	}
}

type figureLink struct{ name, fragment string }

// figureLinks reads the links of index.html, by their keys, without the sections
// that they open.
func figureLinks(t *testing.T) map[string]figureLink {
	links := map[string]figureLink{}
	pattern := regexp.MustCompile(`<a class="exhibit" data-do="figure" href="#([^"]*)&amp;open=[a-z.]*" data-t="figure\.(\w+)\.name">([^<]*)</a>`)
	for _, m := range pattern.FindAllStringSubmatch(readRoot(t, "index.html"), -1) {
		links[m[2]] = figureLink{m[3], strings.ReplaceAll(m[1], "&amp;", "&")}
	}
	return links
}

// figureSections reads the sections of docs/figures.md, by their titles.
func figureSections(t *testing.T) map[string]string {
	sections := map[string]string{}
	for _, section := range strings.Split(readRoot(t, "docs/figures.md"), "\n## ")[1:] {
		title, _, _ := strings.Cut(section, "\n")
		sections[title] = section
	}
	return sections
}

func readRoot(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// comparePrinted holds the numbers in bold of a text to those that were computed, to
// the last digit shown.
func comparePrinted(t *testing.T, text string, found []float64) {
	t.Helper()
	printed := regexp.MustCompile(`\*\*([−\d.]+)\*\*`).FindAllStringSubmatch(text, -1)
	if len(printed) != len(found) {
		t.Fatalf("%d numbers are printed in bold, and %d were computed: %v", len(printed), len(found), found)
	}
	for i, m := range printed {
		want, err := strconv.ParseFloat(strings.ReplaceAll(m[1], "−", "-"), 64)
		_, decimals, _ := strings.Cut(m[1], ".")
		if err != nil || !(math.Abs(found[i]-want) <= 0.5001*math.Pow10(-len(decimals))) {
			t.Errorf("number %d is printed as %s and is %v", i+1, m[1], found[i])
		}
	}
}

// figureLab runs a link to the end of its timeline, some settings changed.
func figureLab(t *testing.T, fragment string, set map[core.Param]float64) *core.Lab {
	t.Helper()
	presets := coretest.TestPresets()
	e, complaints := link.Parse(fragment, presets)
	if len(complaints) > 0 {
		t.Fatalf("%.80s: %v", fragment, complaints)
	}
	for p, x := range set {
		e.Settings[p] = x
	}
	if _, given := set[core.Step]; !given {
		e.Settings[core.Step] = e.Settings[core.Steps]
	}
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatalf("%.80s: %v", fragment, c)
	}
	coretest.SettleLab(l, 4096)
	return l
}

// ending is the policy at the end of a link's run.
func ending(t *testing.T, fragment string, set map[core.Param]float64) []float64 {
	t.Helper()
	return coretest.PolicyOf(figureLab(t, fragment, set))
}

func with(t *testing.T, fragment, objective string) string {
	t.Helper()
	return regexp.MustCompile(`&obj=\w+`).ReplaceAllString(fragment, "") + "&obj=" + objective
}

func trueRewards(l *core.Lab) (r []float64) {
	for _, reply := range l.Problem.Prompts[l.Prompt()].Replies {
		r = append(r, reply.Reward)
	}
	return r
}

// bestAt returns the reward of the reference's tilt by it whose KL is the one given:
// the most that a policy has there.
func bestAt(reference, reward []float64, kl float64) float64 {
	low, high := -7.0, 7.0 // log β
	var pi []float64
	for range 200 {
		mid := (low + high) / 2
		pi = coretest.Tilted(reference, reward, math.Exp(mid))
		if klOf(pi, reference) > kl {
			low = mid
		} else {
			high = mid
		}
	}
	return oracle.Mean(pi, reward)
}

func klOf(pi, reference []float64) (kl float64) {
	for k, p := range pi {
		if p > 0 {
			kl += p * math.Log(p/reference[k])
		}
	}
	return kl
}

func foundFrontier(t *testing.T, fragment string) (found []float64) {
	for _, source := range []float64{core.FromPopulation, core.FromVotes} {
		for _, beta := range []float64{0.1, 0.5, 2} {
			l := figureLab(t, fragment, map[core.Param]float64{core.Beta: beta, core.Source: source})
			pi, reward := oracle.Exps(l.Optimum.LogPi), trueRewards(l)
			reference := oracle.Exps(l.Reference())
			short := bestAt(reference, reward, klOf(pi, reference)) - oracle.Mean(pi, reward)
			if source == core.FromPopulation {
				found = append(found, klOf(pi, reference), oracle.Mean(pi, reward))
				oracle.Near(t, "short of the frontier", short, 0, 1e-9)
				continue
			}
			found = append(found, short)
			if !(short > 1e-5) {
				t.Errorf("with 240 preferences β = %v ends %v below the frontier, not below it", beta, short)
			}
		}
	}
	return found
}

var taus = []float64{0.1, 0.5, 1}

// lossNow is the mean loss of the votes where a run stands.
func lossNow(l *core.Lab) float64 { return l.History.Measures[len(l.History.Measures)-1].Loss }

func foundCertain(t *testing.T, fragment string) (found []float64) {
	for _, tau := range taus {
		pi := ending(t, fragment, map[core.Param]float64{core.Beta: tau})
		oracle.Near(t, "IPO", pi[0], shareOf(0.5/tau), 1e-9)
		found = append(found, pi[0])
	}
	for _, tau := range taus {
		l := figureLab(t, with(t, fragment, "dpo"), map[core.Param]float64{core.Beta: tau, core.Rate: 1 / tau / tau, core.Steps: 100_000})
		if l.CanArrive() {
			t.Error("DPO is said to arrive")
		}
		found = append(found, num.Exp(l.Optimum.LogPi[0]), coretest.PolicyOf(l)[0])
	}
	return found
}

func foundOrder(t *testing.T, fragment string) (found []float64) {
	for _, tau := range taus {
		exact := []float64{math.Exp(1 / (3 * tau)), 1, math.Exp(-1 / (3 * tau))}
		z := exact[0] + exact[1] + exact[2]
		full := ending(t, fragment, map[core.Param]float64{core.Beta: tau, core.Batch: 0, core.Optimizer: train.SGD, core.Rate: 0.2})
		for k := range full {
			oracle.Near(t, "the full batch", full[k], exact[k]/z, 1e-9)
		}
		mean := make([]float64, 3)
		for seed := range 10 {
			pi := ending(t, fragment, map[core.Param]float64{core.Beta: tau, core.Seed: float64(seed + 1)})
			for k := range pi {
				mean[k] += pi[k] / 10
			}
		}
		oracle.NearAll(t, "the mean of ten seeds", mean, full, 0.01)
		dpo := ending(t, with(t, fragment, "dpo"), map[core.Param]float64{core.Beta: tau})
		found = append(found, full[0], mean[0], 1-dpo[0])
	}
	return append(found, ending(t, fragment, map[core.Param]float64{core.Beta: 1, core.Batch: 0})[0])
}

func foundTie(t *testing.T, fragment string) (found []float64) {
	for _, objective := range []string{"ipo", "dpo"} {
		pi := ending(t, with(t, fragment, objective), nil)
		oracle.NearAll(t, objective, pi, []float64{1.0 / 3, 1.0 / 3, 1.0 / 3}, 1e-12)
		found = append(found, pi[2])
	}
	return found
}

func foundMissing(t *testing.T, fragment string) (found []float64) {
	for _, tau := range taus {
		pi := ending(t, fragment, map[core.Param]float64{core.Beta: tau})
		oracle.Near(t, "IPO", pi[2], 1/(1+2*math.Exp(1/(2*tau))), 1e-9)
		found = append(found, pi[2])
	}
	l := figureLab(t, with(t, fragment, "dpo"), nil)
	return append(found, num.Exp(l.Optimum.LogPi[2]), coretest.PolicyOf(l)[2])
}

func foundLine(t *testing.T, fragment string) (found []float64) {
	for _, start := range []string{"", "&at=0,0,-2", "&at=0,0,2"} {
		l := figureLab(t, fragment+start, map[core.Param]float64{core.Steps: 2000})
		pi, reference := coretest.PolicyOf(l), oracle.Exps(l.Reference())
		oracle.Near(t, "h", math.Log(pi[0]/reference[0])-math.Log(pi[1]/reference[1]), 1, 1e-9) // 1/(2τ) at τ = 0.5
		oracle.Near(t, "the loss", lossNow(l), 0, 1e-15)
		found = append(found, pi[2])
	}
	return found
}

func foundUnseen(t *testing.T, fragment string) (found []float64) {
	there := figureLab(t, fragment, map[core.Param]float64{core.Step: 0})
	stayed := figureLab(t, fragment, map[core.Param]float64{core.Step: 1000})
	found = append(found, coretest.PolicyOf(there)[0], coretest.PolicyOf(there)[2], lossNow(there), coretest.PolicyOf(stayed)[2])
	before, _, _ := strings.Cut(fragment, "&at=")
	l := figureLab(t, before, map[core.Param]float64{core.Steps: 100_000, core.Rate: 1})
	most := 0.0
	for i := range l.History.Steps {
		most = math.Max(most, l.History.Probs[3*i+2])
	}
	return append(found, coretest.PolicyOf(l)[0], num.Exp(l.Optimum.LogPi[0]), most)
}

func foundDisplacement(t *testing.T, fragment string) (found []float64) {
	for _, step := range []float64{0, 1000} {
		pi := coretest.PolicyOf(figureLab(t, fragment, map[core.Param]float64{core.Step: step}))
		found = append(found, pi...)
	}
	return found
}

func foundSamples(t *testing.T, fragment string) (found []float64) {
	for _, f := range []string{fragment, mirrored(fragment)} {
		for _, every := range []float64{1, 100, 2000} {
			mean := 0.0
			for seed := range 5 {
				if every == 1 && seed == 0 && f == fragment {
					checkActions(t, figureLab(t, f, map[core.Param]float64{core.Step: 0}))
				}
				l := figureLab(t, f, map[core.Param]float64{core.Every: every, core.Seed: float64(seed + 1)})
				mean += oracle.Mean(coretest.PolicyOf(l), trueRewards(l)) / 5
			}
			found = append(found, mean)
		}
	}
	return found
}

// checkActions holds the link's hundred replies to the paper's reward and to the
// reference that docs/figures.md gives.
func checkActions(t *testing.T, l *core.Lab) {
	t.Helper()
	replies := l.Problem.Prompts[0].Replies
	if len(replies) != 100 {
		t.Fatalf("there are %d actions", len(replies))
	}
	weight := func(k int) float64 { x := (float64(k+1) - 20) / 20; return math.Exp(-x * x / 2) }
	for k := range replies {
		x := (float64(k+1) - 70) / 10
		oracle.Near(t, "the reward", replies[k].Reward, math.Exp(-x*x), 5.001e-4)
		oracle.Near(t, "the reference over that of the 20th", math.Exp(l.Reference()[k]-l.Reference()[19])/weight(k), 1, 5.001e-3)
	}
}

// mirrored returns the link with the rewards of a − 50 for those of a, so that their peak
// is at 20.
func mirrored(fragment string) string {
	reply, number := regexp.MustCompile(`&a=[^_]*_([^_]*)_(\d+)`), 0
	return reply.ReplaceAllStringFunc(fragment, func(text string) string {
		number++
		x := (float64(number) - 20) / 10
		parts := strings.Split(text, "_")
		return "&a=" + strconv.FormatFloat(math.Round(1000*math.Exp(-x*x))/1000, 'f', -1, 64) + "_" + parts[1] + "_" + parts[2]
	})
}

func foundLink(t *testing.T, fragment string) (found []float64) {
	for _, beta := range taus {
		l := figureLab(t, fragment, map[core.Param]float64{core.Beta: beta})
		pi, reference, reward := oracle.Exps(l.Optimum.LogPi), oracle.Exps(l.Reference()), trueRewards(l)
		phi := func(k int) float64 { return pi[k]/reference[k] + math.Log(pi[k]/reference[k]) }
		for k := 1; k < len(pi); k++ {
			oracle.Near(t, "difference of links", phi(0)-phi(k), (reward[0]-reward[k])/beta, 1e-6)
		}
		found = append(found, pi[0], coretest.Tilted(reference, reward, beta)[0])
	}
	return found
}

func foundCoverage(t *testing.T, fragment string) []float64 {
	l := figureLab(t, fragment, nil)
	offline := figureLab(t, fragment+"&how=direct&vs=", nil)
	return []float64{coretest.PolicyOf(offline)[2], num.Exp(l.Optimum.LogPi[2]), coretest.PolicyOf(l)[2]}
}

func foundTargets(t *testing.T, fragment string) (found []float64) {
	for _, beta := range []float64{1, 0.1} {
		l := figureLab(t, fragment, map[core.Param]float64{core.Beta: beta, core.Steps: 200_000})
		pi, reference := coretest.PolicyOf(l), oracle.Exps(l.Reference())
		x, y := math.Log(pi[0]/reference[0]), math.Log(pi[1]/reference[1])
		push := 1 / (1 + math.Exp(x-y))
		dx, dy := 2*(x-1/(2*beta))-push, 2*(y+1/(2*beta))+push
		for k := range pi { // the gradient in the logits
			g := -pi[k] * (dx + dy)
			if k < 2 {
				g += [2]float64{dx, dy}[k]
			}
			oracle.Near(t, "the gradient at rest", g, 0, 1e-4) // at β = 0.1 the third reply fades like 1/t
		}
		found = append(found, x, y)
	}
	return found
}

func foundHump(t *testing.T, fragment string) (found []float64) {
	for _, beta := range []float64{5, 0.5, 0.05} {
		l := figureLab(t, fragment, map[core.Param]float64{core.Beta: beta})
		found = append(found, num.Expect(l.Optimum.LogPi, trueRewards(l)))
	}
	return found
}
