package link_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/link"
)

// Every example of docs/teaching.md is a link that opens and says what its row is
// about, and every name in its list can be hidden or locked as the list says.
func TestDocumentedLinksOpen(t *testing.T) {
	text, err := os.ReadFile("../../docs/teaching.md")
	if err != nil {
		t.Fatal(err)
	}
	links, names, _ := strings.Cut(string(text), "## Names")
	rows := regexp.MustCompile("(?m)^\\| `([a-z]+)=[^|]*\\|[^|]*\\| `([^`]+)` \\|$").FindAllStringSubmatch(links, -1)
	if len(rows) < 9 {
		t.Fatalf("only %d rows were found", len(rows))
	}
	for _, row := range rows {
		e, complaints := link.Parse(row[2], coretest.TestPresets())
		for _, c := range complaints {
			t.Errorf("%s: %v", row[2], c)
		}
		again, _ := link.Write(&e, coretest.TestPresets())
		if !strings.Contains(row[2], row[1]+"=") || !strings.Contains(again, row[1]+"=") && !e.View.Play {
			t.Errorf("the row of %s has the example %s, written again as %s", row[1], row[2], again)
		}
	}
	for line := range strings.Lines(names) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for _, m := range regexp.MustCompile("`([a-z]+)`").FindAllStringSubmatch(cells[1], -1) {
			if only := strings.Contains(line, "Only for `hide`"); core.Hideable(m[1]) == (m[1] == "all") || core.Lockable(m[1]) == only {
				t.Errorf("%s cannot be hidden and locked as the list says", m[1])
			}
		}
	}
}
