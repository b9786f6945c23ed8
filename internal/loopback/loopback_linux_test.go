package loopback_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/chaosrun/chaosrun/internal/loopback"
)

// stage is set for this test binary in a network namespace of its own.
const stage = "LOOPBACK_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(stage) == "" {
		m.Run()
		return
	}
	if err := up(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(loopback.AcknowledgesAtOnce(), slow())
	if err := loopback.AcknowledgeAtOnce(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(loopback.AcknowledgesAtOnce(), slow())
	os.Exit(0)
}

// up brings loopback up.
func up() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}

// slow reports whether 20 rounds of write-write-read with Nagle's algorithm take as long as delayed
// acknowledgements of 40 ms do. A connection acknowledges its first packets at once by itself, so
// not every round does.
func slow() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err.Error()
	}
	go func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		two := make([]byte, 2)
		for {
			for got := 0; got < len(two); {
				n, err := c.Read(two[got:])
				if err != nil {
					return
				}
				got += n
			}
			_, _ = c.Write(two[:1])
		}
	}()
	c, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return err.Error()
	}
	_ = c.(*net.TCPConn).SetNoDelay(false)
	began, one := time.Now(), make([]byte, 1)
	for range 20 {
		_, _ = c.Write(one)
		_, _ = c.Write(one)
		_, _ = c.Read(one)
	}
	if time.Since(began) > 300*time.Millisecond {
		return "slow"
	}
	return "quick"
}

func TestLoopbackAcknowledgesAtOnce(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), stage+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
		t.Skipf("no user namespaces here: %v", err)
	}
	if want := "false slow\ntrue quick\n"; err != nil || string(out) != want {
		t.Errorf("got %s%v, want %s", out, err, want)
	}
}
