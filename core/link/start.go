package link

import (
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/data"
)

func writeStart(e *core.Experiment, b *strings.Builder) {
	if e.Start == nil {
		return
	}
	list := make([]string, len(e.Start))
	for k, d := range e.Start {
		list[k] = data.FormatNumber(d)
	}
	data.WriteField(b, "at", strings.Join(list, ","))
}

// start reads where the run starts.
func (r *reader) start(f field) {
	info := core.ParamInfo{Key: f.key, Min: -core.MostStart, Max: core.MostStart}
	list := strings.Split(f.value, ",")
	start := make([]float64, len(list))
	for k, text := range list {
		var c *data.Complaint
		if start[k], c = info.Parse(text); c != nil {
			r.add(c)
			return
		}
	}
	r.e.Start = start
}

// finishStart sees to it that the run can start where the link says.
func (r *reader) finishStart(prompts []data.Prompt) {
	if r.e.AwaitsFile() {
		return
	}
	if c := r.e.CheckStart(len(prompts[int(r.e.Settings[core.ShownPrompt])].Replies)); c != nil {
		r.add(c)
		r.e.Start = nil
	}
}
