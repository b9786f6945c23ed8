//go:build !unix

package targets

import "os/exec"

// lead does nothing: there are no process groups.
func (p *running) lead() {}

// interrupt does nothing: the console tells the command.
func (p *running) interrupt(bool) {}

// terminate ends the command, since it cannot be asked to.
func (p *running) terminate() { p.kill() }

// kill ends the command.
func (p *running) kill() { p.once.Do(func() { _ = p.cmd.Process.Kill() }) }

// exitCode returns the command's exit code.
func exitCode(exit *exec.ExitError) int { return exit.ExitCode() }

// HasTerminal returns true: the console tells the command about Ctrl-C.
func HasTerminal() bool { return true }
