//go:build unix

package build

import (
	"os/exec"
	"syscall"
	"time"
)

// endsWithItsChildren makes the end of cmd's context the end of cmd and of all
// it has started: they are asked to stop and, a moment later, stopped.
func endsWithItsChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		time.Sleep(graceOfChildren)
		return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
