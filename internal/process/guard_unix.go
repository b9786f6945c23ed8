//go:build unix

package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// An order is the first message to a guard, on its descriptor 3. Numbers of signals to send follow.
// When the descriptor closes, the guard kills everything below it.
type order struct {
	Path    string   `json:"path"`
	Command []string `json:"command"`
	Dir     string   `json:"dir"`
	Env     []string `json:"env"`
	Memory  int64    `json:"memory"`
	Peers   bool     `json:"peers"`
	Scratch string   `json:"scratch"`
	Shared  bool     `json:"shared"`
	// Virtual says that time jumps here. The guard's own environment does not say so.
	Virtual bool `json:"virtual"`
}

// A notice is a message of a guard, on its descriptor 4. One field is set.
type notice struct {
	Started int    `json:"started,omitempty"`
	Error   string `json:"error,omitempty"`
	Peer    string `json:"peer,omitempty"`
	Memory  int64  `json:"memory,omitempty"`
	Code    *int   `json:"code,omitempty"`
	Signal  string `json:"signal,omitempty"`
}

// The descriptors of a guard beside the command's own three.
const (
	controlFD = 3
	statusFD  = 4
)

// Main runs a guard and exits, if this program was started as one. Otherwise it returns. Inside of
// an isolation, see [Isolate], it prepares the network first.
func Main() {
	if len(os.Args) > 0 && os.Args[0] == guardName && os.Getenv(guardEnv) != "" {
		os.Exit(guard()) //nolint:revive // the guard is a program of its own
	}
	enter()
}

// A warden kills the processes below a guard.
type warden struct {
	order   order
	pid     int
	killing atomic.Bool
	mu      sync.Mutex
	status  *json.Encoder
}

// guard runs a command as ordered, and returns when it and everything that it started are gone.
func guard() int {
	runtime.LockOSThread() // the command dies with this thread
	syscall.CloseOnExec(controlFD)
	syscall.CloseOnExec(statusFD)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	control := os.NewFile(controlFD, "control")
	w := &warden{status: json.NewEncoder(os.NewFile(statusFD, "status"))}
	orders := json.NewDecoder(control)
	if err := orders.Decode(&w.order); err != nil {
		return 1 // the parent is gone
	}
	adopt()
	var err error
	//nolint:gosec // the order names the program
	w.pid, err = syscall.ForkExec(w.order.Path, w.order.Command, &syscall.ProcAttr{
		Dir: w.order.Dir, Env: w.order.Env, Files: []uintptr{0, 1, 2}, Sys: attributes(w.order.Shared),
	})
	if err != nil {
		w.say(notice{Error: err.Error()})
		return 1
	}
	letGo()
	w.say(notice{Started: w.pid})
	go w.obey(orders)
	go func() {
		for s := range signals {
			if !w.order.Shared || s == syscall.SIGHUP { // others are for the command, from its terminal
				w.kill()
			}
		}
	}()
	go w.watch()
	result := w.reap()
	if w.order.Scratch != "" {
		_ = os.RemoveAll(w.order.Scratch)
	}
	w.say(result)
	return 0
}

// obey sends signals until there are no more orders, then kills everything.
func (w *warden) obey(orders *json.Decoder) {
	for {
		var s syscall.Signal
		if orders.Decode(&s) != nil {
			w.kill()
			return
		}
		for _, pid := range descendants(os.Getpid()) {
			_ = syscall.Kill(pid, s)
		}
	}
}

// letGo replaces the guard's own standard input and output, so that they close when those of the
// command do.
func letGo() {
	if null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0); err == nil {
		_ = dup(int(null.Fd()), 0)
		_ = dup(int(null.Fd()), 1)
	}
}

// say writes a notice. It ignores errors: if the parent is gone, everything ends anyway.
func (w *warden) say(n notice) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.status.Encode(n) //nolint:errchkjson // texts and numbers
}

// reap waits for every child until none is left, and returns how the command ended. When the
// command has ended, it kills the processes that the command left behind.
func (w *warden) reap() notice {
	result := notice{Error: "it vanished"}
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil: // ECHILD: none is left
			return result
		case pid == w.pid && status.Signaled():
			result = notice{Signal: status.Signal().String()}
		case pid == w.pid:
			code := status.ExitStatus()
			result = notice{Code: &code}
		}
		if pid == w.pid || w.killing.Load() {
			w.kill()
		}
	}
}

// kill kills everything below the guard. What appears meanwhile is killed by reap.
func (w *warden) kill() {
	w.killing.Store(true)
	for _, pid := range descendants(os.Getpid()) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	if !w.order.Shared {
		_ = syscall.Kill(-w.pid, syscall.SIGKILL)
	}
}

// virtualPace is how much more rarely memory and peers are checked in virtual time, in which hours
// may pass in a moment.
const virtualPace = 20

// watch looks at the memory and the peers of the command until the guard exits.
func (w *warden) watch() {
	if w.order.Memory <= 0 && !w.order.Peers {
		return
	}
	peers, every := newPeers(), watchEvery
	if w.order.Virtual {
		every *= virtualPace
	}
	for range time.Tick(every) {
		below := tree(os.Getpid())
		if used := memory(below); w.order.Memory > 0 && used > w.order.Memory {
			w.say(notice{Memory: used})
			w.kill()
			return
		}
		if w.order.Peers {
			for _, address := range peers.look(below) {
				w.say(notice{Peer: address})
			}
		}
	}
}

// start starts a guard for the command.
func (p *Process) start(o Options) error {
	path, err := lookup(o.Command[0], o.Dir, o.Env)
	if err != nil {
		return err
	}
	if err := p.command(self(), o); err != nil {
		return err
	}
	controlRead, controlWrite, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("process: %w", err)
	}
	statusRead, statusWrite, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("process: %w", errors.Join(err, controlRead.Close(), controlWrite.Close()))
	}
	p.cmd.Args = []string{guardName, o.Command[0]}
	p.cmd.Env = []string{guardEnv + "=1"}
	p.cmd.ExtraFiles = []*os.File{controlRead, statusWrite}
	// Ctrl-C in a terminal is for chaosrun alone
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: !o.Shared}
	p.send = func(s syscall.Signal) { _, _ = fmt.Fprintln(controlWrite, int(s)) } // the guard may be gone
	p.release = func() { _ = controlWrite.Close() }
	err = p.cmd.Start()
	_, _ = controlRead.Close(), statusWrite.Close() // the guard's ends, so that this side sees them close
	if err != nil {
		return fmt.Errorf("process: %w", errors.Join(err, controlWrite.Close(), statusRead.Close()))
	}
	go func() { // a program that is no guard never reads the order
		_ = json.NewEncoder(controlWrite).Encode(order{ //nolint:errchkjson // texts and numbers
			Path: path, Command: o.Command, Dir: o.Dir, Env: o.Env, Memory: o.Memory, Peers: o.Peers,
			Scratch: o.Scratch, Shared: o.Shared, Virtual: proctime.Inside(),
		})
	}()
	started := make(chan error, 1)
	go p.listen(statusRead, o, started)
	select {
	case err := <-started:
		return err
	case <-time.After(helloWithin):
		p.Kill()
		return errNoMain
	}
}

// listen reads what the guard says until it is gone. It sends on started whether the command was
// started.
func (p *Process) listen(status *os.File, o Options, started chan<- error) {
	defer func() { _ = status.Close() }()
	ended := errors.New("its guard was killed")
	begun := false
	for decoder := json.NewDecoder(status); ; {
		var n notice
		if decoder.Decode(&n) != nil {
			break
		}
		switch {
		case n.Started != 0:
			begun = true
			started <- nil
		case n.Peer != "":
			p.mu.Lock()
			p.peers = append(p.peers, n.Peer)
			p.mu.Unlock()
		case n.Memory != 0:
			ended = &MemoryError{Used: n.Memory, Limit: o.Memory}
		case errors.As(ended, new(*MemoryError)): // how it ended then says nothing
		case n.Code != nil && *n.Code == 0:
			ended = nil
		case n.Code != nil:
			ended = &ExitError{Code: *n.Code}
		case n.Signal != "":
			ended = &ExitError{Code: -1, Signal: n.Signal}
		case n.Error != "":
			ended = fmt.Errorf("%s: %s", o.Command[0], n.Error)
		}
	}
	_ = p.cmd.Wait() // the exit code of a guard says nothing
	p.once.Do(p.release)
	p.end(ended)
	switch {
	case begun:
	case ended.Error() == "its guard was killed":
		started <- errNoMain
	default:
		started <- ended
	}
}
