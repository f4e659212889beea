package graphicscommand

import (
	"errors"
	"image"

	"github.com/hajimehoshi/ebiten/v2/internal/graphicsdriver"
)

var errNoDump = errors.New("graphicscommand: this build cannot save images")

// Dump fails: saving an image needs archive/zip and a PNG encoder.
func (i *Image) Dump(graphicsdriver.Graphics, string, bool, image.Rectangle) (string, error) {
	return "", errNoDump
}

// DumpImages fails like Dump.
func DumpImages([]*Image, graphicsdriver.Graphics, string) (string, error) {
	return "", errNoDump
}
