package intake

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// The table in the README is a promise: each of its examples is read, and
// gives the preferences that its last column says.
func TestShapesOfTheReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| shape | example | read as |\n| --- | --- | --- |\n")
	if !found {
		t.Fatal("the README has no table of shapes")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	if len(rows) < 20 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	for _, row := range rows {
		cells := strings.Split(strings.Trim(row, "|"), " | ")
		if len(cells) != 3 {
			t.Fatalf("%q has %d cells", row, len(cells))
		}
		var lines []string
		for i, line := range strings.Split(cells[1], "<br>") {
			if line = strings.TrimSpace(line); len(line) < 3 || i > 1 {
				t.Fatalf("%q: expected at most two lines", cells[0])
			}
			lines = append(lines, strings.Trim(line, "`"))
		}
		d, _, err := read("", strings.Join(lines, "\n"), 1<<20)
		if err != nil {
			t.Errorf("%s: %v", cells[0], err)
			continue
		}
		if got, want := strings.Join(show(d), "; "), strings.Trim(strings.TrimSpace(cells[2]), "`"); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", cells[0], got, want)
		}
	}
}

// A triplet is what a fuzzed row means. Replies name their question, so that
// pooled questions can be told.
type triplet struct{ question, chosen, rejected string }

// writers write a triplet as public data sets have it.
var writers = []func(r triplet) map[string]any{
	func(r triplet) map[string]any {
		return map[string]any{"prompt": r.question, "chosen": r.chosen, "rejected": r.rejected}
	},
	func(r triplet) map[string]any {
		return map[string]any{"chosen": chat("user", r.question, "assistant", r.chosen), "rejected": chat("user", r.question, "assistant", r.rejected)}
	},
	func(r triplet) map[string]any {
		return map[string]any{"conversations": chat("user", r.question), "chosen": chat("assistant", r.chosen)[0], "rejected": chat("assistant", r.rejected)[0]}
	},
	func(r triplet) map[string]any {
		return map[string]any{"prompt": []string{r.question}, "response_a": []string{r.rejected}, "response_b": []string{r.chosen}, "winner_model_a": 0, "winner_model_b": 1, "winner_tie": 0}
	},
	func(r triplet) map[string]any {
		return map[string]any{"question": r.question, "response_0": r.rejected, "response_1": r.chosen, "better_response_id": 1}
	},
	func(r triplet) map[string]any {
		return map[string]any{"instruction": r.question, "input": "", "responses": []string{r.rejected, r.chosen}, "scores": []int{1, 2}}
	},
	func(r triplet) map[string]any {
		return map[string]any{"chosen": "Human: " + r.question + "\nAssistant: " + r.chosen, "rejected": "Human: " + r.question + "\nAssistant: " + r.rejected}
	},
	func(r triplet) map[string]any {
		return map[string]any{"history": r.question, "human_ref_A": r.chosen, "human_ref_B": r.rejected, "labels": 1}
	},
}

func chat(parts ...string) (list []map[string]string) {
	for i := 0; i < len(parts); i += 2 {
		list = append(list, map[string]string{"role": parts[i], "content": parts[i+1]})
	}
	return list
}

// spoil renames a key, blanks a value or adds a key.
func spoil(rng *rand.Rand, row map[string]any) {
	var keys []string
	for key := range row {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	key := keys[rng.IntN(len(keys))]
	switch rng.IntN(6) {
	case 0:
		row["my_"+key] = row[key]
		delete(row, key)
	case 1:
		row[key] = nil
	case 2:
		row[key] = ""
	case 3:
		row["note"] = []any{1, nil, map[string]any{"x": "y"}}
	case 4:
		row[key] = map[string]any{"odd": 1}
	}
}

// split writes the rows in pandas' split orientation.
func split(rows []map[string]any) any {
	var names []string
	for _, row := range rows {
		for name := range row {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	var data [][]any
	for _, row := range rows {
		var list []any
		for _, name := range names {
			list = append(list, row[name])
		}
		data = append(data, list)
	}
	return map[string]any{"columns": names, "data": data}
}

// wrap writes the rows as lines, as a list or inside of other objects.
func wrap(t *testing.T, rng *rand.Rand, rows []map[string]any) string {
	var whole any = rows
	switch rng.IntN(5) {
	case 4:
		whole = split(rows)
	case 0:
		var b strings.Builder
		for _, row := range rows {
			line, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(append(line, '\n'))
		}
		return b.String()
	case 1:
		whole = map[string]any{"version": 2, "items": rows}
	case 2:
		var list []any
		for i, row := range rows {
			list = append(list, map[string]any{"index": i, "record": row})
		}
		whole = map[string]any{"rows": list}
	}
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// No file is taken with questions of different rows pooled unless the summary
// says that there is no question, and each row is taken or left out.
func TestNothingIsPooledUnsaid(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	taken := 0
	for range 4000 {
		write := writers[rng.IntN(len(writers))]
		var rows []map[string]any
		n := 2 + rng.IntN(5)
		for i := range n {
			row := write(triplet{fmt.Sprintf("Question %d?", i), fmt.Sprintf("<%d> good", i), fmt.Sprintf("<%d> bad", i)})
			if rng.IntN(2) == 0 {
				spoil(rng, row)
			}
			rows = append(rows, row)
		}
		content := wrap(t, rng, rows)
		d, s, err := read("x.json", content, 1+rng.IntN(200))
		if err != nil {
			continue
		}
		taken++
		out := 0
		for _, skip := range s.Skipped {
			out += skip.Rows
		}
		if int(s.Votes) != s.Rows-out || s.Rows > n {
			t.Fatalf("%s:\n%g votes of %d rows, %d left out", content, s.Votes, s.Rows, out)
		}
		said := slices.ContainsFunc(s.Notes, func(note Note) bool {
			return note.Code == "note.noquestion" || note.Code == "note.somequestion"
		})
		for _, p := range d.Prompts {
			whose := map[string]bool{}
			for _, reply := range p.Replies {
				if !strings.Contains(reply.Text, "<") {
					t.Fatalf("%s:\nthe reply %q is no row's", content, reply.Text)
				}
				number, _, _ := strings.Cut(reply.Text[strings.LastIndexByte(reply.Text, '<'):], ">")
				whose[number] = true
			}
			if len(whose) > 1 && !said {
				t.Fatalf("%s:\npooled under %q: %v; notes %v", content, p.Text, p.Replies, s.Notes)
			}
		}
	}
	if taken < 2000 {
		t.Errorf("only %d of 4000 files were taken", taken)
	}
}
