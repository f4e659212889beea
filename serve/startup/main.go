// Command startup is a tool that measures how long a page takes until it is live,
// at a first visit and at a second one, in a Chromium with a disk cache:
//
//	go run ./serve/startup                     the playground, as go run . serves it
//	go run ./serve/startup -live EXPR URL...   other pages, live when EXPR is true
//
// It prints the median of several pairs of visits, each with a fresh profile.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"dpoplayground/serve/build"
	"dpoplayground/serve/site"
)

// conditions are those of the visits.
type conditions struct {
	megabits float64       // line's speed; 0 for as fast as it goes
	latency  time.Duration // added to each request
	cpu      float64       // how many times slower than this machine
	visits   int           // pairs of visits
	stay     time.Duration // at the first visit: browsers keep compiled code a while after
	flags    string        // for the browser's JavaScript engine
	live     string        // JavaScript that is true once the page is live
}

func main() {
	var c conditions
	flag.Float64Var(&c.megabits, "mbit", 10, "`megabits` per second of the line; 0 for no limit")
	flag.DurationVar(&c.latency, "latency", 40*time.Millisecond, "`time` added to each request")
	flag.Float64Var(&c.cpu, "cpu", 4, "how many `times` slower than this machine")
	flag.IntVar(&c.visits, "visits", 5, "`pairs` of visits, of which the median is told")
	flag.DurationVar(&c.stay, "stay", 12*time.Second, "`time` on the page at a first visit")
	flag.StringVar(&c.live, "live", `document.documentElement.classList.contains("running")`, "`JavaScript` that is true once the page is live")
	flag.StringVar(&c.flags, "js-flags", "", "`flags` of V8, such as --wasm-caching-threshold=1000 to keep code early")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := measure(ctx, c, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "startup:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, c conditions, urls []string) error {
	if len(urls) == 0 {
		url, stop, err := servePlayground(ctx)
		if err != nil {
			return err
		}
		defer stop()
		urls = []string{url}
	}
	fmt.Printf("%g Mbit/s (0: no limit), %v latency, CPU ×%g, median of %d; times in ms\n\n", c.megabits, c.latency, c.cpu, c.visits)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "visit\tlive\tlongest task\ttasks\tKB\tKB of code kept\t  page")
	for _, url := range urls {
		var first, second []visit
		for range c.visits {
			a, b, err := c.pair(ctx, url)
			if err != nil {
				return fmt.Errorf("%s: %w", url, err)
			}
			first, second = append(first, a), append(second, b)
		}
		median(first).print(table, "first", url)
		median(second).print(table, "second", url)
	}
	return table.Flush()
}

// servePlayground serves the playground on a port of its own.
func servePlayground(ctx context.Context) (url string, stop func(), err error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", nil, err
	}
	root, err := build.FindRoot(dir)
	if err != nil {
		return "", nil, err
	}
	s, err := site.Build(ctx, root, "", os.Stderr)
	if err != nil {
		return "", nil, err
	}
	s.Warm()
	server := httptest.NewServer(s)
	return server.URL + "/", server.Close, nil
}

// visit is what was measured, in milliseconds and bytes.
type visit struct {
	Live    float64 // from the navigation to the second frame after the page is live
	Longest float64 // longest task until then
	Tasks   int     // of more than 50 ms
	Bytes   float64 // on the wire
	Kept    float64 // bytes of compiled code that the browser has kept when the visit ends
}

// median takes the median of each measure by itself.
func median(visits []visit) visit {
	middle := func(of func(visit) float64) float64 {
		var x []float64
		for _, v := range visits {
			x = append(x, of(v))
		}
		slices.Sort(x)
		return x[len(x)/2]
	}
	return visit{
		Live:    middle(func(v visit) float64 { return v.Live }),
		Longest: middle(func(v visit) float64 { return v.Longest }),
		Tasks:   int(middle(func(v visit) float64 { return float64(v.Tasks) })),
		Bytes:   middle(func(v visit) float64 { return v.Bytes }),
		Kept:    middle(func(v visit) float64 { return v.Kept }),
	}
}

func (v visit) print(table *tabwriter.Writer, name, url string) {
	fmt.Fprintf(table, "%s\t%.0f\t%.0f\t%d\t%.0f\t%.0f\t  %s\n", name, v.Live, v.Longest, v.Tasks, v.Bytes/1000, v.Kept/1000, url)
}

// pair visits a page twice with a new profile.
func (c conditions) pair(ctx context.Context, url string) (first, second visit, err error) {
	profile, err := os.MkdirTemp("", "startup")
	if err != nil {
		return first, second, err
	}
	defer os.RemoveAll(profile)
	browser, stop, err := c.startBrowser(ctx, profile)
	if err != nil {
		return first, second, err
	}
	defer stop()
	if first, err = c.visit(browser, url, c.stay); err != nil {
		return first, second, err
	}
	first.Kept = keptCode(profile)
	second, err = c.visit(browser, url, 0)
	second.Kept = keptCode(profile)
	return first, second, err
}

// keptCode returns how many bytes of compiled WebAssembly a profile keeps.
func keptCode(profile string) (bytes float64) {
	files, _ := filepath.Glob(filepath.Join(profile, "*", "Code Cache", "wasm", "*_0"))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			bytes += float64(info.Size())
		}
	}
	return bytes
}

func (c conditions) startBrowser(ctx context.Context, profile string) (context.Context, func(), error) {
	path := ""
	for _, name := range []string{os.Getenv("CHROME"), "chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return nil, nil, fmt.Errorf("no Chromium was found: install it, or set CHROME to one")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.UserDataDir(profile), chromedp.Flag("js-flags", c.flags), chromedp.WindowSize(1280, 900), chromedp.Flag("headless", "new"),
		chromedp.Flag("use-angle", "swiftshader"), chromedp.Flag("enable-unsafe-swiftshader", true), chromedp.Flag("ignore-gpu-blocklist", true))
	allocator, stop := chromedp.NewExecAllocator(ctx, options...)
	browser, cancel := chromedp.NewContext(allocator)
	if err := chromedp.Do(browser); err != nil {
		cancel()
		stop()
		return nil, nil, err
	}
	return browser, func() { cancel(); stop() }, nil
}

// watch runs in the page before anything else, and notes when it is live.
const watch = `if (window === window.top) {
	const tasks = [];
	new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: "longtask", buffered: true });
	const look = () => {
		if (!(%s)) return requestAnimationFrame(look);
		requestAnimationFrame(() => requestAnimationFrame(() => {
			const at = performance.now();
			setTimeout(() => {
				const before = tasks.filter((t) => t.startTime < at);
				window.startup = { Live: at, Longest: Math.max(0, ...before.map((t) => t.duration)), Tasks: before.length };
			}, 300);
		}));
	};
	requestAnimationFrame(look);
}`

// visit opens a page in a tab of its own, and stays there for a while.
func (c conditions) visit(browser context.Context, url string, stay time.Duration) (v visit, err error) {
	bytes := make(chan float64, 10000)
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(func(event any) {
		if e, ok := event.(*network.EventLoadingFinished); ok {
			bytes <- e.EncodedDataLength
		}
	}))
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, 3*time.Minute)
	defer stop()
	if err := c.set(ctx); err != nil {
		return v, err
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		return v, err
	}
	for measured := false; !measured; time.Sleep(50 * time.Millisecond) {
		if measured, err = chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean(window.startup)")); err != nil {
			return v, err
		}
	}
	if v, err = chromedp.Run(ctx, chromedp.Evaluate[visit]("window.startup")); err != nil {
		return v, err
	}
	for len(bytes) > 0 {
		v.Bytes += <-bytes
	}
	select {
	case <-time.After(stay):
	case <-ctx.Done():
	}
	return v, ctx.Err()
}

// set makes a tab as slow as it is to be.
func (c conditions) set(ctx context.Context) error {
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(watch, c.live)}); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: c.cpu}); err != nil {
		return err
	}
	if c.megabits == 0 {
		return nil
	}
	perSecond := c.megabits * 1e6 / 8
	_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{
			Latency: float64(c.latency.Milliseconds()), DownloadThroughput: perSecond, UploadThroughput: perSecond,
		}},
	})
	return err
}
