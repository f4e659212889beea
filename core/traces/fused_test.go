//go:build !js

package traces

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// stepped begins the names of the files that compute what a run's trace is made
// of. Their results must have the same bits everywhere.
var stepped = []string{"core/num/", "core/random/", "core/data/", "core/objective/", "core/train/", "core/rlhf/",
	"core/scores/tilt.go", "core/scores/forward.go", "core/annotators.go", "core/learn.go"}

// drawn are those among them that are only for pictures.
var drawn = []string{"core/objective/losscurve.go"}

// TestNothingFuses reads the machine code of core for arm64, which has fused
// multiply-adds and whose compiler uses them wherever the source allows.
func TestNothingFuses(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for another processor")
	}
	build := exec.Command("go", "build", "-gcflags=-S", "-o", os.DevNull, "dpoplayground/core",
		"dpoplayground/core/num", "dpoplayground/core/random", "dpoplayground/core/data", "dpoplayground/core/objective",
		"dpoplayground/core/train", "dpoplayground/core/rlhf", "dpoplayground/core/scores")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	listing, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("building for arm64: %v\n%.2000s", err, listing)
	}
	if !hasMultiplication(listing) {
		t.Fatal("the listing shows no multiplication in elementary.go: has its form changed?")
	}
	for line := range bytes.Lines(listing) {
		if m := fusedIn(line); m != nil && isStepped(string(m[1])) {
			t.Errorf("%s:%s: a product and a sum are fused (%s): write float64(a*b) + c", m[1], m[2], m[3])
		}
	}
}

func isStepped(file string) bool {
	return slices.ContainsFunc(stepped, func(name string) bool { return strings.HasPrefix(file, name) }) && !slices.Contains(drawn, file)
}

var fused = regexp.MustCompile(`(core/(?:\w+/)?\w+\.go):(\d+)\)\s+(FN?M(?:ADD|SUB)[DS])`)

// fusedIn returns file, line and name of the fused instruction in a line of a
// listing, or nil. The lines are many, and few of them have anything to do with
// fusing: those are passed over before the expression looks at them.
func fusedIn(line []byte) [][]byte {
	if !bytes.Contains(line, []byte("MADD")) && !bytes.Contains(line, []byte("MSUB")) {
		return nil
	}
	return fused.FindSubmatch(line)
}

// TestFusedIsSeen holds fusedIn to lines as the compiler prints them.
func TestFusedIsSeen(t *testing.T) {
	const at = "\t0x0010 00016 (/src/core/num/dist.go:41)\t"
	for line, want := range map[string]string{
		at + "FMADDD\tF0, F1, F2, F3": "FMADDD", at + "FMSUBS\tF0, F1, F2, F3": "FMSUBS",
		at + "FNMADDD\tF0, F1, F2, F3": "FNMADDD", at + "FNMSUBD\tF0, F1, F2, F3": "FNMSUBD",
		at + "FMULD\tF0, F1, F2": "", at + "FADDD\tF0, F1": "", at + "MADD\tR0, R1, R2, R3": "",
	} {
		got := ""
		if m := fusedIn([]byte(line)); m != nil {
			got = string(m[1]) + ":" + string(m[2]) + " " + string(m[3])
		}
		if want != "" {
			want = "core/num/dist.go:41 " + want
		}
		if got != want {
			t.Errorf("%q: found %q, want %q", line, got, want)
		}
	}
}

// hasMultiplication tells whether a listing shows a product of elementary.go.
func hasMultiplication(listing []byte) bool {
	for line := range bytes.Lines(listing) {
		if bytes.Contains(line, []byte("elementary.go:")) && bytes.Contains(line, []byte("FMULD")) {
			return true
		}
	}
	return false
}
