package build

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// lightGo are the versions of Go that the light build was tested with, each with
// all its patches. The table that forgetLines reads has had the same magic
// number since Go 1.20, so that the number alone does not tell what is known.
var lightGo = []string{"go1.26"}

// lightFlags build without inlining, which makes a program a sixteenth smaller
// on the wire, except in the packages where inlining pays: a training step would
// take five times as long without it. Of several patterns the last one counts.
var lightFlags = []string{
	"-gcflags=all=-l",
	"-gcflags=" + modulePath + "/core/num=", "-gcflags=" + modulePath + "/core/random=", "-gcflags=" + modulePath + "/core/objective=",
	"-gcflags=" + modulePath + "/core/train=", "-gcflags=" + modulePath + "/core/rlhf=",
	"-gcflags=math=", "-gcflags=runtime=", "-gcflags=slices=", "-gcflags=sort=",
}

// isLightGo reports whether the light build was tested with a version of Go,
// which is written as in go1.26.8.
func isLightGo(version string) bool {
	version, _, _ = strings.Cut(version, " ") // experiments stand behind a space
	minor := version
	if strings.Count(version, ".") > 1 {
		minor = version[:strings.LastIndexByte(version, '.')]
	}
	return slices.Contains(lightGo, minor)
}

// lightPasses make a program lighter, one after the other.
var lightPasses = []func(wasm []byte) ([]byte, error){forgetLines, joinSegments}

// lighter returns a program without what only tracebacks read and with its data in few
// segments; or, with a line on log, the program as it is where it is not as it is known.
func lighter(wasm []byte, log io.Writer) []byte {
	light := wasm
	for _, pass := range lightPasses {
		var err error
		if light, err = pass(light); err != nil {
			fmt.Fprintf(log, "The program is larger than it need be: %v\n", err)
			return wasm
		}
	}
	return light
}
