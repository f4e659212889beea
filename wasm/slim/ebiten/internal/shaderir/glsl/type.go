package glsl

// GLSLVersion is a dialect of GLSL.
type GLSLVersion int

// The dialects. A browser (WebGL 2) takes only ES 3.00.
const (
	GLSLVersionDefault GLSLVersion = iota
	GLSLVersionES300
)
