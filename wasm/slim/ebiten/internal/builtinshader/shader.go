// Package builtinshader names the built-in shaders. Their sources come from
// the precompiled table instead of text/template, whose mere presence makes the
// linker keep every exported method of the program.
package builtinshader

import "github.com/hajimehoshi/ebiten/v2/internal/precompiled"

// Filter is how a source image is sampled.
type Filter int

// The filters, in the precompiled table's order.
const (
	FilterNearest Filter = iota
	FilterLinear
	FilterPixelated
	FilterCount = 3
)

// Address is what lies outside a source image.
type Address int

// The addresses, in the precompiled table's order.
const (
	AddressUnsafe Address = iota
	AddressClampToZero
	AddressRepeat
	AddressCount = 3
)

// Names of the uniforms of a shader with a colour matrix.
const (
	UniformColorMBody        = "ColorMBody"
	UniformColorMTranslation = "ColorMTranslation"
)

// ClearShaderSource is the Kage source of the shader that clears an image.
var ClearShaderSource = precompiled.Shaders[0].Source

// ShaderSource returns the Kage source of a built-in shader.
func ShaderSource(filter Filter, address Address, useColorM bool) []byte {
	i := 1 + 2*(int(filter)*AddressCount+int(address))
	if useColorM {
		i++
	}
	return []byte(precompiled.Shaders[i].Source)
}
