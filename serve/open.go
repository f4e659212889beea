package serve

import (
	"os"
	"os/exec"
	"runtime"
)

// OpenBrowser asks the desktop to show url. Where that fails the user still has
// the printed address, so failure is not reported.
func OpenBrowser(url string) {
	screen := os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
	args := browserCommand(runtime.GOOS, screen, url)
	if args == nil {
		return
	}
	cmd := exec.Command(args[0], args[1:]...)
	if cmd.Start() == nil {
		go cmd.Wait()
	}
}

// browserCommand returns the command that opens url on the system goos, or nil
// where there is none: without a screen, xdg-open would start a text browser in
// the terminal.
func browserCommand(goos string, screen bool, url string) []string {
	switch {
	case goos == "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", url}
	case goos == "darwin":
		return []string{"open", url}
	case screen:
		return []string{"xdg-open", url}
	}
	return nil
}
