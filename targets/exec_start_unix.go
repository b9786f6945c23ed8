//go:build unix

package targets

import (
	"os"
	"os/exec"
	"syscall"
)

// lead makes the command the leader of its process group.
func (p *running) lead() { p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: p.group} }

// interrupt sends the command what Ctrl-C sends. If we only hand on what a terminal sent, its whole
// group has it already.
func (p *running) interrupt(anew bool) {
	if anew || p.group {
		p.signal(syscall.SIGINT)
	}
}

// terminate asks the command to end.
func (p *running) terminate() { p.signal(syscall.SIGTERM) }

// kill ends the command and its process group. It may be called more than once.
func (p *running) kill() { p.once.Do(func() { p.signal(syscall.SIGKILL) }) }

// signal sends a signal to the command's group, or to the command alone if the group is also ours.
func (p *running) signal(s syscall.Signal) {
	pid := p.cmd.Process.Pid
	if p.group {
		_ = syscall.Kill(-pid, s) // ESRCH: all of them have ended
		return
	}
	_ = p.cmd.Process.Signal(s)
}

// exitCode returns an exit code as a shell does.
func exitCode(exit *exec.ExitError) int {
	const signalled = 128
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return signalled + int(status.Signal())
	}
	return exit.ExitCode()
}

// HasTerminal reports whether this program has a terminal, whose Ctrl-C reaches its whole process
// group.
func HasTerminal() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	_ = tty.Close() // nothing was written
	return true
}
