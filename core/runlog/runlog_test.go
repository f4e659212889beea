package runlog

import (
	"reflect"
	"testing"
)

func TestLogs(t *testing.T) {
	loss := Series{Name: "loss", Unit: "nats", Steps: []float64{10, 20}, Values: []float64{0.69, 0.5}}
	margin := Series{Name: "rewards/margins", Eval: true, Unit: "nats", Steps: []float64{20}, Values: []float64{0.25}}
	for name, content := range map[string]string{
		"trainer_state.json": `{"best_metric":null,"log_history":[{"loss":0.69,"step":10},{"loss":0.5,"step":20},{"eval_rewards/margins":0.25,"step":20}]}`,
		"rows.json":          `[{"step":10,"loss":0.69},{"step":20,"loss":0.5,"eval_rewards/margins":0.25}]`,
		"rows.jsonl":         `{"global_step":10,"train/loss":0.69}` + "\n" + `{"global_step":20,"train/loss":0.5,"eval/rewards/margins":0.25}`,
		"wandb.csv":          "\"Step\",\"beta .1 - train/loss\",\"beta .1 - eval/rewards/margins\"\n\"10\",\"0.69\",\"\"\n\"20\",\"0.5\",\"0.25\"\n",
	} {
		r := NewReader(name, int64(len(content)))
		r.Feed([]byte(content))
		log, err := r.Finish()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if want := []Series{loss, margin}; !reflect.DeepEqual(log.Series, want) || log.Back != 0 || log.Stepless != 0 {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, *log, want)
		}
	}
}

func TestTensorBoard(t *testing.T) {
	r := NewReader("run-.-tag-train_loss.csv", 0)
	r.Feed([]byte("Wall time,Step,Value\n1700000000.5,10,0.69\n1700000001.5,20,0.5\n"))
	log, err := r.Finish()
	want := []Series{{Name: "loss", Unit: "nats", Steps: []float64{10, 20}, Values: []float64{0.69, 0.5}}}
	if err != nil || !reflect.DeepEqual(log.Series, want) {
		t.Errorf("%+v, %v", log, err)
	}
}

func TestOutOfOrderAndWithoutSteps(t *testing.T) {
	r := NewReader("x.jsonl", 0)
	r.Feed([]byte(`{"step":10,"loss":NaN}{"step":20,"loss":1}{"train_runtime":3}{"step":10,"loss":2}`))
	log, err := r.Finish()
	if err != nil || log.Rows != 4 || log.Stepless != 1 || log.Back != 1 || len(log.Series) != 1 {
		t.Errorf("%+v, %v", log, err)
	}
	r = NewReader("x.jsonl", 0)
	r.Feed([]byte(`{"a":"b"}`))
	if _, err := r.Finish(); err == nil {
		t.Error("what is no log is taken")
	}
}
