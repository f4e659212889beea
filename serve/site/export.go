package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"text/tabwriter"

	"dpoplayground/serve/lessons"
)

// markerName is the file that makes a folder known as an export: it lists what
// was written there with its hashes, as sha256sum does, so that a later export
// replaces and removes only files that are still as they were written.
const markerName = ".dpo-playground-export"

// Export proves the lessons, builds the site and writes it to the folder dir, for a static host.
func Export(ctx context.Context, root, dir, source string, stdout, log io.Writer) error {
	if err := checkTarget(root, dir); err != nil {
		return err
	}
	if err := proveLessons(ctx, root); err != nil {
		return err
	}
	s, err := Build(ctx, root, source, log)
	if err != nil {
		return err
	}
	fmt.Fprintln(log, "Compressing at best quality; the program takes half a minute or so.")
	return writeExport(ctx, s, dir, stdout)
}

// proveLessons holds every lesson to what it claims: nothing wrong is handed out.
func proveLessons(ctx context.Context, root string) error {
	book, err := lessons.Read(os.DirFS(root))
	if err == nil {
		err = book.Prove(ctx)
	}
	if err != nil {
		return fmt.Errorf("cannot export, as a lesson does not hold: %w", err)
	}
	return nil
}

// writeExport writes s below dir and prints the sizes. Through os.Root nothing
// outside dir can be touched, whatever links or marker are found there. What
// would stop it is looked for before the compressing, which takes long.
func writeExport(ctx context.Context, s *Site, dir string, stdout io.Writer) error {
	if err := checkFiles(s, dir); err != nil {
		return fmt.Errorf("cannot export to %s: %w", dir, err)
	}
	content, err := exportContent(ctx, s)
	if err != nil {
		return err
	}
	if err := writeContent(dir, content); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Wrote the site to %s:\n\n", dir)
	return printSizes(stdout, s, content)
}

// writeContent brings the folder dir to content.
func writeContent(dir string, content map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot export: %w", err)
	}
	target, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("cannot export: %w", err)
	}
	defer target.Close()
	if err := replaceFiles(target, content); err != nil {
		return fmt.Errorf("cannot export to %s: %w", dir, err)
	}
	return nil
}

// bestCompressions are those that an export holds a file in, by the ending of
// the compressed file's name.
var bestCompressions = []struct {
	ending string
	to     compressor
}{{".gz", gzipTo(bestGzip)}, {".br", brotliTo(bestBrotli)}}

// exportContent returns the files of an export by path: what hosts read, the files of
// the site, and beside each its compressed forms where they are smaller.
func exportContent(ctx context.Context, s *Site) (map[string][]byte, error) {
	content := hostFiles(s)
	for name, f := range s.files {
		content[name] = f.body
		if !f.compressible() {
			continue
		}
		for _, c := range bestCompressions {
			packed, err := compressUnless(ctx, f.body, c.to)
			if err != nil {
				return nil, fmt.Errorf("the export was interrupted: %w", err)
			}
			if len(packed) < len(f.body) {
				content[name+c.ending] = packed
			}
		}
	}
	return content, nil
}

// replaceFiles brings target from an earlier export, or none, to content. The
// marker is written first, with both the old and the new hashes, so that an
// export broken off half-way can be done again.
func replaceFiles(target *os.Root, content map[string][]byte) error {
	old, err := readMarker(target)
	if err != nil {
		return err
	}
	current := marker{}
	for name, data := range content {
		if err := old.checkOurs(target, name); err != nil {
			return err
		}
		current.add(name, fmt.Sprintf("%x", sha256.Sum256(data)))
	}
	if err := target.WriteFile(markerName, current.plus(old).format(), 0o644); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(content)) {
		if err := writeFile(target, name, content[name]); err != nil {
			return err
		}
	}
	old.removeStale(target, content)
	return target.WriteFile(markerName, current.format(), 0o644)
}

func writeFile(target *os.Root, name string, data []byte) error {
	if err := target.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	err := target.WriteFile(name, data, 0o644)
	if err != nil {
		target.Remove(name) // a half of our own file would look like a user's
	}
	return err
}

// marker holds the hashes, by path, that a file written by an export may have.
type marker map[string][]string

func readMarker(target *os.Root) (marker, error) {
	data, err := target.ReadFile(markerName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	m := marker{}
	for line := range strings.Lines(string(data)) {
		if hash, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			m.add(name, hash)
		}
	}
	return m, err
}

func (m marker) add(name, hash string) { m[name] = append(m[name], hash) }

func (m marker) plus(other marker) marker {
	sum := marker{}
	for _, part := range []marker{m, other} {
		for name, hashes := range part {
			sum[name] = append(sum[name], hashes...)
		}
	}
	return sum
}

func (m marker) format() []byte {
	var out bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(m)) {
		for _, hash := range m[name] {
			fmt.Fprintf(&out, "%s  %s\n", hash, name)
		}
	}
	return out.Bytes()
}

// checkOurs returns an error for a file in target that no export wrote as it is.
func (m marker) checkOurs(target *os.Root, name string) error {
	data, err := target.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !slices.Contains(m[name], fmt.Sprintf("%x", sha256.Sum256(data))) {
		return fmt.Errorf("%s there is not as an export left it; move it away to have it written again", name)
	}
	return nil
}

// removeStale removes what an earlier export wrote and the present one has not.
func (m marker) removeStale(target *os.Root, content map[string][]byte) {
	for name := range m {
		if _, ok := content[name]; !ok && m.checkOurs(target, name) == nil {
			target.Remove(name)
		}
	}
}

// printSizes prints what each file weighs, and what a first visit does: the first
// page and all that is referred to from there.
func printSizes(w io.Writer, s *Site, content map[string][]byte) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "bytes\tgzip\tbrotli\t    file")
	first := s.firstVisit()
	var visit, all weight
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		size := weigh(name, content)
		sign := ""
		if first[name] {
			sign = "*"
			visit = visit.plus(size)
		}
		all = all.plus(size)
		size.print(table, sign, name)
	}
	visit.print(table, "*", "first visit")
	all.print(table, "", "everything")
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "\n"+verdict(visit.brotli))
	return err
}

// firstVisitBudget is what a first visit may weigh, in bytes of brotli.
const firstVisitBudget = 1_700_000

// verdict tells whether a first visit is within its budget.
func verdict(bytes int) string {
	if over := bytes - firstVisitBudget; over > 0 {
		return fmt.Sprintf("The first visit is %d bytes over its budget of %d.", over, firstVisitBudget)
	}
	return fmt.Sprintf("The first visit is within its budget of %d bytes.", firstVisitBudget)
}

// firstVisit returns the files that come with the first page: those it refers to, but
// for documents, tips and the tally, which come when their link is pressed.
func (s *Site) firstVisit() map[string]bool {
	reached := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if reached[name] {
			return
		}
		reached[name] = true
		for _, link := range s.files[name].links {
			if !slices.Contains(documents, link) && !strings.HasPrefix(link, "tips/") && link != "assets/tally.html" {
				visit(link)
			}
		}
	}
	visit(indexName)
	if s.files[workerName] != nil { // the page asks for it when the program runs
		visit(workerName)
	}
	return reached
}

// weight is what a file, or several, take on the wire, in bytes.
type weight struct{ raw, gzip, brotli int }

func weigh(name string, content map[string][]byte) weight {
	raw := len(content[name])
	size := weight{raw, raw, raw}
	if gz, ok := content[name+".gz"]; ok {
		size.gzip = len(gz)
	}
	if br, ok := content[name+".br"]; ok {
		size.brotli = len(br)
	}
	return size
}

func (a weight) plus(b weight) weight {
	return weight{a.raw + b.raw, a.gzip + b.gzip, a.brotli + b.brotli}
}

func (a weight) print(w io.Writer, sign, name string) {
	fmt.Fprintf(w, "%d\t%d\t%d\t  %1s %s\n", a.raw, a.gzip, a.brotli, sign, name)
}
