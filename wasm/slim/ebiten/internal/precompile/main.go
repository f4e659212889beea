// Command precompile compiles Ebitengine's built-in shaders with Ebitengine's
// own compiler and prints the table of package precompiled as Go source.
package main

import (
	"fmt"
	"log"
	"strings"

	"github.com/hajimehoshi/ebiten/v2/internal/builtinshader"
	"github.com/hajimehoshi/ebiten/v2/internal/graphics"
	"github.com/hajimehoshi/ebiten/v2/internal/shaderir"
	"github.com/hajimehoshi/ebiten/v2/internal/shaderir/glsl"
)

func main() {
	fmt.Println("package precompiled")
	fmt.Println(`import "github.com/hajimehoshi/ebiten/v2/internal/shaderir"`)
	fmt.Println("// Shaders holds the clearing shader, then filter by filter, address by address, each without and with a colour matrix.")
	fmt.Println("var Shaders = [...]Shader{")
	for _, source := range sources() {
		if err := printShader(source); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("}")
}

// sources lists the built-in Kage sources in the table's order.
func sources() []string {
	all := []string{builtinshader.ClearShaderSource}
	for f := range builtinshader.Filter(builtinshader.FilterCount) {
		for a := range builtinshader.Address(builtinshader.AddressCount) {
			for _, colorM := range []bool{false, true} {
				all = append(all, string(builtinshader.ShaderSource(f, a, colorM)))
			}
		}
	}
	return all
}

func printShader(source string) error {
	p, err := graphics.CompileShader([]byte(source))
	if err != nil {
		return err
	}
	vertex, fragment := glsl.Compile(p, glsl.GLSLVersionES300)
	fmt.Printf("{%q, %q, %q, shaderir.Program{\n", source, vertex, fragment)
	fmt.Printf("UniformNames: %#v,\nUniforms: %#v,\n", p.UniformNames, p.Uniforms)
	fmt.Printf("TextureCount: %d,\nUnit: %d,\n", p.TextureCount, p.Unit)
	fmt.Printf("FragmentFunc: shaderir.FragmentFunc{Block: Touch(%s)},\n}},\n", strings.Join(used(p), ", "))
	return nil
}

// used lists the indices of the uniforms that the program reads: those whose
// words survive when the program filters a vector of ones.
func used(p *shaderir.Program) (indices []string) {
	words := 0
	for _, t := range p.Uniforms {
		words += t.DwordCount()
	}
	ones := make([]uint32, words)
	for i := range ones {
		ones[i] = 1
	}
	p.FilterUniformVariables(ones)
	for i, t := range p.Uniforms {
		if ones[0] == 1 {
			indices = append(indices, fmt.Sprint(i))
		}
		ones = ones[t.DwordCount():]
	}
	return indices
}
