package serve

import (
	"slices"
	"testing"
)

func TestBrowserCommand(t *testing.T) {
	const url = "http://127.0.0.1:8080/"
	for _, c := range []struct {
		goos   string
		screen bool
		want   []string
	}{
		{"linux", true, []string{"xdg-open", url}},
		{"linux", false, nil},
		{"freebsd", true, []string{"xdg-open", url}},
		{"darwin", false, []string{"open", url}},
		{"windows", false, []string{"rundll32", "url.dll,FileProtocolHandler", url}},
	} {
		if got := browserCommand(c.goos, c.screen, url); !slices.Equal(got, c.want) {
			t.Errorf("%s, screen %v: %q, want %q", c.goos, c.screen, got, c.want)
		}
	}
}
