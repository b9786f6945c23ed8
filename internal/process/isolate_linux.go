package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/chaosrun/chaosrun/internal/loopback"
)

// The values of isolatedEnv: tries that end at once, and the real thing.
const (
	probeInside = "probe"
	quickInside = "quick"
	runInside   = "run"
)

// Isolate runs this program again, with the same arguments and streams, in a network namespace in
// which only loopback can be reached. It waits for the end and returns the exit code, with done
// true. It needs root, or unprivileged user namespaces. If the system does not permit it, done is
// false, and the error wraps [ErrNotPermitted] and says why. Inside, and on a machine with loopback
// only, done is false without an error.
//
// An interrupt from a terminal reaches this process only, which passes it on once, as it does with
// SIGTERM, SIGHUP and SIGQUIT. If this process is killed, the one inside is too.
func Isolate() (code int, done bool, err error) {
	if Isolated() {
		return 0, false, nil
	}
	if os.Getenv(isolatedEnv) != "" {
		return 0, false, fmt.Errorf("%w: the namespace has other interfaces than loopback", ErrNotPermitted)
	}
	// The end of the thread that starts the child would kill it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	user, err := tryInside(probeInside)
	if err != nil {
		return 0, false, err
	}
	code, err = follow(inside(runInside, user))
	return code, err == nil, err
}

// CanIsolate returns nil if [Isolate] can isolate this program, or if it is isolated already. Else
// the error wraps ErrNotPermitted and says why.
func CanIsolate() error {
	if Isolated() {
		return nil
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_, err := tryInside(probeInside)
	return err
}

// CanAcknowledgeAtOnce returns nil if loopback acknowledges at once where [Isolate] runs this
// program, or already does; see package loopback.
func CanAcknowledgeAtOnce() error {
	if loopback.AcknowledgesAtOnce() {
		return nil
	}
	if Isolated() {
		return fmt.Errorf("%w: this program did not make the network that it is in", ErrNotPermitted)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_, err := tryInside(quickInside)
	return err
}

// tryInside starts a try in a network namespace. It reports whether a user namespace is needed.
func tryInside(what string) (user bool, err error) {
	var reasons []string
	for _, user := range []bool{false, true} {
		probe := inside(what, user)
		var said strings.Builder
		probe.Stderr = &said
		ctx, cancel := context.WithTimeout(context.Background(), helloWithin)
		err := run(ctx, probe)
		cancel()
		if err == nil {
			return user, nil
		}
		if text := strings.TrimSpace(said.String()); text != "" {
			err = errors.New(text)
		}
		reasons = append(reasons, err.Error())
	}
	return false,
		fmt.Errorf("%w: %s", ErrNotPermitted, strings.Join(slices.Compact(reasons), "; in a user namespace: "))
}

// inside returns this program in a network namespace of its own, and in a user namespace if user is
// true. The user stays who they are.
func inside(what string, user bool) *exec.Cmd {
	cmd := &exec.Cmd{Path: self(), Args: os.Args, Env: append(os.Environ(), isolatedEnv+"="+what)}
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL, Setsid: true}
	if user {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		attr.AmbientCaps = []uintptr{unix.CAP_NET_ADMIN} // for enter; a guard drops it
	}
	cmd.SysProcAttr = attr
	return cmd
}

// run runs a command until ctx ends.
func run(ctx context.Context, cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	return cmd.Wait() //nolint:wrapcheck // its text is for the user
}

// follow runs the program inside, passes signals on, and returns its exit code.
func follow(cmd *exec.Cmd) (code int, err error) {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNotPermitted, err)
	}
	ended := make(chan struct{})
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		for {
			select {
			case s := <-signals:
				_ = cmd.Process.Signal(s)
			case <-ended:
				return
			}
		}
	}()
	err = cmd.Wait()
	close(ended)
	<-passed
	var exit *exec.ExitError
	switch status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); {
	case ok && status.Signaled():
		return 128 + int(status.Signal()), nil
	case err != nil && !errors.As(err, &exit):
		return 0, fmt.Errorf("process: %w", err)
	}
	return cmd.ProcessState.ExitCode(), nil
}

// enter prepares the network of an isolation. A try ends here.
func enter() {
	what := os.Getenv(isolatedEnv)
	if what == "" {
		return
	}
	err := raise("lo")
	quick := loopback.AcknowledgeAtOnce() // without it the clock of a tree asks what TCP holds back
	switch {
	case err != nil:
	case what == probeInside:
		err = reach()
	case what == quickInside:
		err = quick
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	switch {
	case what != runInside && err == nil:
		os.Exit(0) //nolint:revive // a try is a program of its own
	case err != nil:
		os.Exit(1) //nolint:revive // before main has begun
	}
}

// raise brings an interface up, unless it is.
func raise(name string) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	defer unix.Close(socket) //nolint:errcheck // nothing was written
	request, err := unix.NewIfreq(name)
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFFLAGS, request); err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	if request.Uint16()&unix.IFF_UP != 0 {
		return nil
	}
	request.SetUint16(request.Uint16() | unix.IFF_UP)
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request); err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	return nil
}

// reach makes a connection over loopback.
func reach() error {
	if !Isolated() {
		return errors.New("the namespace has other interfaces than loopback")
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	defer listener.Close()
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(context.Background(), "tcp", listener.Addr().String())
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	return errors.Join(err, conn.Close())
}
