//go:build unix

package build

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An interrupt ends a go command that hangs, at whatever it does, and what it has
// started, though neither listens.
func TestInterruptEndsTheGoCommand(t *testing.T) {
	for _, hangs := range []string{"env", "list", "build"} {
		t.Run(hangs, func(t *testing.T) {
			root := testRoot(t)
			writeText(t, filepath.Join(root, slimSums), "")
			if hangs == "build" { // else the slim build would list first
				os.Remove(filepath.Join(root, slimSums))
			}
			started := hangingGo(t, hangs)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() { _, err := ForBrowser(ctx, root, io.Discard); done <- err }()
			child := waitForNumber(t, started)
			cancel()
			select {
			case err := <-done:
				if err == nil {
					t.Error("no error")
				}
			case <-time.After(time.Minute):
				t.Fatal("the build goes on")
			}
			for range 6000 {
				if syscall.Kill(child, 0) != nil || isZombie(child) {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			t.Error("what the go command has started goes on")
		})
	}
}

// hangingGo puts a go command on the PATH that never ends one of its commands,
// and returns the file in which it writes the number of the process it starts.
func hangingGo(t *testing.T, hangs string) (started string) {
	t.Helper()
	real, err := exec.LookPath("go")
	if err != nil {
		t.Skip("this test needs the go command")
	}
	bin := t.TempDir()
	started = filepath.Join(bin, "started")
	script := `#!/bin/sh
if [ "$1" = HANGS ]; then
	trap '' INT TERM
	sleep 600 &
	echo $! >STARTED.part
	mv STARTED.part STARTED
	wait
fi
exec REAL "$@"
`
	script = strings.NewReplacer("HANGS", hangs, "STARTED", started, "REAL", real).Replace(script)
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return started
}

func waitForNumber(t *testing.T, file string) int {
	t.Helper()
	for range 6000 {
		if text, err := os.ReadFile(file); err == nil {
			n, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the go command was not started")
	return 0
}

// isZombie reports whether a process has ended and only its number is left.
func isZombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") Z ")
}
