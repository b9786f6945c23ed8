//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
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

// A refusal is a system call that a sandbox does not permit. flags, if any, have to be in its first
// argument. The error is EPERM unless it is given.
type refusal struct {
	call, flags uint32
	err         unix.Errno
}

// deny makes system calls fail in this process and everything that it starts, as containers and
// hardened systems do.
func deny(calls ...refusal) {
	runtime.LockOSThread()
	const load, jump, number, argument = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_K, 0, 16
	var code []unix.SockFilter
	for _, c := range calls {
		answer := unix.SockFilter{
			Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(cmp.Or(c.err, unix.EPERM)),
		}
		code = append(code, unix.SockFilter{Code: load, K: number})
		if c.flags == 0 {
			code = append(code, unix.SockFilter{Code: jump | unix.BPF_JEQ, K: c.call, Jf: 1}, answer)
		} else {
			code = append(code, unix.SockFilter{Code: jump | unix.BPF_JEQ, K: c.call, Jf: 3},
				unix.SockFilter{Code: load, K: argument},
				unix.SockFilter{Code: jump | unix.BPF_JSET, K: c.flags, Jf: 1}, answer)
		}
	}
	code = append(code, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	must(unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&prog)))
	if errno != 0 {
		panic(errno)
	}
}

// docker is what Docker's default profile does not permit to a container without capabilities, on
// Linux 4.8 and newer: https://docs.docker.com/engine/security/seccomp/.
func docker() []refusal {
	const namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
		unix.CLONE_NEWUSER | unix.CLONE_NEWPID |
		unix.CLONE_NEWNET
	all := []refusal{{call: unix.SYS_CLONE, flags: namespaces}, {call: unix.SYS_CLONE3, err: unix.ENOSYS}}
	for _, nr := range []uint32{
		unix.SYS_ACCT, unix.SYS_ADD_KEY, unix.SYS_BPF, unix.SYS_CLOCK_ADJTIME, unix.SYS_CLOCK_SETTIME,
		unix.SYS_DELETE_MODULE, unix.SYS_FINIT_MODULE,
		unix.SYS_FSOPEN, unix.SYS_GET_MEMPOLICY, unix.SYS_INIT_MODULE, unix.SYS_IO_URING_SETUP, unix.SYS_KEXEC_LOAD,
		unix.SYS_KEYCTL, unix.SYS_MBIND,
		unix.SYS_MOUNT, unix.SYS_MOVE_PAGES, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_PERF_EVENT_OPEN, unix.SYS_PIDFD_GETFD,
		unix.SYS_PIVOT_ROOT,
		unix.SYS_QUOTACTL, unix.SYS_REBOOT, unix.SYS_REQUEST_KEY, unix.SYS_SET_MEMPOLICY, unix.SYS_SETNS,
		unix.SYS_SETTIMEOFDAY, unix.SYS_SWAPON,
		unix.SYS_UMOUNT2, unix.SYS_UNSHARE, unix.SYS_USERFAULTFD,
	} {
		all = append(all, refusal{call: nr})
	}
	return all
}

// trial runs another child in virtual time and prints what came of it.
func trial(name string) {
	code, report, err := proctime.Run(context.Background(), proctime.Options{
		Command: []string{"/proc/self/exe", "child", name},
	})
	fmt.Println(code, err, report.Virtual >= sixty, report.RealTime)
}

// withoutPtrace is a system with kernel.yama.ptrace_scope=3 in its effect.
func withoutPtrace() {
	deny(refusal{call: unix.SYS_PTRACE})
	fmt.Println(proctime.Supported())
	trial("minute-long")
}

// asInDocker runs a program of each kind in a container.
func asInDocker() {
	deny(docker()...)
	fmt.Println(proctime.Supported())
	for _, name := range []string{"minute-long", "engine", "timerfd", "outside", "nagle"} {
		code, report, err := proctime.Run(context.Background(), proctime.Options{
			Command: []string{"/proc/self/exe", "child", name}, Env: append(os.Environ(), "ROUNDS=10"),
			Stdout: os.Stderr,
		})
		fmt.Println(name, code, err, report.RealTime, len(report.Outside))
	}
}

// withoutNamespaces is a system that permits user namespaces to nobody.
func withoutNamespaces() {
	deny(refusal{call: unix.SYS_CLONE, flags: unix.CLONE_NEWUSER | unix.CLONE_NEWNET}, refusal{call: unix.SYS_UNSHARE},
		refusal{call: unix.SYS_SETNS})
	fmt.Println(proctime.Supported())
	trial("minute-long")
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

// TestDockersProfile has a filter that permits what Docker's does. One thing does not work, and is
// said: a timerfd stays in real time.
func TestDockersProfile(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("OUTSIDE", l.Addr().String())
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "child", "as in Docker")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, said.String())
	}
	want := "<nil>\nminute-long 0 <nil> [] 0\nengine 0 <nil> [] 0\n" +
		"timerfd 0 <nil> [exe uses a timerfd that could not be taken over] 0\noutside 0 <nil> [] 1\n" +
		"nagle 0 <nil> [] 0\n"
	if string(out) != want {
		t.Errorf("got:\n%swant:\n%s", out, want)
	}
	if !strings.Contains(said.String(), `"wrong":0`) {
		t.Errorf("the clock jumped while TCP held data back:\n%s", said.String())
	}
}

func TestNamespacesAreNotNeeded(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	if out, want := child(t, nil, "without namespaces"), "<nil>\n0 <nil> true []\n"; out != want {
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
		if status, err = os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status"); err != nil ||
			bytes.Contains(status, []byte("State:\tZ")) {
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
	_, _, err = proctime.Run(context.Background(), proctime.Options{
		Command: []string{"/bin/sh", "-c", "echo $$; read x"}, Stdin: r,
	})
	_ = w.Close()
	if !errors.Is(err, context.Canceled) {
		fmt.Println(err)
	}
}
