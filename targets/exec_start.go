package targets

import (
	"context"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/chaosrun/chaosrun/internal/process"
)

// start starts the command with additional variables.
func (e *Exec) start(path string, env []string) (*process.Process, error) {
	stdin := e.Stdin
	if stdin == nil {
		stdin = strings.NewReader("")
	}
	return process.Start(context.Background(), process.Options{
		Command: append([]string{path}, e.Command[1:]...), Env: override(e.Environ, env),
		Stdin: stdin, Stdout: e.Stdout, Stderr: e.Stderr, Shared: e.Terminal,
	})
}

// override returns an environment in which other variables replace those of the same name.
func override(environ, others []string) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.ContainsFunc(others, func(other string) bool { return strings.HasPrefix(other, name+"=") })
	})
	return append(kept, others...)
}

// interrupt interrupts the command. A command that shares our terminal has the interrupt already.
func (e *Exec) interrupt(command *process.Process) {
	if !e.Terminal {
		command.Signal(syscall.SIGINT)
	}
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
