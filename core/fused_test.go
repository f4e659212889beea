//go:build !js

package core

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"
)

// steppedFiles compute what a run's trace is made of. Their results must have
// the same bits everywhere.
var steppedFiles = []string{"elementary.go", "random.go", "kernel.go", "dpo.go", "minibatch.go", "problem.go", "annotators.go",
	"trainer.go", "run.go", "dist.go", "measures.go", "flow.go", "closedform.go",
	"objective_margin.go", "objective_pair.go", "objective_divergence.go", "objective_reply.go", "objective.go", "stable.go",
	"lossbatch.go", "coupling.go", "grad.go", "normaliser.go", "parts.go", "thumbs.go", "sorted.go", "linear.go", "follower.go", "optimizer.go", "policygradient.go",
	"learn.go", "rewardmodel.go", "rlhf.go", "rlhf_forward.go", "rlhf_learn.go", "rlhf_newton.go", "rlhf_onlinedpo.go", "rlhf_sample.go"}

// TestNothingFuses reads the machine code of this package for arm64, which has
// fused multiply-adds and whose compiler uses them wherever the source allows.
func TestNothingFuses(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for another processor")
	}
	build := exec.Command("go", "build", "-gcflags=-S", "-o", os.DevNull, ".")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	listing, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("building for arm64: %v\n%.2000s", err, listing)
	}
	if !regexp.MustCompile(`elementary\.go:\d+\)\s+FMULD`).Match(listing) {
		t.Fatal("the listing shows no multiplication in elementary.go: has its form changed?")
	}
	fused := regexp.MustCompile(`(\w+\.go):(\d+)\)\s+(FN?M(?:ADD|SUB)[DS])`)
	for _, m := range fused.FindAllSubmatch(listing, -1) {
		if slices.Contains(steppedFiles, string(m[1])) {
			t.Errorf("%s:%s: a product and a sum are fused (%s): write float64(a*b) + c", m[1], m[2], m[3])
		}
	}
}
