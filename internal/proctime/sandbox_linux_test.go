//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// deny makes system calls return EPERM in this process and everything that it starts, as containers
// and hardened systems do.
func deny(calls ...uint32) {
	runtime.LockOSThread()
	const load = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	code := []unix.SockFilter{{Code: load, K: 0}}
	for _, nr := range calls {
		code = append(code,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: nr, Jf: 1},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)})
	}
	code = append(code, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	must(unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	if errno != 0 {
		panic(errno)
	}
}

// trial runs another child in virtual time and prints what came of it.
func trial(name string) {
	code, report, err := proctime.Run(context.Background(), proctime.Options{Command: []string{"/proc/self/exe", "child", name}})
	fmt.Println(code, err, report.Virtual >= sixty, report.RealTime)
}

// withoutPtrace is a system with kernel.yama.ptrace_scope=3 in its effect.
func withoutPtrace() {
	deny(unix.SYS_PTRACE)
	fmt.Println(proctime.Supported())
	trial("minute-long")
}

// asInDocker denies what Docker's default profile denies to a container without capabilities, of
// what is used here: https://docs.docker.com/engine/security/seccomp/.
func asInDocker() {
	deny(unix.SYS_PIDFD_GETFD, unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT)
	trial("minute-long")
	_, report, err := proctime.Run(context.Background(), proctime.Options{Command: []string{"/proc/self/exe", "child", "timerfd"}})
	fmt.Println(err, report.RealTime)
}

// tick waits for a timerfd for a tenth of a second.
func tick() {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, 0)
	must(err)
	must(unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Value: unix.Timespec{Nsec: int64(time.Second / 10)}}, nil))
	var n [8]byte
	_, err = unix.Read(fd, n[:])
	must(err)
}

// child runs a child as it is, not in virtual time.
func child(t *testing.T, attributes *syscall.SysProcAttr, name string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "child", name)
	cmd.SysProcAttr = attributes
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestRefusedPtraceIsSaid(t *testing.T) {
	out := child(t, nil, "without ptrace")
	if n := strings.Count(out, "virtual time for processes is not available: the system forbids ptrace"); n != 2 {
		t.Errorf("got %s", out)
	}
}

func TestDockersProfile(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	want := "0 <nil> true []\n<nil> [exe uses a timerfd that could not be taken over]\n"
	if out := child(t, nil, "as in Docker"); out != want {
		t.Errorf("got %swant %s", out, want)
	}
}

// TestAnyUser needs root to become somebody without any capability.
func TestAnyUser(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	if os.Getuid() != 0 {
		t.Skip("only root can become another user; without root, the other tests are this one")
	}
	const nobody = 65534
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for dir := self; dir != "/"; dir = dir[:max(1, strings.LastIndexByte(dir, '/'))] {
		if info, err := os.Stat(dir); err != nil || info.Mode()&0o001 == 0 {
			t.Skipf("another user cannot execute %s", dir)
		}
	}
	out := child(t, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}, "trial")
	if out != "0 <nil> true []\n" {
		t.Errorf("got %s", out)
	}
}

// TestKilledTracerLeavesNothing kills the tracer, and looks for the tree.
func TestKilledTracerLeavesNothing(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "child", "hold")
	var out bytes.Buffer
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd.Stdout, cmd.Stderr = w, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	line := make([]byte, 32)
	n, err := r.Read(line) // the pid of a process in the tree
	if err != nil {
		t.Fatal(err, out.String())
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(line[:n])))
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if _, err := r.Read(line); err == nil { // the end of file: nobody holds the other end
		t.Errorf("process %d still writes", pid)
	}
	gone(t, pid)
}

// gone waits until a killed process has ended. A process closes its files before it is gone, and
// its zombie stays until whoever inherited it looks.
func gone(t *testing.T, pid int) {
	t.Helper()
	var status []byte
	for range 500 {
		var err error
		if status, err = os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status"); err != nil || bytes.Contains(status, []byte("State:\tZ")) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d still runs:\n%s", pid, status)
}

// hold runs a tree that never ends, because it reads from a pipe that nobody writes to.
func hold() {
	r, w, err := os.Pipe()
	must(err)
	_, _, err = proctime.Run(context.Background(), proctime.Options{Command: []string{"/bin/sh", "-c", "echo $$; read x"}, Stdin: r})
	_ = w.Close()
	if !errors.Is(err, context.Canceled) {
		fmt.Println(err)
	}
}
