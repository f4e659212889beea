package runlog

import "testing"

func TestRunsAreListed(t *testing.T) {
	var list []*Run
	add := func(name, content string) {
		t.Helper()
		log, err := read(name, content)
		if err != nil {
			t.Fatal(err)
		}
		list = log.AddTo(list)
	}
	add("run-a-tag-train_loss.csv", "Wall time,Step,Value\n1,10,0.69\n2,20,0.5\n")
	add("run-a-tag-eval_loss.csv", "Wall time,Step,Value\n1,10,0.7\n")
	if len(list) != 1 || list[0].Find("loss", false) == nil || list[0].Find("loss", true) == nil {
		t.Fatalf("two measures of one run: %+v", list)
	}
	before := list[0]
	add("trainer_state.json", `[{"step":1,"loss":NaN},{"step":2,"loss":0.6}]`)
	add("trainer_state.json", `[{"step":1,"loss":NaN},{"step":2,"loss":0.6},{"step":3,"loss":0.5}]`) // the same run, later
	add("trainer_state.json", `[{"step":1,"loss":0.69},{"step":2,"loss":0.4}]`)                      // another
	if len(list) != 3 || list[0] != before || len(list[1].Series[0].Values) != 3 || list[2].Name != "trainer_state (2)" {
		t.Errorf("%d runs, the last %q", len(list), list[len(list)-1].Name)
	}
}
