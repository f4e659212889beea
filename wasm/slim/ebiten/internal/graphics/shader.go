package graphics

import (
	"errors"

	"github.com/hajimehoshi/ebiten/v2/internal/precompiled"
	"github.com/hajimehoshi/ebiten/v2/internal/shaderir"
)

// CompileShader returns the precompiled program of a built-in shader's source.
// Any other source is an error: this build has no compiler.
func CompileShader(fragmentSrc []byte) (*shaderir.Program, error) {
	s := precompiled.BySource(string(fragmentSrc))
	if s == nil {
		return nil, errors.New("graphics: this build knows only the built-in shaders; build without the slim overlay for others")
	}
	return &s.Program, nil
}
