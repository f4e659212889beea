package site

import (
	"context"
	"io"
	"os"

	"dpoplayground/serve/build"
)

// Build compiles the program under root and returns the site it belongs to, which
// links to source as New does. What
// it does is told on log in a line or two.
func Build(ctx context.Context, root, source string, log io.Writer) (*Site, error) {
	program, err := build.ForBrowser(ctx, root, log)
	if err != nil {
		return nil, err
	}
	return New(os.DirFS(root), program, source)
}
