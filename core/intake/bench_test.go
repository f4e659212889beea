package intake

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// synthetic returns a file of about 20 MB and exactly MaxRows rows, every one
// with its own prompt: the most there is to keep.
func synthetic(format string) []byte {
	var b strings.Builder
	if format == "csv" {
		b.WriteString("prompt,chosen,rejected\n")
	}
	filler := strings.Repeat("lorem ipsum ", 2)
	for i := range MaxRows {
		if format == "csv" {
			fmt.Fprintf(&b, "\"%d %s\",\"good, %d\",%sbad\n", i, filler, i, filler)
			continue
		}
		fmt.Fprintf(&b, "{\"prompt\": \"%d %s\", \"chosen\": \"good %d\", \"rejected\": \"bad\"}\n", i, filler, i)
	}
	return []byte(b.String())
}

// Reports, besides the time, the longest single call of Feed and the memory
// that the data set and the reader hold at the end.
func benchmarkFile(b *testing.B, name string, content []byte) {
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	slowest, sum := time.Duration(0), 0.0
	var held uint64
	for range b.N {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		r := NewReader(name, int64(len(content)))
		longest := time.Duration(0)
		for rest := content; len(rest) > 0; {
			n := min(ChunkBytes, len(rest))
			start := time.Now()
			if err := r.Feed(rest[:n]); err != nil {
				b.Fatal(err)
			}
			longest = max(longest, time.Since(start))
			rest = rest[n:]
		}
		if _, _, err := r.Finish(); err != nil {
			b.Fatal(err)
		}
		slowest, sum = max(slowest, longest), sum+longest.Seconds()
		runtime.GC()
		runtime.ReadMemStats(&after)
		held = after.HeapAlloc - before.HeapAlloc
		runtime.KeepAlive(r)
	}
	b.ReportMetric(float64(slowest.Microseconds())/1000, "ms/slowest-feed")
	b.ReportMetric(1000*sum/float64(b.N), "ms/mean-slowest-feed")
	b.ReportMetric(float64(held)/1e6, "MB-held")
	b.ReportMetric(float64(len(content))/1e6, "MB-file")
}

func BenchmarkJSONL(b *testing.B) { benchmarkFile(b, "x.jsonl", synthetic("jsonl")) }

func BenchmarkCSV(b *testing.B) { benchmarkFile(b, "x.csv", synthetic("csv")) }

// Rows of a usual length: 2 kB each, few of them.
func BenchmarkLongRows(b *testing.B) {
	text, _ := json.Marshal(strings.Repeat("It is “blue”,\nI think. ", 40))
	row := fmt.Sprintf(`{"prompt": %s, "chosen": [{"role":"assistant","content":%s}], "rejected": "no"}`+"\n", text, text)
	benchmarkFile(b, "x.jsonl", []byte(strings.Repeat(row, MaxBytes/len(row))))
}

// One prompt with as many replies as rows.
func BenchmarkOnePrompt(b *testing.B) {
	var lines strings.Builder
	lines.WriteString("chosen,rejected\n")
	for i := range MaxRows {
		fmt.Fprintf(&lines, "the good reply of number %d,bad\n", i)
	}
	benchmarkFile(b, "x.csv", []byte(lines.String()))
}

// One text that fills the file, with the whole of it to hash and copy at once.
func BenchmarkOneText(b *testing.B) {
	content := `{"rejected":"b","chosen":"` + strings.Repeat("x", MaxBytes-100) + `"}`
	benchmarkFile(b, "x.jsonl", []byte(content))
}
