//go:build !js

package pagetest

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"dpoplayground/scenes/frontier"
	"dpoplayground/scenes/words"
)

// frontierAgrees waits until the frontier's table and mark say what core
// computes natively for the page's address: expected true reward and where β
// leads, by sums made here. It returns β.
func (p *tab) frontierAgrees(truth []float64) (beta float64) {
	p.t.Helper()
	mean := func(logPi []float64) (sum float64) {
		for k, lp := range logPi {
			sum += math.Exp(lp) * truth[k]
		}
		return sum
	}
	p.eventually(func() error {
		s := p.read()
		l := labAt(p.t, s.Hash)
		beta = l.Beta()
		cells := eval[string](p, `[...document.querySelectorAll("#frontier-runs td")].map((c) => c.textContent).join(" ")`)
		want := fmt.Sprintf("%s %s ", words.Fixed(l.Now(), 3), words.Fixed(mean(l.Policy()), 2))
		if !strings.HasPrefix(cells, want) {
			return fmt.Errorf("the table says %q, not %q", cells, want)
		}
		mark := fmt.Sprintf("At β = %s the optimum has KL %s and %s.", strconv.FormatFloat(beta, 'g', 3, 64),
			words.Fixed(l.Optimum.KL, 3), words.Fixed(mean(l.Optimum.LogPi), 2))
		if len(s.Bars) != 1 || !strings.HasPrefix(s.Bars[0], mark) || s.Beta != strconv.FormatFloat(beta, 'f', -1, 64) {
			return fmt.Errorf("the mark says %q, not %q", s.Bars, mark)
		}
		return nil
	})
	return beta
}

// The mark on the curve sets β, by pointer and by keys, and every number is
// core's.
func TestFrontierSetsBeta(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=proxy&view=frontier&step=300&beta=0.5")
	truth := []float64{0, 0.6, 1, -2}
	p.frontierAgrees(truth)
	x, y := p.place(handle).at(0.5, 0.5)
	p.mouse(input.DispatchMouseEventTypeMousePressed, x, y)
	for i := 1.0; i <= 10; i++ {
		p.mouse(input.DispatchMouseEventTypeMouseMoved, x+30*i, y+12*i)
	}
	p.mouse(input.DispatchMouseEventTypeMouseReleased, x+300, y+120)
	p.until(`!(location.hash + "&").includes("beta=0.5&")`)
	beta := p.frontierAgrees(truth)
	if !(beta > 0.1 && beta < 0.4) {
		t.Errorf("dragged down the hump, β is %v", beta)
	}
	inStage[any](p, `d.querySelector("button.drag").focus()`)
	for _, key := range []string{kb.ArrowRight, kb.ArrowRight, kb.ArrowUp} {
		p.press(key)
	}
	p.until(`location.hash.includes("beta="+$+"&")`, strconv.FormatFloat(frontier.NudgeBeta(beta, -1), 'f', -1, 64))
	p.frontierAgrees(truth)
	p.run(`history.back()`)
	p.until(`(location.hash + "&").includes("beta=0.5&")`)
	p.frontierAgrees(truth)
}
