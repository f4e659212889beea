// Package precompiled holds Ebitengine's built-in shaders already compiled to
// GLSL ES 3.00, so that the program needs no Kage compiler. Its table, written
// by the command precompile, is what the compiler itself made of the sources.
package precompiled

import "github.com/hajimehoshi/ebiten/v2/internal/shaderir"

// Shader is one built-in shader: the Kage source, the GLSL of its two stages,
// and the program's description without its body.
type Shader struct {
	Source, Vertex, Fragment string
	Program                  shaderir.Program
}

// BySource returns the shader compiled from source, or nil.
func BySource(source string) *Shader {
	for i := range Shaders {
		if Shaders[i].Source == source {
			return &Shaders[i]
		}
	}
	return nil
}

// ByProgram returns the shader that p, a pointer into the table, belongs to, or nil.
func ByProgram(p *shaderir.Program) *Shader {
	for i := range Shaders {
		if &Shaders[i].Program == p {
			return &Shaders[i]
		}
	}
	return nil
}

// Touch returns a block that mentions the uniforms with these indices. It
// stands for a body when asking which uniforms a program reads.
func Touch(uniforms ...int) *shaderir.Block {
	exprs := make([]shaderir.Expr, len(uniforms))
	for i, u := range uniforms {
		exprs[i] = shaderir.Expr{Type: shaderir.UniformVariable, Index: u}
	}
	return &shaderir.Block{Stmts: []shaderir.Stmt{{Type: shaderir.ExprStmt, Exprs: exprs}}}
}
