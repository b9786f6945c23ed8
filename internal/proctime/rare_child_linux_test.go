//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rareChildren are programs that wait as few do, or do what cannot be held.
func rareChildren() map[string]func() {
	return map[string]func(){
		"rare waits": rareWaits, "ticks": ticks, "set timerfd": setTimerfd, "rest": rest,
		"thread executes": threadExecutes,
		"two sleepers":    twoSleepers, "timers of a child": timersOfAChild, "set a timer": setATimer, "border": border,
		"nested": nested, "few files": fewFiles, "many threads": manyThreads, "Unix peers": unixPeers,
		"serve in Docker": serveInDocker, "leader leaves": leaderLeaves,
		"ptrace": func() { call(unix.SYS_PTRACE, unix.PTRACE_TRACEME) }, "vDSO": findVDSO, "vsyscall": vsyscall,
		"adjtimex":           func() { var tx unix.Timex; _, _ = unix.Adjtimex(&tx) },
		"set clock":          func() { fmt.Println(unix.Settimeofday(&unix.Timeval{Sec: 1})) },
		"recvmmsg":           func() { call(unix.SYS_RECVMMSG, 99, 0, 2, 0, address(&unix.Timespec{Sec: 1})) },
		"other architecture": otherArchitecture,
	}
}

func address[T any](v *T) uintptr { return uintptr(unsafe.Pointer(v)) }

// call makes a system call and returns its result or its error as a text.
func call(nr uintptr, a ...uintptr) string {
	a = append(a, 0, 0, 0, 0, 0, 0)
	r, _, errno := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	if errno != 0 {
		return errno.Error()
	}
	return fmt.Sprint(r)
}

// until returns a minute from now on a clock.
func until(clock int32) *unix.Timespec {
	var now unix.Timespec
	must(unix.ClockGettime(clock, &now))
	now.Sec += 60
	return &now
}

// A waiter is one element of futex_waitv.
type waiter struct {
	_, address uint64
	flags, _   uint32
}

// rareWaits makes each kind of wait once, and prints what came of it.
func rareWaits() {
	runtime.LockOSThread()
	const shared, none = 0, 0
	minute := &unix.Timespec{Sec: 60}
	for _, w := range []struct {
		name string
		do   func() string
	}{
		{"clock_nanosleep BOOTTIME", func() string {
			return call(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_BOOTTIME, unix.TIMER_ABSTIME,
				address(until(unix.CLOCK_BOOTTIME)))
		}},
		{"clock_nanosleep TAI", func() string {
			return call(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_TAI, unix.TIMER_ABSTIME, address(until(unix.CLOCK_TAI)))
		}},
		{"PI futex", func() string {
			word, free := owned()
			defer free()
			return call(unix.SYS_FUTEX, address(word), 6, none, address(until(unix.CLOCK_REALTIME)))
		}},
		{"PI futex of CLOCK_MONOTONIC", func() string {
			word, free := owned()
			defer free()
			return call(unix.SYS_FUTEX, address(word), 13, none, address(until(unix.CLOCK_MONOTONIC)))
		}},
		{"requeueing futex", func() string {
			var from, to uint32
			return call(unix.SYS_FUTEX, address(&from), 11, none, address(until(unix.CLOCK_MONOTONIC)), address(&to))
		}},
		{"futex_waitv", func() string {
			var word uint32
			w := waiter{address: uint64(address(&word)), flags: 2} // 32 bits
			return call(unix.SYS_FUTEX_WAITV, address(&w), 1, none, address(until(unix.CLOCK_MONOTONIC)),
				unix.CLOCK_MONOTONIC)
		}},
		{"futex_wait", func() string {
			var word uint32
			return call(unix.SYS_FUTEX_WAIT, address(&word), 0, 1, 2, address(until(unix.CLOCK_REALTIME)),
				unix.CLOCK_REALTIME)
		}},
		{"semtimedop", func() string {
			id, _, errno := unix.Syscall(unix.SYS_SEMGET, 0, 1, unix.IPC_CREAT|0o600)
			if errno != 0 {
				return errno.Error()
			}
			defer call(unix.SYS_SEMCTL, id, 0, unix.IPC_RMID)
			take := [3]int16{0, -1, 0}
			return call(unix.SYS_SEMTIMEDOP, id, address(&take), 1, address(minute))
		}},
		{"mq_timedreceive", func() string {
			name := []byte(fmt.Sprintf("chaosrun-%d\x00", os.Getpid()))
			size := [8]int64{0, 1, 16} // one message of 16 bytes
			q, _, errno := unix.Syscall6(unix.SYS_MQ_OPEN, address(&name[0]), unix.O_CREAT|unix.O_RDWR, 0o600,
				address(&size), 0, 0)
			if errno != 0 {
				return errno.Error()
			}
			defer call(unix.SYS_MQ_UNLINK, address(&name[0]))
			var b [16]byte
			return call(unix.SYS_MQ_TIMEDRECEIVE, q, address(&b), 16, none, address(until(unix.CLOCK_REALTIME)))
		}},
		{"io_getevents", func() string {
			return events(func(c, e uintptr) string { return call(unix.SYS_IO_GETEVENTS, c, 1, 1, e, address(minute)) })
		}},
		{"io_pgetevents", func() string {
			return events(func(c, e uintptr) string {
				return call(unix.SYS_IO_PGETEVENTS, c, 1, 1, e, address(minute))
			})
		}},
		{"timerfd BOOTTIME", func() string {
			fd, err := unix.TimerfdCreate(unix.CLOCK_BOOTTIME, 0)
			must(err)
			other, err := unix.Dup(fd)
			must(err)
			must(unix.TimerfdSettime(other, unix.TFD_TIMER_ABSTIME,
				&unix.ItimerSpec{Value: *until(unix.CLOCK_BOOTTIME)}, nil))
			var its unix.ItimerSpec
			must(unix.TimerfdGettime(fd, &its))
			if left := its.Value.Nano(); left > int64(sixty) || left < int64(sixty-time.Second) {
				return fmt.Sprint("left ", left)
			}
			var n [8]byte
			_, err = unix.Read(fd, n[:])
			must(err)
			return strconv.FormatUint(binary.NativeEndian.Uint64(n[:]), 10)
		}},
		{"SO_RCVTIMEO of another descriptor", func() string {
			pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
			must(err)
			other, err := unix.Dup(pair[0])
			must(err)
			must(unix.SetsockoptTimeval(other, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 60}))
			var tv unix.Timeval
			size := uint32(unsafe.Sizeof(tv))
			said := call(unix.SYS_GETSOCKOPT, uintptr(pair[0]), unix.SOL_SOCKET, unix.SO_RCVTIMEO, address(&tv),
				address(&size))
			if tv.Sec != 60 {
				return said
			}
			var b [1]byte
			return call(unix.SYS_READ, uintptr(pair[0]), address(&b), 1)
		}},
		{"SO_SNDTIMEO of a connect", func() string {
			to := &unix.SockaddrUnix{Name: fmt.Sprintf("@chaosrun-%d", os.Getpid())}
			listener, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
			must(err)
			must(unix.Bind(listener, to))
			must(unix.Listen(listener, 0))
			for range 16 { // until nobody has room for one more
				fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
				must(err)
				must(unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Sec: 60}))
				if err := unix.Connect(fd, to); err != nil {
					return err.Error()
				}
			}
			return "there was room"
		}},
		{"uptime", func() string {
			before, ticks := uptime()
			call(unix.SYS_NANOSLEEP, address(minute))
			after, more := uptime()
			return fmt.Sprint(after-before >= 60, after-before <= 61, more-ticks >= 6000, more-ticks <= 6100)
		}},
	} {
		began := time.Now()
		text := w.do()
		must(json.NewEncoder(os.Stdout).Encode(waited{w.name, time.Since(began), text}))
	}
}

// owned returns a PI futex that another thread holds.
func owned() (word *uint32, free func()) {
	held, over := make(chan uint32), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		held <- uint32(unix.Gettid())
		<-over
	}()
	word = new(uint32)
	*word = <-held
	return word, func() { close(over) }
}

// events asks for events that never come.
func events(get func(context, events uintptr) string) string {
	var context uintptr
	if _, _, errno := unix.Syscall(unix.SYS_IO_SETUP, 1, address(&context), 0); errno != 0 {
		return errno.Error()
	}
	defer call(unix.SYS_IO_DESTROY, context)
	var event [32]byte
	return get(context, address(&event))
}

// uptime returns for how long the machine has been up, in seconds and in hundredths.
func uptime() (seconds, hundredths int64) {
	var info unix.Sysinfo_t
	must(unix.Sysinfo(&info))
	ticks, err := unix.Times(&unix.Tms{})
	must(err)
	return info.Uptime, int64(ticks)
}

// ticks has a timerfd tick each second, and another program set it again.
func ticks() {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, 0)
	must(err)
	second := unix.Timespec{Sec: 1}
	must(unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Value: second, Interval: second}, nil))
	var n [8]byte
	count := func() uint64 {
		_, err := unix.Read(fd, n[:])
		must(err)
		return binary.NativeEndian.Uint64(n[:])
	}
	time.Sleep(5*time.Second + time.Second/2)
	unread := count()
	began := time.Now()
	next := count()
	began, took := time.Now(), time.Since(began)
	cmd := exec.Command("/proc/self/exe", "child", "set timerfd")
	cmd.ExtraFiles = []*os.File{os.NewFile(uintptr(fd), "timerfd")}
	must(cmd.Run())
	n = [8]byte{}
	once := count()
	fmt.Println(unread, next, took < time.Second, once, time.Since(began) >= sixty)
}

// setTimerfd sets a timerfd that it has inherited, and ends.
func setTimerfd() {
	must(unix.TimerfdSettime(3, 0, &unix.ItimerSpec{Value: unix.Timespec{Sec: 60}}, nil))
}

// rest has another thread write after 20 s, and prints what select and ppoll leave of a minute.
func rest() {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(err)
	runtime.LockOSThread()
	for _, wait := range []func() int64{
		func() int64 {
			ts := unix.Timespec{Sec: 60}
			in := unix.PollFd{Fd: int32(pair[0]), Events: unix.POLLIN}
			call(unix.SYS_PPOLL, address(&in), 1, address(&ts))
			return ts.Nano()
		},
		func() int64 {
			ts := unix.Timespec{Sec: 60}
			var fds unix.FdSet
			fds.Set(pair[0])
			call(unix.SYS_PSELECT6, uintptr(pair[0]+1), address(&fds), 0, 0, address(&ts))
			return ts.Nano()
		},
	} {
		go func() {
			time.Sleep(20 * time.Second)
			_, _ = unix.Write(pair[1], []byte{1})
		}()
		fmt.Println(int(seconds(wait())))
		var b [1]byte
		_, _ = unix.Read(pair[0], b[:])
	}
}
