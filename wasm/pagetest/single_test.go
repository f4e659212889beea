//go:build !js

package pagetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page of one file runs from a disk, and finds its lessons there.
func TestSinglePageRunsFromADisk(t *testing.T) {
	t.Parallel()
	s, err := pageSite()
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Single()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a page.html")
	if err := os.WriteFile(path, page, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", len(page))
	p := newTab(t, browser(t), "file://"+strings.ReplaceAll(filepath.ToSlash(path), " ", "%20"))
	p.open("step=7")
	p.agree()
	p.until(`document.getElementById("clock").textContent.startsWith("7 ")`)
	p.run(`document.querySelector('[data-do="lessons"]').click()`)
	p.until(`document.querySelectorAll("#lessons-list li").length > 1`)
	if !eval[bool](p, `getComputedStyle(document.getElementById("single-note")).display !== "none" && document.querySelectorAll('a[href$=".md"]').length === 0`) {
		t.Error("the page does not say what cannot work in it")
	}
}
