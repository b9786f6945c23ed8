//go:build !unix

package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
)

// Main returns: there are no guards on this system.
func Main() {}

// start starts the command without a guard.
func (p *Process) start(o Options) error {
	return p.startPlain(o, func(cmd *exec.Cmd) {
		if runtime.GOOS == "windows" {
			//nolint:gosec,noctx // the number is ours
			_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
		}
		_ = cmd.Process.Kill()
	})
}

// startPlain starts the command without a guard, on systems that have none.
func (p *Process) startPlain(o Options, kill func(*exec.Cmd)) error {
	path, err := lookup(o.Command[0], o.Dir, o.Env)
	if err != nil {
		return err
	}
	if err := p.command(path, o); err != nil {
		return err
	}
	p.cmd.Args, p.cmd.Dir, p.cmd.Env = o.Command, o.Dir, o.Env
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", o.Command[0], err)
	}
	p.release = func() { kill(p.cmd) }
	p.send = func(syscall.Signal) {}
	go func() {
		err := p.cmd.Wait()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			err = &ExitError{Code: exit.ExitCode()}
		}
		if o.Scratch != "" {
			_ = os.RemoveAll(o.Scratch)
		}
		p.end(err)
	}()
	return nil
}
