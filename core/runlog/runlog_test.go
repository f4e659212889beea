package runlog

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dpoplayground/core/parse"
)

// read feeds a whole file to a reader, a few bytes at a time.
func read(name, content string) (*Log, error) {
	r := NewReader(name)
	s := parse.NewStream(name, int64(len(content)), r)
	for part := range slices.Chunk([]byte(content), 7) {
		if err := s.Feed(slices.Clone(part)); err != nil {
			return nil, err
		}
	}
	if err := s.Finish(); err != nil {
		return nil, err
	}
	return r.Finish()
}

func TestLogs(t *testing.T) {
	loss := Series{Name: "loss", Steps: []float64{10, 20}, Values: []float64{0.69, 0.5}}
	margin := Series{Name: "rewards/margins", Eval: true, Steps: []float64{20}, Values: []float64{0.25}}
	for name, content := range map[string]string{
		"trainer_state.json": `{"best_metric":null,"global_step":20,"log_history":[{"loss":0.69,"epoch":0.1,"step":10},{"loss":0.5,"step":20},{"eval_rewards/margins":0.25,"eval_runtime":3,"step":20},{"train_loss":0.6,"train_runtime":9,"step":20}]}`,
		"rows.json":          `[{"step":10,"loss":0.69},{"step":20,"loss":0.5,"eval_rewards/margins":0.25}]`,
		"wrapped.json":       `{"config":{"beta":0.1},"history":[{"step":10,"loss":"0.69"},{"step":20,"loss":0.5,"eval_rewards/margins":0.25}]}`,
		"rows.jsonl":         `{"_step":1,"train/global_step":10,"train/loss":0.69}` + "\n" + `{"_step":2,"train/global_step":20,"train/loss":0.5,"eval/rewards/margins":0.25}` + "\n" + `{"_step":3,"train/global_step":20,"train/train_loss":0.6}`,
		"older.jsonl":        `{"current_steps":10,"dpo_loss":0.69}` + "\n" + `{"current_steps":20,"dpo_loss":0.5,"rewards_eval/margins":0.25}`,
		"history.csv":        "_step,train/global_step,train/loss,eval/rewards/margins,note\n0,10,0.69,,x\n1,20,0.5,0.25,NaN\n",
		"semicolons.csv":     "step;loss;eval_rewards/margins\r\n10;0.69;\r\n20;0.5;0.25\r\n",
		"train last.csv":     "step,loss,eval_reward_margin\n20,0.5,0.25\n10,0.69,\n",
	} {
		log, err := read(name, content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back := 0
		if name == "train last.csv" {
			back = 1
		}
		if len(log.Runs) != 1 || !reflect.DeepEqual(log.Runs[0].Series, []Series{loss, margin}) || log.Back != back || log.Stepless+log.Twice+log.Odd != 0 {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, *log, []Series{loss, margin})
		}
	}
}

// A chart that Weights & Biases exports holds several runs, with the ends of
// each point's range beside it.
func TestRunsInColumns(t *testing.T) {
	log, err := read("wandb.csv", `"Step","dpo beta .1 - train/loss","dpo beta .1 - train/loss__MIN","dpo beta .1 - train/loss__MAX","dpo beta .5 - train/loss"`+"\n"+
		`"10","0.69","0.6","0.7","0.68"`+"\n"+`"20","","","","0.4"`+"\n")
	want := []Run{
		{Name: "dpo beta .1", Series: []Series{{Name: "loss", Steps: []float64{10}, Values: []float64{0.69}}}},
		{Name: "dpo beta .5", Series: []Series{{Name: "loss", Steps: []float64{10, 20}, Values: []float64{0.68, 0.4}}}},
	}
	if err != nil || !reflect.DeepEqual(log.Runs, want) {
		t.Errorf("%+v, %v", log, err)
	}
}

func TestTensorBoard(t *testing.T) {
	content := "Wall time,Step,Value\n1700000000.5,10,0.69\n1700000001.5,20,0.5\n"
	log, err := read("run-dpo-tag-train_rewards_chosen.csv", content)
	want := []Run{{Name: "dpo", Series: []Series{{Name: "rewards/chosen", Steps: []float64{10, 20}, Values: []float64{0.69, 0.5}}}}}
	if err != nil || !reflect.DeepEqual(log.Runs, want) {
		t.Errorf("%+v, %v", log, err)
	}
	fails(t, "scalars.csv", content, "run.log.unnamed")
}

// fails holds a file to the code of its error.
func fails(t *testing.T, name, content, code string) {
	t.Helper()
	_, err := read(name, content)
	var e *parse.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("%s: %v, want %s", name, err, code)
	}
}

func TestHostileLogs(t *testing.T) {
	log, err := read("odd.jsonl", `{"step":10,"loss":NaN}{"step":30,"loss":1}{"train_runtime":3}{"step":20,"loss":Infinity}{"step":30,"loss":2}{"step":1e300,"loss":1}`)
	if err != nil {
		t.Fatal(err)
	}
	s := log.Runs[0].Series[0]
	if !slices.Equal(s.Steps, []float64{10, 20, 30}) || !math.IsNaN(s.Values[0]) || s.Values[2] != 2 ||
		log.Rows != 6 || log.Stepless != 2 || log.Back != 1 || log.Twice != 1 || log.Odd != 2 {
		t.Errorf("%+v", *log)
	}
	log, err = read("two.csv", "step,loss\n10,3\n20,2\n30,1\n10,6\n20,5\n")
	if err != nil || len(log.Runs) != 2 || log.Runs[1].Name != "two (2)" || !slices.Equal(log.Runs[1].Series[0].Values, []float64{6, 5}) || log.Back+log.Twice != 0 {
		t.Errorf("two runs in one file: %+v, %v", log, err)
	}
	log, err = read("three.csv", "step,loss\n10,3\n20,2\n10,6\n20,5\n10,9\n20,8\n")
	if err != nil || len(log.Runs) != 3 || log.Runs[2].Name != "three (3)" {
		t.Errorf("three runs in one file: %+v, %v", log, err)
	}
	fails(t, "none.jsonl", `{"a":"b"}`, "run.log.stepless")
	fails(t, "epochs.json", `[{"loss":1,"epoch":0.1},{"loss":2,"epoch":0.2}]`, "run.log.stepless")
	fails(t, "nothing.csv", "step,epoch\n1,2\n", "run.log.empty")
	fails(t, "long.csv", "step,loss\n"+strings.Repeat("1,2\n", MaxRows+1), "run.log.rows")
	header := "Step"
	for i := range MaxRuns + 1 {
		header += fmt.Sprintf(",run %d - train/loss", i)
	}
	fails(t, "many.csv", header+"\n1"+strings.Repeat(",2", MaxRuns+1)+"\n", "run.log.runs")
}

// sample is what the logs of a small language model, trained with DPO at three
// βs on one set of pairs, say of its evaluation set: loss, rewards of chosen and
// rejected, margin and accuracy at the first and the last row.
var sample = map[string]string{
	"beta_0.02": `[{"step":10,"eval_loss":0.693,"eval_rewards/chosen":0.0,"eval_rewards/margins":0.001,"eval_rewards/accuracies":0.8,"eval_logps/chosen":-6.6},
		{"step":300,"eval_loss":0.544,"eval_rewards/chosen":-0.126,"eval_rewards/margins":0.359,"eval_rewards/accuracies":0.885,"eval_logps/chosen":-12.9,"eval_kl_sampled":31}]`,
	"beta_0.1": `[{"step":10,"eval_loss":0.691,"eval_rewards/chosen":0.002,"eval_rewards/margins":0.004,"eval_rewards/accuracies":0.815,"eval_logps/chosen":-6.6},
		{"step":300,"eval_loss":0.430,"eval_rewards/chosen":-0.173,"eval_rewards/margins":0.863,"eval_rewards/accuracies":0.895,"eval_logps/chosen":-8.4,"eval_kl_sampled":1.8}]`,
	"beta_0.5": `[{"step":10,"eval_loss":0.68,"eval_rewards/chosen":0.009,"eval_rewards/margins":0.02,"eval_rewards/accuracies":0.82,"eval_logps/chosen":-6.6},
		{"step":300,"eval_loss":0.374,"eval_rewards/chosen":0.019,"eval_rewards/margins":1.199,"eval_rewards/accuracies":0.890,"eval_logps/chosen":-6.6,"eval_kl_sampled":0.6}]`,
}

// The chosen reward fell below 0 at the two smaller βs and not at .5.
func TestFactsOfASweep(t *testing.T) {
	for name, sunk := range map[string]bool{"beta_0.02": true, "beta_0.1": true, "beta_0.5": false} {
		log, err := read(name+".json", sample[name])
		if err != nil {
			t.Fatal(err)
		}
		run := &log.Runs[0]
		facts := run.Facts()
		if is := len(facts) == 1 && facts[0].Code == "run.log.fact.sunk"; is != sunk || len(facts) > 1 {
			t.Errorf("%s: %v", name, facts)
		}
		if !run.IsDPO() {
			t.Errorf("the losses of %s are DPO's", name)
		}
		if kl := run.Find("kl", true); kl == nil || len(kl.Values) != 1 {
			t.Errorf("%s: KL is %v", name, kl)
		}
	}
}

func TestFacts(t *testing.T) {
	for _, c := range []struct {
		about, content string
		want           []string
	}{
		{"nothing to say", "step,loss,rewards/chosen,rewards/margins\n1,.69,0,0\n2,.6,.1,.2\n3,.5,.2,.4\n", nil},
		{"the margin falls, too", "step,rewards/chosen,rewards/rejected\n1,0,0\n2,-1,-.5\n", nil},
		{"the margin from its parts", "step,rewards/chosen,rewards/rejected\n1,0,0\n2,-1,-3\n", []string{"run.log.fact.sunk"}},
		{"memorised", "step,loss,rewards/accuracies\n1,0.69,0.5\n2,0.01,1\n", []string{"run.log.fact.memorised"}},
		{"accurate and not memorised", "step,loss,rewards/accuracies\n1,0.69,0.5\n2,0.2,1\n", nil},
		{"evaluation parts", "step,loss,eval_loss\n1,0.69,0.69\n2,0.5,0.55\n3,0.3,0.6\n4,0.1,0.7\n", []string{"run.log.fact.parted"}},
		{"evaluation rises, and training with it", "step,loss,eval_loss\n1,0.69,0.69\n2,0.5,0.55\n3,0.6,0.6\n4,0.7,0.7\n", nil},
		{"a spike", "step,grad_norm\n1,1\n2,1.2\n3,9\n4,1.1\n5,0.9\n", []string{"run.log.fact.spiked"}},
		{"no spike", "step,grad_norm\n1,1\n2,1.2\n3,3\n4,1.1\n5,0.9\n", nil},
	} {
		log, err := read("x.csv", c.content)
		if err != nil {
			t.Fatalf("%s: %v", c.about, err)
		}
		var got []string
		for _, f := range log.Runs[0].Facts() {
			got = append(got, f.Code)
			if !slices.Contains(FactCodes(), f.Code) {
				t.Errorf("%s is not listed", f.Code)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.about, got, c.want)
		}
	}
}

func TestLossesOfOthersAreNotDPOs(t *testing.T) {
	for about, content := range map[string]string{
		"IPO begins at 1/(4τ²)":      "step,loss,rewards/margins\n1,25,0\n2,20,.1\n",
		"less than the margin can":   "step,loss,rewards/margins\n1,.69,0\n2,.3,.1\n",
		"no margin":                  "step,loss\n1,.69\n2,.5\n",
		"ORPO adds the chosen's NLL": "step,loss,rewards/margins\n1,1.9,0\n2,1.5,.1\n",
	} {
		log, err := read("x.csv", content)
		if err != nil || log.Runs[0].IsDPO() {
			t.Errorf("%s: %v", about, err)
		}
	}
}

func TestRewardsWithoutReference(t *testing.T) {
	for content, want := range map[string]bool{
		"step,rewards/chosen,logps/chosen\n1,-2.0,-1.0\n2,-1.6,-.8\n": true,
		"step,rewards/chosen,logps/chosen\n1,0,-6.6\n2,-.17,-8.4\n":   false,
		"step,rewards/chosen\n1,0\n2,1\n":                             false,
	} {
		log, err := read("x.csv", content)
		if err != nil || log.Runs[0].IsReferenceFree() != want {
			t.Errorf("%q: %v, want %v", content, err, want)
		}
	}
}

func TestKLPerToken(t *testing.T) {
	log, err := read("grpo.jsonl", `{"step":1,"loss":0.1,"reward":1,"reward_std":0.5,"kl":0.001,"completions/mean_length":30}`)
	if err != nil || !log.Runs[0].PerToken || log.Runs[0].Find("kl", false) == nil {
		t.Errorf("%+v, %v", log, err)
	}
}

func TestBetaOf(t *testing.T) {
	for name, want := range map[string]float64{"trainer_state_beta_0.02": 0.02, "dpo beta .1": 0.1, "Beta=0.5": 0.5, "beta0.2-lr1e-6": 0.2, "β = 1": 1, "alphabet": 0, "beta": 0, "beta_x": 0, "trainer_state": 0} {
		if got := BetaOf(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

// Files of one measure say by their names which it is, and whose.
func TestNamesOfTensorBoardsFiles(t *testing.T) {
	content := "Wall time,Step,Value\n1,10,0.5\n2,20,0.4\n"
	for name, want := range map[string][2]string{
		"run-dpo-tag-train_rewards_chosen (1).csv": {"dpo", "rewards/chosen"},
		"run-.-tag-train_rewards_margins.csv":      {"TensorBoard", "rewards/margins"},
		"rewards_chosen.csv":                       {"TensorBoard", "rewards/chosen"},
		"my_dpo_run_train_loss.csv":                {"my_dpo_run", "loss"},
		"beta 0.1-rewards_accuracies.csv":          {"beta 0.1", "rewards/accuracies"},
	} {
		log, err := read(name, content)
		if err != nil || len(log.Runs) != 1 || log.Runs[0].Name != want[0] || log.Runs[0].Series[0].Name != want[1] {
			t.Errorf("%s: %+v, %v", name, log, err)
		}
	}
	fails(t, "run-dpo-tag-train_learning_rate.csv", content, "run.log.unnamed")
}

// Names as notebooks, model cards and trackers write them.
func TestNamesOfMeasures(t *testing.T) {
	for content, want := range map[string]Series{
		"Step,Training Loss\n1,.5\n":                           {"loss", false, []float64{1}, []float64{.5}},
		"Step,Validation Loss\n1,.5\n":                         {"loss", true, []float64{1}, []float64{.5}},
		"Step,rewards / chosen\n1,-1\n":                        {"rewards/chosen", false, []float64{1}, []float64{-1}},
		"Step,my - dpo - train/loss\n1,.5\n":                   {"loss", false, []float64{1}, []float64{.5}},
		"global_step,preference_loss,loss\n1,.7,.5\n2,.6,.4\n": {"loss", false, []float64{1, 2}, []float64{.5, .4}},
		"global_step,loss,preference_loss\n1,.5,.7\n":          {"loss", false, []float64{1}, []float64{.5}},
		"global_step,train/loss,train/loss_mean\n1,.5,.7\n":    {"loss", false, []float64{1}, []float64{.5}},
	} {
		log, err := read("x.csv", content)
		if err != nil || len(log.Runs[0].Series) != 1 || !reflect.DeepEqual(log.Runs[0].Series[0], want) || log.Twice > 0 {
			t.Errorf("%q: %+v, %v", content, log, err)
		}
	}
}

// A reward function of GRPO's is no accuracy of preferences.
func TestRewardFunctionsAreNoAccuracies(t *testing.T) {
	log, err := read("grpo.jsonl", `{"step":1,"loss":0.1,"reward":1,"kl":0.001,"rewards/accuracy":0.7,"completion_length":30}`)
	if err != nil || log.Runs[0].Find("rewards/accuracies", false) != nil || log.Runs[0].Find("kl", false) == nil {
		t.Errorf("%+v, %v", log, err)
	}
}
