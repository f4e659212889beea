//go:build !js

package pagetest

import (
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core/lesson"
)

// The last step gives a receipt of the answers. The tally counts it, and names one
// with a typing error.
func TestReceiptIsGivenAndTallied(t *testing.T) {
	t.Parallel()
	p := openPage(t, "lesson=beta.2")
	p.onStep("step 2 of 2")
	p.press("3")
	p.until(`document.querySelector('#lesson-body [aria-pressed="true"]') !== null`)
	p.run(`document.getElementById("lesson-give").click()`)
	p.until(`document.getElementById("lesson-receipt").value !== ""`)
	receipt := eval[string](p, `document.getElementById("lesson-receipt").value`)
	text, check, _ := strings.Cut(receipt, " check=")
	if !strings.HasPrefix(text, "dpo1 beta 2=3+ #v=1&preset=tyre&beta=0.05") || check != strconv.Itoa(lesson.Check(text)) {
		t.Errorf("the receipt is %q", receipt)
	}
	p.run(`const f = document.createElement("iframe"); f.id = "tallied"; f.src = "assets/tally.html"; document.body.append(f)`)
	p.until(`document.getElementById("tallied").contentDocument.readyState === "complete" && document.getElementById("tallied").contentDocument.getElementById("receipts") !== null`)
	p.run(`const d = document.getElementById("tallied").contentDocument, box = d.getElementById("receipts"); box.value = $; box.dispatchEvent(new Event("input"))`,
		receipt+"\n"+receipt+"\nhello\n"+strings.Replace(receipt, "2=3+", "2=2+", 1))
	count := eval[string](p, `document.getElementById("tallied").contentDocument.getElementById("count").textContent`)
	if count != "2 receipts are counted. 1 have a typing error: number 3." {
		t.Errorf("the tally says %q", count)
	}
	row := eval[string](p, `[...document.getElementById("tallied").contentDocument.querySelectorAll("tr:last-child > *")].map((e) => e.textContent).join("|")`)
	if row != "beta|2|3|right|2" {
		t.Errorf("the tally shows %q", row)
	}
}
