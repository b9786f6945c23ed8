//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// threadExecutes lets a thread that is not the first one execute another program.
func threadExecutes() {
	began := time.Now()
	if began.Unix() == 0 {
		return
	}
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		must(unix.Exec("/proc/self/exe", []string{"exe", "child", "minute-long"}, os.Environ()))
	}()
	<-done
}

// seconds rounds nanoseconds to five seconds: a start under the race detector takes one.
func seconds(ns int64) time.Duration { return time.Duration(ns).Round(5*time.Second) / time.Second }

// twoSleepers has a handler interrupt one sleep after 20 s, and nothing another that is stopped
// and goes on.
func twoSleepers() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, unix.SIGUSR1)
	runtime.LockOSThread()
	pid, tid := os.Getpid(), unix.Gettid()
	after := func(d time.Duration, do func()) {
		go func() { time.Sleep(d); do() }()
	}
	after(20*time.Second, func() { must(unix.Tgkill(pid, tid, unix.SIGUSR1)) })
	left := unix.Timespec{}
	minute := unix.Timespec{Sec: 60}
	said := call(unix.SYS_NANOSLEEP, address(&minute), address(&left))
	fmt.Println(said, int(seconds(left.Nano())))
	ended := unix.Sigset_t{Val: [16]uint64{1<<(unix.SIGCHLD-1) | 1<<(unix.SIGURG-1)}} // they have handlers, too
	must(unix.PthreadSigmask(unix.SIG_BLOCK, &ended, nil))
	cmd := exec.Command("/bin/sh", "-c", fmt.Sprintf("sleep 20; kill -STOP %d; sleep 10; kill -CONT %d", pid, pid))
	must(cmd.Start())
	began := time.Now()
	said = call(unix.SYS_NANOSLEEP, address(&minute), address(&left))
	fmt.Println(said, int(seconds(int64(time.Since(began)))))
	must(cmd.Wait())
}

// timersOfAChild sets a POSIX timer and an interval timer, and starts a program that has none of
// them.
func timersOfAChild() {
	c := make(chan os.Signal, 4)
	signal.Notify(c, unix.SIGALRM)
	setATimer()
	_, err := unix.Setitimer(unix.ITIMER_REAL, unix.Itimerval{Value: unix.Timeval{Sec: 60}})
	must(err)
	var stdout bytes.Buffer
	cmd := exec.Command("/proc/self/exe", "child", "set a timer")
	cmd.Stdout = &stdout
	must(cmd.Run())
	began := time.Now()
	<-c
	<-c
	fmt.Print(stdout.String(), int(seconds(int64(time.Since(began)))), "\n")
}

// setATimer creates the first POSIX timer of a process, which fires after a minute, and prints how
// long it has to go before it is set, and then.
func setATimer() {
	var id uint32
	if said := call(unix.SYS_TIMER_CREATE, unix.CLOCK_MONOTONIC, 0, address(&id)); said != "0" {
		panic(said)
	}
	var left, then unix.ItimerSpec
	call(unix.SYS_TIMER_GETTIME, uintptr(id), address(&left))
	its := unix.ItimerSpec{Value: unix.Timespec{Sec: 60}}
	call(unix.SYS_TIMER_SETTIME, uintptr(id), 0, address(&its), 0)
	call(unix.SYS_TIMER_GETTIME, uintptr(id), address(&then))
	fmt.Println(id, left.Value.Nano(), then.Value.Nano() > int64(59*time.Second))
}

// border reads the clock into a place across two pages, and into one of which half may not be
// written.
func border() {
	size := os.Getpagesize()
	pages, err := unix.Mmap(-1, 0, 3*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	must(err)
	at := func(i int) uintptr { return uintptr(unsafe.Pointer(&pages[i])) }
	said := call(unix.SYS_CLOCK_GETTIME, unix.CLOCK_REALTIME, at(size-8))
	ts := *(*unix.Timespec)(unsafe.Pointer(&pages[size-8]))
	must(unix.Mprotect(pages[2*size:], unix.PROT_NONE))
	fmt.Println(said, ts.Sec > 0, call(unix.SYS_CLOCK_GETTIME, unix.CLOCK_REALTIME, at(2*size-8)),
		call(unix.SYS_CLOCK_GETTIME, unix.CLOCK_REALTIME, 0))
}

// nested starts a tree inside of a tree, and one that cannot be.
func nested() {
	began := time.Now()
	trial("minute-long")
	fmt.Println(time.Since(began) >= sixty, proctime.Supported())
	_, _, err := proctime.Run(context.Background(), proctime.Options{Command: []string{"true"}, Seeded: true})
	fmt.Println(err != nil)
}

// fewFiles runs a tree of many threads in a process that may have few files.
func fewFiles() {
	limit := unix.Rlimit{Cur: 64, Max: 64}
	must(unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
	trial("many threads")
}

// manyThreads has a hundred threads sleep for a minute while two exchange data, and fails if one of
// those waits for longer than 10 s.
func manyThreads() {
	var wg sync.WaitGroup
	var wrong atomic.Int64
	for range 100 {
		wg.Go(func() {
			runtime.LockOSThread()
			minute := unix.Timespec{Sec: 60}
			call(unix.SYS_NANOSLEEP, address(&minute))
		})
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(err)
	for i := range 2 {
		wg.Go(func() {
			runtime.LockOSThread()
			b := []byte{1}
			in := []unix.PollFd{{Fd: int32(pair[i]), Events: unix.POLLIN}}
			for range 300 {
				_, _ = unix.Write(pair[i], b)
				for {
					n, err := unix.Poll(in, 10_000)
					if n > 0 {
						break
					}
					if err == nil {
						wrong.Add(1) // the clock jumped while data was under way
					}
				}
				_, _ = unix.Read(pair[i], b)
			}
		})
	}
	wg.Wait()
	if n := wrong.Load(); n > 0 {
		panic(n)
	}
}

// findVDSO finds the vDSO as no program should, and reads its first byte.
func findVDSO() {
	maps, err := os.ReadFile("/proc/self/maps")
	must(err)
	for line := range strings.Lines(string(maps)) {
		if strings.Contains(line, "[vdso]") {
			from, _, _ := strings.Cut(line, "-")
			at, err := strconv.ParseUint(from, 16, 64)
			must(err)
			var b [1]byte
			_, err = unix.ProcessVMReadv(os.Getpid(), []unix.Iovec{{Base: &b[0], Len: 1}},
				[]unix.RemoteIovec{{Base: uintptr(at), Len: 1}}, 0)
			fmt.Println(b, err)
		}
	}
}

// unixPeers connects to its own Unix socket, and to that in the environment.
func unixPeers() {
	own := fmt.Sprintf("@chaosrun-%d", os.Getpid())
	l, err := net.Listen("unix", own)
	must(err)
	for _, at := range []string{own, os.Getenv("OUTSIDE")} {
		c, err := net.Dial("unix", at)
		must(err)
		must(c.Close())
	}
	must(l.Close())
}

// serveInDocker runs a server and its client where no descriptor can be duplicated.
func serveInDocker() {
	deny(refusal{call: unix.SYS_PIDFD_GETFD})
	_, report, err := proctime.Run(context.Background(), proctime.Options{
		Command: []string{"/proc/self/exe", "child", "engine"}, Stdout: os.Stderr,
	})
	fmt.Println(err, report.Outside, report.RealTime)
}

// leaderLeaves ends the first thread of a process a minute before the others.
func leaderLeaves() {
	runtime.LockOSThread()
	if unix.Gettid() != os.Getpid() {
		fmt.Println("another thread")
		return
	}
	go func() {
		began := time.Now()
		time.Sleep(sixty)
		fmt.Println(time.Since(began) >= sixty)
		call(unix.SYS_EXIT_GROUP, 0)
	}()
	_, _, _ = unix.Syscall(unix.SYS_EXIT, 0, 0, 0) // the scheduler gives what it held to others
}
