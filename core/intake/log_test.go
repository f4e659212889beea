package intake

import "testing"

// The first rows say whether a file is preferences or the log of a run.
func TestPreferencesOrLog(t *testing.T) {
	for _, c := range []struct {
		about, name, content string
		isLog                bool
	}{
		{"trainer state", "trainer_state.json", `{"best_metric":null,"log_history":[{"loss":0.69,"rewards/chosen":0,"step":10}]}`, true},
		{"rows", "x.jsonl", `{"args":{"beta":0.1}}` + "\n" + `{"step":10,"loss":0.69}`, true},
		{"a list", "x.json", `[{"step":10,"rewards/chosen":0.1},{"step":20,"rewards/chosen":0.2}]`, true},
		{"a tracker's table", "x.csv", "\"Step\",\"dpo - train/loss\"\n\"10\",\"0.69\"\n", true},
		{"scalars", "run-a-tag-loss.csv", "Wall time,Step,Value\n1,10,0.69\n", true},
		{"a reward beside its KL", "x.jsonl", `{"step":1,"reward":0.4,"kl":0.1,"loss":0.2}`, true},
		{"preferences with a step", "x.jsonl", `{"step":1,"loss":0.3,"prompt":"p","chosen":"a","rejected":"b"}`, false},
		{"preferences in columns, with a step", "x.csv", "step,loss,chosen,rejected\n1,2,a,b\n", false},
		{"scored replies of a run", "x.csv", "step,loss,prompt,completion,reward\n1,.2,p,a,1\n1,.2,p,b,2\n", false},
		{"a log behind preferences", "x.jsonl", `{"chosen":"a","rejected":"b"}{"step":1,"loss":2}`, false},
	} {
		for _, chunk := range []int{3, 1 << 20} {
			r := NewReader(c.name, int64(len(c.content)))
			for rest := []byte(c.content); len(rest) > 0; rest = rest[min(chunk, len(rest)):] {
				if err := r.Feed(rest[:min(chunk, len(rest))]); err != nil {
					t.Fatalf("%s: %v", c.about, err)
				}
			}
			d, _, err := r.Finish()
			if err != nil || (r.Log() != nil) != c.isLog || (d == nil) != c.isLog {
				t.Errorf("%s: a log: %v; %v", c.about, r.Log() != nil, err)
			}
		}
	}
}

// A log that is still being written ends in the middle of a line; one without
// steps is told from preferences.
func TestHalfALogAndOneWithoutSteps(t *testing.T) {
	r := NewReader("x.jsonl", 0)
	if err := r.Feed([]byte(`{"step":1,"loss":0.7}` + "\n" + `{"step":2,"loss":0.6}` + "\n" + `{"step":3,"lo`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Finish(); err != nil || r.Log() == nil || r.Log().Rows != 2 || r.Log().Broken != 1 {
		t.Errorf("%+v, %v", r.Log(), err)
	}
	_, _, err := read("x.json", `[{"loss":0.7,"epoch":0.1},{"loss":0.6,"epoch":0.2}]`, 100)
	expectCode(t, err, "run.log.stepless", 0)
}
