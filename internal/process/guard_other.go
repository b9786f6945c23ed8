//go:build !unix

package process

import (
	"os/exec"
	"runtime"
	"strconv"
)

// Main returns: there are no guards on this system.
func Main() {}

// start starts the command without a guard.
func (p *Process) start(o Options) error {
	return p.startPlain(o, func(cmd *exec.Cmd) {
		if runtime.GOOS == "windows" {
			_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run() //nolint:gosec,noctx // the number is ours
		}
		_ = cmd.Process.Kill()
	})
}
