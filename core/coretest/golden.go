package coretest

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dpoplayground/internal/oracle"
)

// go test ./core -golden DIR checks another folder of vectors of the same
// schema. DIR is absolute, or relative to the folder of go.mod.
var GoldenDir = flag.String("golden", "core/testdata/golden", "folder of golden vectors")

// goldenObjectives lists the losses that can be trained, with the
// hyper-parameters that they take.
var goldenObjectives = map[string][]string{
	"dpo":  {"beta"},
	"cdpo": {"beta", "label_smoothing"},
}

// A goldenResult says what became of one case: passed if all is empty.
type GoldenResult struct {
	Id     string
	Skip   string   // why it could not be checked
	Wrong  []string // what differs
	Checks int      // numbers compared
}

func GoldenPath(t *testing.T, dir string) string {
	if filepath.IsAbs(dir) {
		return dir
	}
	root, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return filepath.Join(root, dir)
		}
		if filepath.Dir(root) == root {
			break
		}
		root = filepath.Dir(root)
	}
	t.Fatalf("-golden %s is relative to the folder of go.mod, and there is none above the tests", dir)
	return ""
}

// numbers is a named set of quantities, scalars being lists of one.
type Numbers map[string][]float64

func (n *Numbers) UnmarshalJSON(text []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	*n = Numbers{}
	for key, raw := range fields {
		var one *float64
		var list []float64
		if json.Unmarshal(raw, &one) == nil && one != nil {
			(*n)[key] = []float64{*one}
		} else if json.Unmarshal(raw, &list) == nil && list != nil {
			(*n)[key] = list
		} else if string(raw) != "true" && string(raw) != "false" {
			return fmt.Errorf("%s holds %s, not numbers", key, raw)
		}
	}
	return nil
}

// A tolerance allows |got − want| ≤ abs + rel·|want|.
type Tolerance struct{ Abs, Rel float64 }

// compare checks every quantity of want.
func (c *GoldenResult) Compare(where string, got, want Numbers, tol Tolerance) {
	for _, key := range oracle.SortedKeys(want) {
		g, ok := got[key]
		if !ok || len(g) != len(want[key]) {
			c.Wrong = append(c.Wrong, fmt.Sprintf("%s%s: %d numbers are wanted, there are %d", where, key, len(want[key]), len(g)))
			continue
		}
		for i, w := range want[key] {
			c.Checks++
			if !(math.Abs(g[i]-w) <= tol.Abs+tol.Rel*math.Abs(w)) {
				c.Wrong = append(c.Wrong, fmt.Sprintf("%s%s[%d] = %v, want %v", where, key, i, g[i], w))
			}
		}
	}
}

func (c *GoldenResult) Decode(raw json.RawMessage, into any) bool {
	if err := json.Unmarshal(raw, into); err != nil {
		c.Wrong = append(c.Wrong, err.Error())
	}
	return len(c.Wrong) == 0
}

// objective reads the hyper-parameters of a loss, or says why the case is skipped.
func (c *GoldenResult) Objective(loss string, hp map[string]float64) (beta, eps float64) {
	needs, ok := goldenObjectives[loss]
	if !ok {
		c.Skip = "loss " + loss
		return 0, 0
	}
	for key := range hp {
		if !strings.Contains(" "+strings.Join(needs, " ")+" ", " "+key+" ") {
			c.Skip = loss + " with " + key
		}
	}
	for _, key := range needs {
		if _, ok := hp[key]; !ok {
			c.Wrong = append(c.Wrong, "hp lacks "+key)
		}
	}
	return hp["beta"], hp["label_smoothing"]
}
