package core

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// go test ./core -golden DIR checks another folder of vectors of the same
// schema. DIR is absolute, or relative to the folder of go.mod.
var goldenDir = flag.String("golden", "core/testdata/golden", "folder of golden vectors")

// goldenFormats says how a case of each format is checked. To cover a format,
// add a line. Losses are found in the table of objectives; goldenObjectives says
// which of them the trainer itself is checked on.
var goldenFormats = map[string]func(goldenHeader, json.RawMessage) goldenResult{
	"preference-loss-cases/1":  checkLossCase,
	"preference-batch-cases/1": checkBatchCase,
	"policy-gradient-cases/1":  checkPolicyGradient,
	"preference-trajectory/1":  checkTrajectory,
	"kl-closed-form/1":         checkClosedForm,
	"population-minimiser/1":   checkDestination,
}

// goldenObjectives lists the losses that can be trained, with the
// hyper-parameters that they take.
var goldenObjectives = map[string][]string{
	"dpo":  {"beta"},
	"cdpo": {"beta", "label_smoothing"},
}

type goldenHeader struct {
	Format, Loss string
	Cases        []json.RawMessage
}

// A goldenResult says what became of one case: passed if all is empty.
type goldenResult struct {
	id     string
	skip   string   // why it could not be checked
	wrong  []string // what differs
	checks int      // numbers compared
}

// goldenReport sums up the cases of one format.
type goldenReport struct {
	passed, checks int
	skipped        map[string]int // by reason
	wrong          []string
}

func TestGolden(t *testing.T) {
	reports, err := checkGolden(goldenPath(t, *goldenDir))
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, format := range sortedKeys(reports) {
		r := reports[format]
		passed += r.passed
		t.Logf("%s: %d cases hold (%d numbers); SKIPPED: %s", format, r.passed, r.checks, r.skips())
		for _, w := range r.wrong {
			t.Errorf("%s: %s", format, w)
		}
	}
	if passed == 0 && !t.Failed() {
		t.Errorf("no case in %s could be checked", goldenPath(t, *goldenDir))
	}
}

func goldenPath(t *testing.T, dir string) string {
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

// checkGolden checks every JSON file of a folder.
func checkGolden(dir string) (map[string]*goldenReport, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("the folder of golden vectors: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no *.json in the folder of golden vectors %s", dir)
	}
	reports := map[string]*goldenReport{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := checkGoldenFile(filepath.Base(name), text, reports); err != nil {
			return nil, err
		}
	}
	return reports, nil
}

func checkGoldenFile(name string, text []byte, reports map[string]*goldenReport) error {
	var h goldenHeader
	if err := json.Unmarshal(text, &h); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r := reports[h.Format]
	if r == nil {
		r = &goldenReport{skipped: map[string]int{}}
		reports[h.Format] = r
	}
	check := goldenFormats[h.Format]
	if check == nil {
		r.skipped["all of "+name] += len(h.Cases)
		return nil
	}
	if len(h.Cases) == 0 {
		r.wrong = append(r.wrong, name+" has no cases")
	}
	for _, raw := range h.Cases {
		r.add(name, check(h, raw))
	}
	return nil
}

func (r *goldenReport) add(file string, c goldenResult) {
	switch {
	case len(c.wrong) > 0:
		for _, w := range c.wrong {
			r.wrong = append(r.wrong, file+" "+c.id+": "+w)
		}
	case c.skip != "":
		r.skipped[c.skip]++
	default:
		r.passed++
		r.checks += c.checks
	}
}

func (r *goldenReport) skips() string {
	if len(r.skipped) == 0 {
		return "none"
	}
	var list []string
	for _, why := range sortedKeys(r.skipped) {
		list = append(list, fmt.Sprintf("%s ×%d", why, r.skipped[why]))
	}
	return strings.Join(list, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// numbers is a named set of quantities, scalars being lists of one.
type numbers map[string][]float64

func (n *numbers) UnmarshalJSON(text []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	*n = numbers{}
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
type tolerance struct{ abs, rel float64 }

// The tolerances that the vectors' README suggests.
var (
	exactly   = tolerance{1e-12, 1e-10}
	afterRun  = tolerance{1e-9, 1e-8}
	minimised = tolerance{1e-8, 0}
)

// compare checks every quantity of want.
func (c *goldenResult) compare(where string, got, want numbers, tol tolerance) {
	for _, key := range sortedKeys(want) {
		g, ok := got[key]
		if !ok || len(g) != len(want[key]) {
			c.wrong = append(c.wrong, fmt.Sprintf("%s%s: %d numbers are wanted, there are %d", where, key, len(want[key]), len(g)))
			continue
		}
		for i, w := range want[key] {
			c.checks++
			if !(math.Abs(g[i]-w) <= tol.abs+tol.rel*math.Abs(w)) {
				c.wrong = append(c.wrong, fmt.Sprintf("%s%s[%d] = %v, want %v", where, key, i, g[i], w))
			}
		}
	}
}

func (c *goldenResult) decode(raw json.RawMessage, into any) bool {
	if err := json.Unmarshal(raw, into); err != nil {
		c.wrong = append(c.wrong, err.Error())
	}
	return len(c.wrong) == 0
}

// objective reads the hyper-parameters of a loss, or says why the case is skipped.
func (c *goldenResult) objective(loss string, hp map[string]float64) (beta, eps float64) {
	needs, ok := goldenObjectives[loss]
	if !ok {
		c.skip = "loss " + loss
		return 0, 0
	}
	for key := range hp {
		if !strings.Contains(" "+strings.Join(needs, " ")+" ", " "+key+" ") {
			c.skip = loss + " with " + key
		}
	}
	for _, key := range needs {
		if _, ok := hp[key]; !ok {
			c.wrong = append(c.wrong, "hp lacks "+key)
		}
	}
	return hp["beta"], hp["label_smoothing"]
}

func checkClosedForm(h goldenHeader, raw json.RawMessage) (c goldenResult) {
	var v struct {
		ID string
		In struct {
			RefProbs []float64 `json:"ref_probs"`
			Rewards  []float64
			Beta     float64
		}
		Out numbers
	}
	if !c.decode(raw, &v) {
		return c
	}
	c.id = v.ID
	var t Tilt
	t.Set(logs(v.In.RefProbs), v.In.Rewards, v.In.Beta)
	// A pi below 1e-12 says nothing within this tolerance; its log_pi does.
	got := numbers{"pi": exps(t.LogPi), "log_pi": t.LogPi, "log_z": {t.LogZ}, "kl": {t.KL}, "expected_reward": {t.Expected},
		"objective": {t.Objective(v.In.Beta)}, "reward_variance": {t.Variance}}
	c.compare("", got, v.Out, exactly)
	return c
}

func checkMinimiser(h goldenHeader, raw json.RawMessage) (c goldenResult) {
	var v struct {
		ID, Objective string
		In            struct {
			RefProbs   []float64 `json:"ref_probs"`
			HP         map[string]float64
			Preference [][]float64
			PairWeight [][]float64 `json:"pair_weight"`
		}
		Out numbers
	}
	if !c.decode(raw, &v) {
		return c
	}
	c.id = v.ID
	beta, eps := c.objective(v.Objective, v.In.HP)
	if c.skip != "" {
		return c
	}
	pairs := expectedPairs(v.In.Preference, v.In.PairWeight)
	logRef := logs(v.In.RefProbs)
	var tilt Tilt
	tilt.Set(logRef, FitScores(len(logRef), pairs, eps).Score, beta)
	ratio := make([]float64, len(logRef))
	for k := range ratio {
		ratio[k] = tilt.LogPi[k] - logRef[k]
	}
	p := NewProblem(&Dataset{Prompts: []Prompt{banditPrompt(v.In.RefProbs)}, Pairs: pairs})
	trainer := NewTrainer(p, Config{HyperParams: HyperParams{Beta: beta, Epsilon: eps}})
	trainer.StartAt(ratio)
	loss := NewMeter(p).Read(trainer, 0).Loss
	c.compare("", numbers{"pi": exps(tilt.LogPi), "log_ratio": ratio, "kl": {tilt.KL}, "loss": {loss}}, v.Out, minimised)
	return c
}

// expectedPairs turns a matrix of P(i beats j), weighted, into fractional counts.
func expectedPairs(preference, weight [][]float64) []Pair {
	var pairs []Pair
	for i := range preference {
		for j := range preference {
			w := 1.0
			if weight != nil {
				w = weight[i][j]
			}
			if n := w * preference[i][j]; i != j && n > 0 {
				pairs = append(pairs, Pair{0, i, j, n})
			}
		}
	}
	return pairs
}

// banditPrompt returns a prompt with a reply for each weight of a reference.
func banditPrompt(reference []float64) Prompt {
	return Prompt{Replies: make([]Reply, len(reference)), Reference: reference}
}

// logs returns the logarithms of weights, normalised.
func logs(weights []float64) []float64 {
	x := make([]float64, len(weights))
	for k, w := range weights {
		x[k] = math.Log(w)
	}
	return logNormalised(x)
}

func logNormalised(logits []float64) []float64 {
	top, sum := math.Inf(-1), 0.0
	for _, z := range logits {
		top = math.Max(top, z)
	}
	for _, z := range logits {
		sum += math.Exp(z - top)
	}
	out := make([]float64, len(logits))
	for k, z := range logits {
		out[k] = z - top - math.Log(sum)
	}
	return out
}

func exps(logs []float64) []float64 {
	p := make([]float64, len(logs))
	for k, x := range logs {
		p[k] = math.Exp(x)
	}
	return p
}

// TestGoldenNoticesAWrongNumber changes one number of each format at a time
// and wants the check to fail.
func TestGoldenNoticesAWrongNumber(t *testing.T) {
	dir := goldenPath(t, "core/testdata/golden")
	for file, fields := range map[string][]string{
		"loss_dpo.json":       {"loss", "d_policy_chosen", "d_policy_rejected", "chosen_reward", "rejected_reward"},
		"loss_cdpo.json":      {"loss", "label_smoothing"},
		"loss_ipo_norm.json":  {"d_policy_chosen", "len_rejected"},
		"loss_orpo.json":      {"d_policy_rejected", "rejected_reward"},
		"batch_kto.json":      {"z0", "per_example", "d_policy_chosen", "chosen_reward", "undesirable_weight"},
		"batch_aot.json":      {"loss", "per_example", "d_policy_rejected", "label_smoothing"},
		"kl_closed_form.json": {"pi", "log_pi", "log_z", "kl", "expected_reward", "objective", "reward_variance"},
		"policy_gradient.json": {"expected_reward", "kl", "forward_kl", "objective", "grad_objective", "grad_expected_reward",
			"grad_kl", "grad_forward_kl", "expected_grad_k3"},
		"population_minimisers.json": {"pi", "log_ratio", "loss", "kl"},
		"trajectories.json": {"logits", "probs", "loss", "kl_pi_ref", "entropy", "mean_margin", "mean_chosen_reward",
			"mean_rejected_reward", "grad", "theta", "lr", "beta1", "accuracy", "lengths", "lam", "features"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range fields {
			spoiled := spoil(t, string(text), field)
			temp := t.TempDir()
			if err := os.WriteFile(filepath.Join(temp, file), []byte(spoiled), 0o600); err != nil {
				t.Fatal(err)
			}
			if len(countWrong(t, temp, file).wrong) == 0 {
				t.Errorf("%s: a wrong %s passes", file, field)
			}
		}
	}
}

// spoil adds 1 per mille of itself, or 1e-6, to the first number of a field.
func spoil(t *testing.T, text, field string) string {
	start := strings.Index(text, `"cases":`)
	if field == "accuracy" { // at the reference it may be anything
		start = strings.Index(text, `"step":100,`)
	}
	number := regexp.MustCompile(`"` + field + `":[\[ ]*(-?[0-9][^,\]}]*)`)
	at := number.FindStringSubmatchIndex(text[max(start, 0):])
	if start < 0 || at == nil {
		t.Fatalf("no %s to spoil", field)
	}
	from, to := start+at[2], start+at[3]
	x, err := strconv.ParseFloat(text[from:to], 64)
	if err != nil {
		t.Fatal(err)
	}
	return text[:from] + fmt.Sprint(x*1.001+1e-6) + text[to:]
}

func countWrong(t *testing.T, dir, file string) *goldenReport {
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	reports := map[string]*goldenReport{}
	if err := checkGoldenFile(file, text, reports); err != nil || len(reports) != 1 {
		t.Fatalf("%s: %d reports, %v", file, len(reports), err)
	}
	for _, r := range reports {
		return r
	}
	return nil
}

func TestGoldenNeedsAFolder(t *testing.T) {
	if _, err := checkGolden(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing folder passes")
	}
	if _, err := checkGolden(t.TempDir()); err == nil {
		t.Error("an empty folder passes")
	}
	dir := t.TempDir()
	other := `{"format":"preference-loss-cases/1","loss":"unheard-of","cases":[{"id":"unheard-of-1","in":{},"hp":{"beta":1},"out":{"loss":1}}]}`
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	reports, err := checkGolden(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := reports["preference-loss-cases/1"]
	if r.passed != 0 || r.skipped["loss unheard-of"] != 1 {
		t.Errorf("a folder of other losses: %d hold, skipped %s", r.passed, r.skips())
	}
}
