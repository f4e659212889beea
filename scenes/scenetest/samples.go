package scenetest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"dpoplayground/scenes/picture"
)

// Samples returns what writes a picture, light, dark and as it stands in the page,
// into the folder that SAMPLES names, to be looked at. It skips the test where
// SAMPLES names none.
func Samples(t *testing.T) func(name string, p *picture.Picture) {
	dir := os.Getenv("SAMPLES")
	if dir == "" {
		t.Skip("SAMPLES names no folder to write sample pictures to")
	}
	return func(name string, p *picture.Picture) {
		for kind, theme := range map[string]*picture.Theme{"light.svg": picture.Light(), "dark.svg": picture.Dark(), "inline.txt": nil} {
			file := filepath.Join(dir, fmt.Sprintf("%s-%gx%g-%s", name, p.W, p.H, kind))
			if err := os.WriteFile(file, picture.AppendSVG(nil, p, theme), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
