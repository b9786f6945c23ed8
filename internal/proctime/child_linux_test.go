//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// children are the programs that tests run in virtual time. They are this test binary, started
// again with the name of one.
func children() map[string]func() {
	all := map[string]func(){
		"waits": waits, "engine": engine, "spin": spin, "stop": stop, "leave": leave, "outside": outside,
		"timerfd": tick,
		"random":  random, "sleep": func() { time.Sleep(time.Hour) }, "minute-long": func() { time.Sleep(sixty) },
		"pingpong": pingpong, "forks": forks, "nagle": nagle, "threads": threads, "processes": processes,
		"reaper":       reaper,
		"silent pipes": func() { silent(pipes) }, "silent TCP": func() { silent(sockets) },
		"busy":       func() { untilEOF(func() {}) },
		"clock read": repeated(readClock), "jump": repeated(nap), "fulfilled wait": func() { repeated(writable())() },
		"without ptrace": withoutPtrace, "as in Docker": asInDocker, "without namespaces": withoutNamespaces,
		"trial": func() { trial("minute-long") }, "hold": hold, "readers": readers, "receives": receives, "sing": sing,
	}
	maps.Copy(all, rareChildren())
	return all
}

// A waited is what one wait did: how long it took by the program's own clock, and what it returned.
type waited struct {
	Name string        `json:"name"`
	Took time.Duration `json:"took"`
	Said string        `json:"said"`
}

// sixty is how long each wait takes.
const sixty = 60 * time.Second

// length is how long each of waits takes: a minute, or what the environment says.
func length() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("LENGTH")); err == nil {
		return d
	}
	return sixty
}

func spec() *unix.Timespec {
	ts := unix.NsecToTimespec(int64(length()))
	return &ts
}

// waits makes each kind of timed wait once, as a system call, and prints what came of it.
func waits() {
	runtime.LockOSThread()
	var pair [2]int
	must(func() (err error) { pair, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0); return err }())
	in := []unix.PollFd{{Fd: int32(pair[0]), Events: unix.POLLIN}}
	poller, err := unix.EpollCreate1(0)
	must(err)
	must(unix.EpollCtl(poller, unix.EPOLL_CTL_ADD, pair[0], &unix.EpollEvent{Events: unix.EPOLLIN}))
	minute, milliseconds := unix.NsecToTimeval(int64(length())), int(length()/time.Millisecond)
	var word uint32
	var set uint64 // no signal
	ptr := func(v any) uintptr {
		switch v := v.(type) {
		case *unix.Timespec:
			return uintptr(unsafe.Pointer(v))
		case *uint32:
			return uintptr(unsafe.Pointer(v))
		case *uint64:
			return uintptr(unsafe.Pointer(v))
		case *unix.EpollEvent:
			return uintptr(unsafe.Pointer(v))
		}
		panic("no pointer")
	}
	call := func(nr uintptr, a ...uintptr) string {
		a = append(a, 0, 0, 0, 0, 0, 0)
		r, _, errno := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
		if errno != 0 {
			return errno.Error()
		}
		return fmt.Sprint(r)
	}
	said := func(n int, err error) string {
		if err != nil {
			return err.Error()
		}
		return strconv.Itoa(n)
	}
	absolute := func(clock int32) *unix.Timespec {
		var now unix.Timespec
		must(unix.ClockGettime(clock, &now))
		now = unix.NsecToTimespec(now.Nano() + int64(length()))
		return &now
	}
	const wait, bitset, realtime, private = 0, 9, 256, 128
	any32 := uintptr(^uint32(0))
	for _, w := range []struct {
		name string
		do   func() string
	}{
		{"nanosleep", func() string { return call(unix.SYS_NANOSLEEP, ptr(spec()), 0) }},
		{
			"clock_nanosleep",
			func() string { return call(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, 0, ptr(spec()), 0) },
		},
		{"clock_nanosleep absolute", func() string {
			return call(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_REALTIME, unix.TIMER_ABSTIME,
				ptr(absolute(unix.CLOCK_REALTIME)), 0)
		}},
		{"futex", func() string { return call(unix.SYS_FUTEX, ptr(&word), wait|private, 0, ptr(spec())) }},
		{"futex absolute", func() string {
			return call(unix.SYS_FUTEX, ptr(&word), bitset|private, 0, ptr(absolute(unix.CLOCK_MONOTONIC)), 0, any32)
		}},
		{"futex realtime", func() string {
			return call(unix.SYS_FUTEX, ptr(&word), bitset|private|realtime, 0, ptr(absolute(unix.CLOCK_REALTIME)), 0,
				any32)
		}},
		{"poll", func() string { return said(unix.Poll(in, milliseconds)) }},
		{"ppoll", func() string { return said(unix.Ppoll(in, spec(), nil)) }},
		{"select", func() string {
			var fds unix.FdSet
			fds.Set(pair[0])
			tv := minute
			n, err := unix.Select(pair[0]+1, &fds, nil, nil, &tv)
			if fds.IsSet(pair[0]) {
				return "the set is not empty"
			}
			return said(n, err)
		}},
		{"pselect", func() string {
			var fds unix.FdSet
			fds.Set(pair[0])
			return said(unix.Pselect(pair[0]+1, &fds, nil, nil, spec(), nil))
		}},
		{"epoll_wait", func() string {
			var ev [1]unix.EpollEvent
			return said(unix.EpollWait(poller, ev[:], milliseconds))
		}},
		{"epoll_pwait2", func() string {
			var ev unix.EpollEvent
			return call(unix.SYS_EPOLL_PWAIT2, uintptr(poller), ptr(&ev), 1, ptr(spec()), 0, 8)
		}},
		{"timerfd", func() string {
			fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, 0)
			must(err)
			defer unix.Close(fd)
			must(unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Value: *spec()}, nil))
			var n [8]byte
			return said(unix.Read(fd, n[:]))
		}},
		{"rt_sigtimedwait", func() string { return call(unix.SYS_RT_SIGTIMEDWAIT, ptr(&set), 0, ptr(spec()), 8) }},
		{"SO_RCVTIMEO", func() string {
			must(unix.SetsockoptTimeval(pair[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &minute))
			var b [1]byte
			return said(unix.Read(pair[0], b[:]))
		}},
		{"SO_SNDTIMEO", func() string {
			must(unix.SetsockoptTimeval(pair[0], unix.SOL_SOCKET, unix.SO_SNDTIMEO, &minute))
			b := make([]byte, 1<<10)
			for unix.Sendto(pair[0], b, unix.MSG_DONTWAIT, nil) == nil { //nolint:revive // until it is full
			}
			return said(unix.Write(pair[0], b))
		}},
		{"setitimer", func() string {
			c := make(chan os.Signal, 1)
			signal.Notify(c, unix.SIGALRM)
			_, err := unix.Setitimer(unix.ITIMER_REAL, unix.Itimerval{Value: minute})
			must(err)
			return (<-c).String()
		}},
		{"POSIX timer", func() string {
			c := make(chan os.Signal, 1)
			signal.Notify(c, unix.SIGALRM)
			var id uint32
			call(unix.SYS_TIMER_CREATE, unix.CLOCK_MONOTONIC, 0, ptr(&id))
			its := unix.ItimerSpec{Value: *spec()}
			call(unix.SYS_TIMER_SETTIME, uintptr(id), 0, uintptr(unsafe.Pointer(&its)), 0)
			defer call(unix.SYS_TIMER_DELETE, uintptr(id))
			return (<-c).String()
		}},
	} {
		began := time.Now()
		text := w.do()
		must(json.NewEncoder(os.Stdout).Encode(waited{w.name, time.Since(began), text}))
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// engine does what Go engines do: sleeps, tickers, contexts, and an HTTP client that gives up.
func engine() {
	began := time.Now()
	say := func(name, text string) {
		must(json.NewEncoder(os.Stdout).Encode(waited{name, time.Since(began), text}))
		began = time.Now()
	}
	time.Sleep(sixty)
	say("Sleep", "")
	ticker := time.NewTicker(sixty / 2)
	<-ticker.C
	<-ticker.C
	ticker.Stop()
	say("Ticker", "")
	ctx, cancel := context.WithTimeout(context.Background(), sixty)
	defer cancel()
	<-ctx.Done()
	say("WithTimeout", "")
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}))
	client := &http.Client{Timeout: 5 * sixty}
	_, err := client.Get(silent.URL)
	say("http.Client", strconv.FormatBool(err != nil))
	c, err := net.Dial("tcp", silent.Listener.Addr().String())
	must(err)
	must(c.SetReadDeadline(time.Now().Add(sixty)))
	_, err = c.Read(make([]byte, 1))
	say("SetReadDeadline", strconv.FormatBool(err != nil))
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() { time.Sleep(sixty) })
	}
	wg.Wait()
	say("1000 sleepers", "")
	cmd := exec.Command("/proc/self/exe", "child", "minute-long")
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // under -race a program ends with a sleep
	must(cmd.Run())
	say("a process", "")
}

// tcpPair returns both ends of a connection over loopback.
func tcpPair() (a, b int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	c, err := net.Dial("tcp", l.Addr().String())
	must(err)
	d, err := l.Accept()
	must(err)
	file := func(c net.Conn) int {
		f, err := c.(*net.TCPConn).File()
		must(err)
		must(unix.SetNonblock(int(f.Fd()), false))
		fd, err := unix.Dup(int(f.Fd()))
		must(err)
		return fd
	}
	return file(c), file(d)
}

// spin sleeps for a second beside a loop that never sleeps.
func spin() {
	var over atomic.Bool
	go func() {
		for !over.Load() { //nolint:revive // it is to be busy
		}
	}()
	began := time.Now()
	time.Sleep(time.Second)
	over.Store(true)
	took := time.Since(began)
	fmt.Println(took >= time.Second && took < 2*time.Second)
}

// random prints random bytes.
func random() {
	b := make([]byte, 16)
	_, err := unix.Getrandom(b, 0)
	must(err)
	fmt.Printf("%x\n", b)
}

// outside connects to the address in the environment, on which no process of the tree listens.
func outside() {
	c, err := net.Dial("tcp", os.Getenv("OUTSIDE"))
	must(err)
	must(c.Close())
}

// stop stops itself; a child goes on with it after a minute.
func stop() {
	cmd := exec.Command("/bin/sh", "-c", fmt.Sprintf("sleep 60; kill -CONT %d", os.Getpid()))
	must(cmd.Start())
	began := time.Now()
	must(unix.Kill(os.Getpid(), unix.SIGSTOP))
	must(cmd.Wait())
	fmt.Println(time.Since(began) >= sixty)
}

// leave ends at once and leaves a process behind.
func leave() {
	cmd := exec.Command("/bin/sleep", "3600")
	must(cmd.Start())
	fmt.Println(cmd.Process.Pid)
}
