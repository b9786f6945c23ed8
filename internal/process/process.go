package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Options describe a process to start.
type Options struct {
	// Command is the program and its arguments. A program without a slash is looked up in the PATH
	// of Env. A relative path is relative to Dir.
	Command []string
	// Dir is the working directory. Default: that of this process. Env is the whole environment,
	// see [CleanEnv].
	Dir string
	Env []string
	// Stdout and Stderr receive the output. Default: it is discarded. Stdin is what the command
	// reads. Default: a pipe, see [Process.Stdin].
	Stdout, Stderr io.Writer
	Stdin          io.Reader
	// Memory bounds the memory of the command and of everything that it started, in bytes. It
	// counts private resident memory, a few times a second. It does not count mapped files, or
	// reserved address space, which is large in Node and Go. Above the bound everything is killed,
	// and Err is a *[MemoryError]. Default: no bound.
	Memory int64
	// Scratch is a folder to remove when the command and everything that it started are gone, even
	// if this process is gone too. Default: none.
	Scratch string
	// Peers records the addresses outside of loopback that the command and everything that it
	// started are connected to, or try to connect to, over TCP. A connection of less than a quarter
	// of a second may be missed. See [Process.Peers].
	Peers bool
	// Shared leaves the command in the session and process group of this program: it can use the
	// terminal, and gets Ctrl-C from it directly. Default: a session of its own.
	Shared bool
}

// ErrNotFound is wrapped by the error of Start if the program does not exist.
var ErrNotFound = errors.New("command not found")

// An ExitError reports that a command ended with another exit code than 0, or by a signal.
type ExitError struct {
	// Code is the exit code, -1 if a signal ended it. Signal is the signal's name, or "".
	Code   int
	Signal string
}

// Error says how it ended: "exit code 3" or "signal: segmentation fault".
func (e *ExitError) Error() string {
	if e.Signal != "" {
		return "signal: " + e.Signal
	}
	return fmt.Sprintf("exit code %d", e.Code)
}

// ShellCode returns the exit code that a shell would show: 128 and the number of the signal if one
// ended the command.
func (e *ExitError) ShellCode() int {
	const signalled, most = 128, 64
	for n := range most {
		if e.Signal != "" && syscall.Signal(n).String() == e.Signal {
			return signalled + n
		}
	}
	return e.Code
}

// A MemoryError reports that a command was killed because it used too much memory. Both numbers are
// bytes.
type MemoryError struct{ Used, Limit int64 }

// Error names both numbers.
func (e *MemoryError) Error() string {
	const mib = 1 << 20
	return fmt.Sprintf("killed: it used %d MiB of memory with everything that it started, more than the limit "+
		"of %d MiB", e.Used/mib, e.Limit/mib)
}

// Time limits for the steps of an end. They are generous, because they only bound broken programs.
const (
	// helloWithin is the time until a guard must have reported that the command was started.
	helloWithin = 30 * time.Second
	// killWithin is the time that a guard has to kill everything below it.
	killWithin = 10 * time.Second
	// drainWithin is the time after the end in which the rest of the output is read.
	drainWithin = 5 * time.Second
)

// A Process is a running command with everything that it started. It is safe for concurrent use.
type Process struct {
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	release func() // tells the guard to kill everything
	send    func(syscall.Signal)
	once    sync.Once
	done    chan struct{}

	mu    sync.Mutex
	err   error
	peers []string
}

// Start starts a command. The error says in one sentence what is wrong, for example that the
// command is not installed. When ctx ends, the command is killed with everything that it started.
func Start(ctx context.Context, o Options) (*Process, error) {
	if len(o.Command) == 0 || o.Command[0] == "" {
		return nil, errors.New("process: no command")
	}
	if err := ctx.Err(); err != nil {
		return nil, err //nolint:wrapcheck // nothing was started
	}
	if os.Getenv(guardEnv) != "" {
		return nil, errNoMain
	}
	p := &Process{done: make(chan struct{})}
	if err := p.start(o); err != nil {
		return nil, err
	}
	go func() {
		select {
		case <-ctx.Done():
			p.Kill()
		case <-p.done:
		}
	}()
	return p, nil
}

// errNoMain reports a program that was started as a guard and did not become one.
var errNoMain = errors.New("process: this program starts processes, so it must call cli.Main or process.Main first " +
	"in main, or in TestMain")

// Stdin returns the pipe to the command's standard input. It is nil if Options.Stdin was set.
func (p *Process) Stdin() io.WriteCloser { return p.stdin }

// Done is closed when the command has ended, everything that it started is gone, and its output has
// been read.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err returns how the command ended: nil if with exit code 0 or if it still runs, else an
// *[ExitError], a *[MemoryError] or another error.
func (p *Process) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Peers returns the addresses outside of loopback that were seen so far, as HOST:PORT, at most 100.
// They are sorted. It is empty without Options.Peers.
func (p *Process) Peers() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(slices.Values(p.peers))
}

// Signal sends a signal to the command and to everything that it started. It does nothing if they
// have ended, or on a system without signals.
func (p *Process) Signal(s syscall.Signal) {
	select {
	case <-p.done:
	default:
		p.send(s)
	}
}

// Kill ends the command and everything that it started, and waits until they are gone, up to some
// 20 s. It may be called more than once.
func (p *Process) Kill() {
	p.once.Do(p.release)
	select {
	case <-p.done:
		return
	case <-time.After(killWithin):
	}
	_ = p.cmd.Process.Kill() // it may be gone
	select {
	case <-p.done:
	case <-time.After(2 * drainWithin): // the WaitDelay of cmd ends it before
	}
}

// command returns what Start runs, with the streams of o.
func (p *Process) command(path string, o Options) (err error) {
	p.cmd = &exec.Cmd{Path: path, Stdout: o.Stdout, Stderr: o.Stderr, Stdin: o.Stdin, WaitDelay: drainWithin}
	if o.Stdin == nil {
		if p.stdin, err = p.cmd.StdinPipe(); err != nil {
			return fmt.Errorf("process: %w", err)
		}
	}
	return nil
}

// end records how the command ended.
func (p *Process) end(err error) {
	p.mu.Lock()
	p.err = err
	p.mu.Unlock()
	close(p.done)
}
