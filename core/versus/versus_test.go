package versus

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"dpoplayground/core/data"
	"dpoplayground/core/train"
)

//go:embed step.js
var stepJS string

// TestSameBits holds three sides to the same bits after 1000 steps: this
// process, WebAssembly, and JavaScript.
func TestSameBits(t *testing.T) {
	tab := openTab(t)
	for _, size := range [][2]int{{2, 1}, {8, 28}, {64, 1023}, {5000, 1024}} {
		trainer := train.NewTrainer(data.NewProblem(Dataset(size[0], size[1])), Config())
		trainer.Advance(1000)
		got, err := chromedp.Run(tab, chromedp.Evaluate[map[string][]float64](
			fmt.Sprintf("after(%d, %d, 1000)", size[0], size[1])))
		if err != nil {
			t.Fatal(err)
		}
		moved := false
		for k := range size[0] {
			want := trainer.LogRatio(k)
			moved = moved || want != 0
			for _, side := range []string{"go", "js"} {
				if math.Float64bits(got[side][k]) != math.Float64bits(want) {
					t.Fatalf("%d replies, %d pairs: log-ratio of reply %d is %v in the browser (%s), %v here",
						size[0], size[1], k, got[side][k], side, want)
				}
			}
		}
		if !moved {
			t.Fatalf("%d replies, %d pairs: nothing was learnt", size[0], size[1])
		}
	}
}

// BenchmarkStep reports nanoseconds a step on both sides and their ratio, from
// the medians of alternating rounds.
func BenchmarkStep(b *testing.B) {
	tab := openTab(b)
	narrow := 0.0
	for _, size := range [][2]int{{8, 28}, {64, 1024}, {1024, 65536}, {50257, 1024}} {
		b.Run(fmt.Sprintf("K=%d/N=%d", size[0], size[1]), func(b *testing.B) {
			var goTimes, jsTimes []float64
			for b.Loop() {
				got, err := chromedp.Run(tab, chromedp.Evaluate[map[string][]float64](
					fmt.Sprintf("race(%d, %d, 41)", size[0], size[1]), chromedp.EvalAwaitPromise))
				if err != nil {
					b.Fatal(err)
				}
				goTimes, jsTimes = append(goTimes, got["go"]...), append(jsTimes, got["js"]...)
			}
			goTime, jsTime := median(goTimes), median(jsTimes)
			b.ReportMetric(0, "ns/op") // of the race, not of a step
			b.ReportMetric(goTime, "go-ns/step")
			b.ReportMetric(jsTime, "js-ns/step")
			b.ReportMetric(goTime/jsTime, "go/js")
			if size[0] == 64 {
				narrow = goTime
			} else if size[1] == 1024 && narrow > 0 {
				b.ReportMetric(goTime/narrow, "of-K=64")
			}
		})
	}
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// openTab builds the Go side, serves it with the JavaScript side and opens both
// in a headless Chromium. The test is skipped if there is none.
func openTab(tb testing.TB) context.Context {
	tb.Helper()
	browser := findChromium()
	if browser == "" {
		tb.Skip("SKIPPED, NOTHING WAS COMPARED: no Chromium or Chrome found in PATH")
	}
	site := httptest.NewServer(http.FileServer(http.Dir(buildSite(tb))))
	tb.Cleanup(site.Close)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	tb.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx,
		append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.UserDataDir(tb.TempDir()))...)
	tb.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	tb.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate(site.URL)); err != nil {
		tb.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("window.ready")); err != nil {
		tb.Fatal(err)
	}
	return ctx
}

func findChromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

const page = `<!doctype html><meta charset="utf-8"><title>versus</title>
<script src="wasm_exec.js"></script>
<script>const powers = POWERS;</script>
<script src="step.js"></script>
<script>
const go = new Go();
WebAssembly.instantiateStreaming(fetch("step.wasm"), go.importObject).then(r => go.run(r.instance));
</script>`

// buildSite returns a folder with the page and both programs.
func buildSite(tb testing.TB) string {
	tb.Helper()
	dir := tb.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "step.wasm"), "./stepwasm")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("building stepwasm: %v\n%s", err, out)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		tb.Fatal(err)
	}
	glue, err := os.Open(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		tb.Fatal(err)
	}
	defer glue.Close()
	powers, err := json.Marshal(powersOfTwo())
	if err != nil {
		tb.Fatal(err)
	}
	for name, content := range map[string]io.Reader{
		"wasm_exec.js": glue,
		"step.js":      strings.NewReader(stepJS),
		"index.html":   strings.NewReader(strings.Replace(page, "POWERS", string(powers), 1)),
	} {
		data, err := io.ReadAll(content)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// powersOfTwo returns 2^(j/256) for j = 0 … 255, by square roots.
func powersOfTwo() []float64 {
	root := new(big.Float).SetPrec(200).SetInt64(2)
	for range 8 {
		root.Sqrt(root)
	}
	power := new(big.Float).SetPrec(200).SetInt64(1)
	out := make([]float64, 256)
	for j := range out {
		out[j], _ = power.Float64()
		power.Mul(power, root)
	}
	return out
}
