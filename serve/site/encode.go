package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// The content encodings, by the names HTTP knows them by.
const (
	identity = "identity"
	gzipped  = "gzip"
	brotlied = "br"
)

// Quick levels are for serving, best ones for an export.
const (
	quickGzip   = gzip.DefaultCompression
	quickBrotli = 5
	bestGzip    = gzip.BestCompression
	bestBrotli  = brotli.BestCompression
)

// negotiate chooses, among the encodings there are, the one that the request's
// Accept-Encoding headers weigh highest (RFC 9110, 12.5.3); at equal weight the
// smaller one. It is false when the request refuses all there are.
func negotiate[V any](headers []string, available map[string]V) (string, bool) {
	weights := acceptedEncodings(strings.Join(headers, ","))
	best, bestWeight := "", 0.0
	for _, encoding := range []string{brotlied, gzipped, identity} {
		if _, ok := available[encoding]; !ok {
			continue
		}
		if w := weightOf(weights, encoding); w > bestWeight {
			best, bestWeight = encoding, w
		}
	}
	return best, best != ""
}

// weightOf returns the weight of an encoding. One that goes unmentioned is
// refused; unencoded content is then the last resort rather than refused.
func weightOf(weights map[string]float64, encoding string) float64 {
	if w, ok := weights[encoding]; ok {
		return w
	}
	if w, ok := weights["*"]; ok {
		return w
	}
	if encoding == identity {
		return 1e-9
	}
	return 0
}

// acceptedEncodings reads an Accept-Encoding header such as "br, gzip;q=0.5".
func acceptedEncodings(header string) map[string]float64 {
	weights := map[string]float64{}
	for _, item := range strings.Split(header, ",") {
		name, params, _ := strings.Cut(item, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "x-gzip" {
			name = gzipped
		}
		if name != "" {
			weights[name] = quality(params)
		}
	}
	return weights
}

// quality reads the weight of a list item; one that is not a weight is a refusal.
func quality(params string) float64 {
	for _, param := range strings.Split(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return 0
		}
		return q
	}
	return 1
}

// A compressor returns a writer that compresses to another.
type compressor func(io.Writer) io.WriteCloser

func gzipTo(level int) compressor {
	return func(out io.Writer) io.WriteCloser {
		w, err := gzip.NewWriterLevel(out, level)
		if err != nil {
			panic("gzip: " + err.Error()) // a level that does not exist
		}
		return w
	}
}

// brotliTo uses the largest window browsers take, 16 MB: the whole program fits.
func brotliTo(quality int) compressor {
	return func(out io.Writer) io.WriteCloser {
		return brotli.NewWriterOptions(out, brotli.WriterOptions{Quality: quality, LGWin: 24})
	}
}

func compress(data []byte, to compressor) []byte {
	packed, err := compressUnless(context.Background(), data, to)
	if err != nil {
		panic("compressing: " + err.Error()) // nothing breaks it off
	}
	return packed
}

// compressUnless compresses unless ctx ends, and then returns at once: a block
// that is being compressed is left to itself, and is the last.
func compressUnless(ctx context.Context, data []byte, to compressor) ([]byte, error) {
	done := make(chan []byte, 1)
	go func() {
		var out bytes.Buffer
		w := to(&out)
		for block := range slices.Chunk(data, 1<<16) {
			if ctx.Err() != nil {
				return
			}
			w.Write(block) // into memory: cannot fail
		}
		w.Close()
		done <- out.Bytes()
	}()
	select {
	case packed := <-done:
		return packed, ctx.Err()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
