package process

import (
	"context"
	"errors"
	"io"
)

// Options describe a process to start.
type Options struct {
	// Command is the program and its arguments. A program without a slash is looked up in the PATH
	// of Env.
	Command []string
	// Dir is the working directory. Env is the whole environment.
	Dir string
	Env []string
	// Stdout and Stderr receive the output. Default: it is discarded. Stdin is what the command
	// reads. Default: a pipe, see [Process.Stdin].
	Stdout, Stderr io.Writer
	Stdin          io.Reader
	// Memory bounds the address space that the process may use, in bytes. Default: no bound.
	Memory int64
}

// A Process is a running command with everything that it started. It is safe for concurrent use.
type Process struct{}

// Main runs a guard and exits, if this program was started as one. Otherwise it returns.
func Main() {}

// Start starts a command. The error says in one sentence what is wrong, for example that the
// command is not installed. If ctx ends, the process is killed.
func Start(ctx context.Context, o Options) (*Process, error) {
	_, _ = ctx, o
	return nil, errors.New("process: not implemented")
}

// Stdin returns the pipe to the command's standard input.
func (p *Process) Stdin() io.WriteCloser { return nil }

// Done is closed when the command has ended and its output has been read.
func (p *Process) Done() <-chan struct{} { return nil }

// Err returns how the command ended, nil if with exit code 0 or if it still runs.
func (p *Process) Err() error { return nil }

// Kill ends the command and everything that it started, and waits until they are gone. It may be
// called more than once.
func (p *Process) Kill() {}
