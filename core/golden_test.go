package core_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/objective"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// goldenFormats says how a case of each format is checked. To cover a format,
// add a line. Losses are found in the table of objectives; goldenObjectives says
// which of them the trainer itself is checked on.
var goldenFormats = map[string]func(goldenHeader, json.RawMessage) coretest.GoldenResult{
	"preference-loss-cases/1":  checkLossCase,
	"preference-batch-cases/1": checkBatchCase,
	"policy-gradient-cases/1":  checkPolicyGradient,
	"preference-trajectory/1":  checkTrajectory,
	"kl-closed-form/1":         checkClosedForm,
	"population-minimiser/1":   checkDestination,
}

type goldenHeader struct {
	Format, Loss string
	Cases        []json.RawMessage
}

// goldenReport sums up the cases of one format.
type goldenReport struct {
	passed, checks int
	skipped        map[string]int // by reason
	wrong          []string
}

func TestGolden(t *testing.T) {
	reports, err := checkGolden(coretest.GoldenPath(t, *coretest.GoldenDir))
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, format := range oracle.SortedKeys(reports) {
		r := reports[format]
		passed += r.passed
		t.Logf("%s: %d cases hold (%d numbers); SKIPPED: %s", format, r.passed, r.checks, r.skips())
		for _, w := range r.wrong {
			t.Errorf("%s: %s", format, w)
		}
	}
	if passed == 0 && !t.Failed() {
		t.Errorf("no case in %s could be checked", coretest.GoldenPath(t, *coretest.GoldenDir))
	}
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

func (r *goldenReport) add(file string, c coretest.GoldenResult) {
	switch {
	case len(c.Wrong) > 0:
		for _, w := range c.Wrong {
			r.wrong = append(r.wrong, file+" "+c.Id+": "+w)
		}
	case c.Skip != "":
		r.skipped[c.Skip]++
	default:
		r.passed++
		r.checks += c.Checks
	}
}

func (r *goldenReport) skips() string {
	if len(r.skipped) == 0 {
		return "none"
	}
	var list []string
	for _, why := range oracle.SortedKeys(r.skipped) {
		list = append(list, fmt.Sprintf("%s ×%d", why, r.skipped[why]))
	}
	return strings.Join(list, ", ")
}

// The tolerances that the vectors' README suggests.
var (
	exactly   = coretest.Tolerance{1e-12, 1e-10}
	afterRun  = coretest.Tolerance{1e-9, 1e-8}
	minimised = coretest.Tolerance{1e-8, 0}
)

func checkClosedForm(h goldenHeader, raw json.RawMessage) (c coretest.GoldenResult) {
	var v struct {
		ID string
		In struct {
			RefProbs []float64 `json:"ref_probs"`
			Rewards  []float64
			Beta     float64
		}
		Out coretest.Numbers
	}
	if !c.Decode(raw, &v) {
		return c
	}
	c.Id = v.ID
	var t scores.Tilt
	t.Set(oracle.Logs(v.In.RefProbs), v.In.Rewards, v.In.Beta)
	// A pi below 1e-12 says nothing within this tolerance; its log_pi does.
	got := coretest.Numbers{"pi": oracle.Exps(t.LogPi), "log_pi": t.LogPi, "log_z": {t.LogZ}, "kl": {t.KL}, "expected_reward": {t.Expected},
		"objective": {t.Objective(v.In.Beta)}, "reward_variance": {t.Variance}}
	c.Compare("", got, v.Out, exactly)
	return c
}

func checkMinimiser(h goldenHeader, raw json.RawMessage) (c coretest.GoldenResult) {
	var v struct {
		ID, Objective string
		In            struct {
			RefProbs   []float64 `json:"ref_probs"`
			HP         map[string]float64
			Preference [][]float64
			PairWeight [][]float64 `json:"pair_weight"`
		}
		Out coretest.Numbers
	}
	if !c.Decode(raw, &v) {
		return c
	}
	c.Id = v.ID
	beta, eps := c.Objective(v.Objective, v.In.HP)
	if c.Skip != "" {
		return c
	}
	pairs := expectedPairs(v.In.Preference, v.In.PairWeight)
	logRef := oracle.Logs(v.In.RefProbs)
	var tilt scores.Tilt
	tilt.Set(logRef, coretest.FitScores(len(logRef), pairs, eps).Score, beta)
	ratio := make([]float64, len(logRef))
	for k := range ratio {
		ratio[k] = tilt.LogPi[k] - logRef[k]
	}
	p := data.NewProblem(&data.Dataset{Prompts: []data.Prompt{datatest.Prompt(v.In.RefProbs)}, Pairs: pairs})
	trainer := train.NewTrainer(p, train.Config{HyperParams: objective.HyperParams{Beta: beta, Epsilon: eps}})
	trainer.StartAt(ratio)
	loss := train.NewMeter(p).Read(trainer, 0).Loss
	c.Compare("", coretest.Numbers{"pi": oracle.Exps(tilt.LogPi), "log_ratio": ratio, "kl": {tilt.KL}, "loss": {loss}}, v.Out, minimised)
	return c
}

// expectedPairs turns a matrix of P(i beats j), weighted, into fractional counts.
func expectedPairs(preference, weight [][]float64) []data.Pair {
	var pairs []data.Pair
	for i := range preference {
		for j := range preference {
			w := 1.0
			if weight != nil {
				w = weight[i][j]
			}
			if n := w * preference[i][j]; i != j && n > 0 {
				pairs = append(pairs, data.Pair{0, i, j, n})
			}
		}
	}
	return pairs
}

// TestGoldenNoticesAWrongNumber changes one number of each format at a time
// and wants the check to fail.
func TestGoldenNoticesAWrongNumber(t *testing.T) {
	dir := coretest.GoldenPath(t, "core/testdata/golden")
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
