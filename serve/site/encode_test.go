package site

import "testing"

func TestNegotiate(t *testing.T) {
	all := map[string]bool{"identity": true, "gzip": true, "br": true}
	one := map[string]bool{"identity": true}
	for _, c := range []struct {
		header    string
		available map[string]bool
		want      string // "" for none
	}{
		{"", all, "identity"},
		{"gzip, deflate, br, zstd", all, "br"},
		{"gzip", all, "gzip"},
		{"GZIP", all, "gzip"},
		{"x-gzip", all, "gzip"},
		{"br;q=0, gzip", all, "gzip"},
		{"br;q=0.5, gzip;q=0.8", all, "gzip"},
		{"br; q=0.3 , gzip;q=0.3", all, "br"},
		{"br;q=0, gzip;q=0.000", all, "identity"},
		{"*", all, "br"},
		{"*;q=0.5, br;q=0", all, "gzip"},
		{"identity", all, "identity"},
		{"identity;q=0.9, br;q=0.1", all, "identity"},
		{"identity;q=0", all, ""},
		{"identity;q=0, gzip", all, "gzip"},
		{"*;q=0", all, ""},
		{"*;q=0, identity", all, "identity"},
		{"deflate, zstd", all, "identity"},
		{"br;q=2", all, "identity"}, // a weight above 1 is none
		{"br;q=NaN", all, "identity"},
		{"br;q=x, gzip", all, "gzip"},
		{"gzip;foo=1;q=0", all, "identity"},
		{",,;;, ;q=1", all, "identity"},
		{"br, gzip", one, "identity"},
		{"br, identity;q=0", one, ""},
	} {
		got, ok := negotiate([]string{c.header}, c.available)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%q: %q (%v), want %q", c.header, got, ok, c.want)
		}
	}
	if got, _ := negotiate([]string{"gzip", "br;q=0.1"}, all); got != "gzip" {
		t.Errorf("two headers are one list: got %q, want gzip", got)
	}
}
