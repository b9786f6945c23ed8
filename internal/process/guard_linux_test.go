package process_test

import (
	"bytes"
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
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/process"
)

// elsewhere is an address of TEST-NET-3, which nobody has.
const elsewhere = "203.0.113.7:443"

// playLinux has the roles that need Linux.
func playLinux(name, argument string) int {
	switch name {
	case "dial": // it dials away until it is killed, and holds what it gets
		var held []net.Conn
		for {
			conn, err := (&net.Dialer{Timeout: time.Minute}).Dial("tcp", argument)
			if err == nil {
				held = append(held, conn)
			}
			time.Sleep(100 * time.Millisecond)
			runtime.KeepAlive(held)
		}
	case "isolate":
		code, done, err := process.Isolate()
		if done {
			return code
		}
		if err != nil {
			fmt.Println(err)
			return 1
		}
		return inside(argument)
	}
	fmt.Println("no such role:", name)
	return 1
}

// inside is what runs in the isolation.
func inside(argument string) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		fmt.Println(err)
		return 1
	}
	_ = conn.Close()
	_, err = net.DialTimeout("tcp", elsewhere, time.Minute)
	fmt.Println("isolated:", process.Isolated(), "unreachable:", errors.Is(err, syscall.ENETUNREACH), "uid:",
		os.Getuid())
	if argument == "wait" {
		signals := make(chan os.Signal, 8)
		signal.Notify(signals, os.Interrupt)
		fmt.Println("pid:", os.Getpid())
		<-signals
		select { // a second one would break what the first one began
		case <-signals:
			fmt.Println("interrupted twice")
		case <-time.After(300 * time.Millisecond):
			fmt.Println("interrupted once")
		}
	}
	return 7
}

func TestPeers(t *testing.T) {
	t.Parallel()
	if process.Isolated() {
		t.Skip("this machine has loopback only, so a dial fails at once")
	}
	o := self(t, "dial "+elsewhere)
	o.Peers = true
	p := start(t, o)
	for range 400 {
		if slices.Equal(p.Peers(), []string{elsewhere}) {
			return
		}
		time.Sleep(25 * time.Millisecond) // the guard looks by itself
	}
	t.Errorf("got %q, want %s", p.Peers(), elsewhere)
}

func TestPeersOnLoopback(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	accepted := make(chan net.Conn, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- conn
		}
	}()
	o := self(t, "dial "+listener.Addr().String())
	o.Peers = true
	p := start(t, o)
	for range 8 { // more than two looks of the guard
		if _, ok := <-accepted; !ok {
			t.Fatal("it did not dial")
		}
	}
	if got := p.Peers(); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

// permitted skips a test where the system does not permit an isolation.
func permitted(t *testing.T, cmd *exec.Cmd, err error, out []byte) {
	t.Helper()
	if strings.Contains(string(out), process.ErrNotPermitted.Error()) {
		t.Skipf("%s", out)
	}
	if cmd.ProcessState.ExitCode() != 7 {
		t.Errorf("got %v, want exit code 7: %s", err, out)
	}
}

func TestIsolate(t *testing.T) {
	t.Parallel()
	o := self(t, "isolate")
	cmd := exec.Command(o.Command[0])
	cmd.Env = o.Env
	out, err := cmd.Output()
	permitted(t, cmd, err, out)
	if want := fmt.Sprintf("isolated: true unreachable: true uid: %d\n", os.Getuid()); string(out) != want {
		t.Errorf("got %q, want %q", out, want)
	}
}

// TestIsolateSignals interrupts the whole group, as Ctrl-C in a terminal does.
func TestIsolateSignals(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		t.Cleanup(cancel)
		o := self(t, "isolate wait")
		cmd := exec.CommandContext(ctx, o.Command[0])
		cmd.Env = o.Env
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout = write
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_ = write.Close()
		var out bytes.Buffer
		pid := 0
		for buffer := make([]byte, 1000); pid == 0; {
			n, err := read.Read(buffer)
			out.Write(buffer[:n])
			if _, after, ok := strings.Cut(out.String(), "pid: "); ok && strings.HasSuffix(after, "\n") {
				_, _ = fmt.Sscan(after, &pid)
			}
			if err != nil {
				break
			}
		}
		if pid == 0 {
			permitted(t, cmd, cmd.Wait(), out.Bytes())
			return
		}
		_ = syscall.Kill(-cmd.Process.Pid, sig)
		_, _ = out.ReadFrom(read)
		err = cmd.Wait()
		if left := survivors([]int{pid}); left != nil {
			t.Errorf("%v: the one inside still runs", sig)
		}
		if sig == syscall.SIGINT &&
			(cmd.ProcessState.ExitCode() != 7 || !strings.HasSuffix(out.String(), "interrupted once\n")) {
			t.Errorf("%v: got %v: %s", sig, err, out.String())
		}
	}
}
