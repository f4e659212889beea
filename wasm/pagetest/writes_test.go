//go:build !js

package pagetest

import (
	"slices"
	"testing"
)

// watchBridge records, from now on, what the program does to the page: the
// properties that it sets, the methods that it calls, and the controls that it
// reads or writes. Go does all of it through Reflect of the frame's window.
const watchBridge = `
	const reflect = document.querySelector("#stage iframe").contentWindow.Reflect;
	const {get, set, apply} = reflect;
	const seen = {Sets: 0, Calls: 0, Gets: 0, Controls: []};
	const touch = (o, what) => {
		if (!o || o.ownerDocument !== document) return;
		seen[what]++;
		const name = o.dataset?.param || o.dataset?.range || o.id;
		if ("value" in o && o.tagName !== "BUTTON" && !seen.Controls.includes(name)) seen.Controls.push(name);
	};
	reflect.get = (o, ...rest) => { touch(o, "Gets"); return get(o, ...rest); };
	reflect.set = (o, ...rest) => { touch(o, "Sets"); return set(o, ...rest); };
	reflect.apply = (f, o, args) => { touch(o, "Calls"); return apply(f, o, args); };
`

// TestSliderTouchesWhatDependsOnIt drags β and records what each movement does to
// the page before the next frame. Of its many controls the program looks at those
// of β alone.
func TestSliderTouchesWhatDependsOnIt(t *testing.T) {
	p := openPage(t, "")
	type seen struct {
		Sets, Calls, Gets int
		Controls          []string
	}
	const moves = 20
	got := eval[seen](p, `(() => {`+watchBridge+`
		const slider = document.querySelector("[data-range=beta]"), start = slider.valueAsNumber;
		for (let i = 1; i <= $; i++) {
			slider.value = start + i;
			slider.dispatchEvent(new Event("input", {bubbles: true}));
		}
		Object.assign(reflect, {get, set, apply});
		return seen;
	})()`, moves)
	t.Logf("%d movements of β: %+v", moves, got)
	slices.Sort(got.Controls)
	if want := []string{"beta"}; !slices.Equal(got.Controls, want) {
		t.Errorf("the controls %q are touched, want %q", got.Controls, want)
	}
	if most := 2*moves + 1; got.Sets+got.Calls > most { // once the page is marked as not settled
		t.Errorf("%d properties are set and %d methods called, at most %d do", got.Sets, got.Calls, most)
	}
	if now := eval[string](p, `document.querySelector("[data-param=beta]").value`); now == "0.5" {
		t.Error("β has not moved")
	}
}
