package site

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"dpoplayground/serve/build"
)

const pollEvery = 500 * time.Millisecond

// devSite serves the site as its sources are at the time of each request, and
// the build's error instead of anything older.
type devSite struct {
	ctx  context.Context // the server's: a build outlives the request that caused it
	root string
	from string // address of the source code; see New
	log  io.Writer

	mu    sync.Mutex // held during a build: requests wait for its result
	stamp string     // of the sources that site or err belongs to
	site  *Site
	err   error
}

// Dev returns a handler that follows the sources until ctx ends. It also looks
// for changes every pollEvery, so that the build has begun when the next request
// arrives.
func Dev(ctx context.Context, root, source string, log io.Writer) http.Handler {
	d := &devSite{ctx: ctx, root: root, from: source, log: log}
	d.current()
	go func() {
		tick := time.NewTicker(pollEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				d.current()
			}
		}
	}()
	return d
}

func (d *devSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s, err := d.current()
	if err != nil {
		plainText(w, http.StatusInternalServerError, err.Error())
		return
	}
	s.ServeHTTP(w, r)
}

func (d *devSite) current() (*Site, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	stamp := sourcesStamp(d.root)
	if stamp == d.stamp {
		return d.site, d.err
	}
	d.stamp = stamp
	d.site, d.err = Build(d.ctx, d.root, d.from, d.log)
	if d.err != nil {
		fmt.Fprintln(d.log, d.err)
		return nil, d.err
	}
	d.site.retireWorker()
	return d.site, nil
}

// sourcesStamp differs when a file below root was added, removed or written.
func sourcesStamp(root string) string {
	var stamp strings.Builder
	stamp.WriteString("sources\n") // never empty, as the stamp of no build is
	note := func(name string, d fs.DirEntry) error {
		if info, err := d.Info(); err == nil {
			fmt.Fprintf(&stamp, "%q %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	}
	if err := build.VisitInputs(root, note); err != nil {
		fmt.Fprintln(&stamp, err)
	}
	if info, err := os.Stat(filepath.Join(root, "index.html")); err == nil {
		note("index.html", fs.FileInfoToDirEntry(info))
	}
	return stamp.String()
}
