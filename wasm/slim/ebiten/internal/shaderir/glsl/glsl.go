// Package glsl hands out the GLSL of precompiled programs.
package glsl

import (
	"github.com/hajimehoshi/ebiten/v2/internal/precompiled"
	"github.com/hajimehoshi/ebiten/v2/internal/shaderir"
)

// Compile returns the GLSL ES 3.00 of a precompiled program. It panics for any
// other dialect or program.
func Compile(p *shaderir.Program, version GLSLVersion) (vertexShader, fragmentShader string) {
	s := precompiled.ByProgram(p)
	if s == nil || version != GLSLVersionES300 {
		panic("glsl: only precompiled shaders in GLSL ES 3.00")
	}
	return s.Vertex, s.Fragment
}
