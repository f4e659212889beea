package intake

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"testing"
)

// In tables of pairs and of thumbs, whatever the order of the columns, each row
// that was written is taken, as one vote or one thumb, or is left out.
func TestRowsOfTablesAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	taken := 0
	for range 2000 {
		names := []string{"prompt", "chosen", "rejected", "id"}
		values := [][]string{{"p", "q", "r"}, {"a", "b", "", " "}, {"a", "c", "d", ""}, {"1", "2", ""}}
		if rng.IntN(2) == 0 {
			names = []string{"prompt", "completion", "label", "id"}
			values = [][]string{{"p", "q", "r", "s", "t"}, {"a", "b", "c", ""}, {"true", "0", "yes", "👎", "", "perhaps"}, {"1", "2", ""}}
		}
		rng.Shuffle(len(names), func(i, k int) {
			names[i], names[k] = names[k], names[i]
			values[i], values[k] = values[k], values[i]
		})
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Write(names)
		n := 1 + rng.IntN(12)
		for range n {
			row := make([]string, len(names))
			for i := range row {
				row[i] = values[i][rng.IntN(len(values[i]))]
			}
			if rng.IntN(10) == 0 {
				row = append(row, "one too many")
			}
			w.Write(row)
		}
		w.Flush()
		_, s, err := read("x.csv", b.String(), 1+rng.IntN(100))
		if err != nil {
			continue
		}
		taken++
		out := 0
		for _, skip := range s.Skipped {
			out += skip.Rows
		}
		if got := int(s.Votes+s.Up+s.Down) + out; s.Rows != n || got != n {
			t.Fatalf("%s:\n%d rows were written, %d read, %d taken or left out (%+v)", b.String(), n, s.Rows, got, s)
		}
	}
	if taken < 1000 {
		t.Errorf("only %d of 2000 tables were taken", taken)
	}
}
