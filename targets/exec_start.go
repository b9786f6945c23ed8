package targets

import (
	"os/exec"
	"sync"
	"time"
)

// A running command of the user's, with what it started.
type running struct {
	cmd *exec.Cmd
	// done receives how the command ended, once.
	done chan error
	// group says that the command leads a process group of its own.
	group bool
	once  sync.Once
}

// outputDelay is how long a child of the command may hold its output open after the command ended.
const outputDelay = 2 * time.Second

// start starts the command with additional variables.
func (e *Exec) start(path string, env []string) (*running, error) {
	cmd := &exec.Cmd{
		Path: path, Args: e.Command, Env: append(append([]string(nil), e.Environ...), env...),
		Stdin: e.Stdin, Stdout: e.Stdout, Stderr: e.Stderr, WaitDelay: outputDelay,
	}
	p := &running{cmd: cmd, done: make(chan error, 1), group: !e.Terminal}
	p.lead()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.done <- cmd.Wait() }()
	return p, nil
}
