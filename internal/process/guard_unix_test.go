//go:build unix

package process_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/process"
)

// playUnix has the roles that need Unix.
func playUnix(name, argument string) int {
	me, err := os.Executable()
	if err != nil {
		return 1
	}
	child := func(as string, session bool) *exec.Cmd {
		cmd := exec.Command(me)
		cmd.Env = append(os.Environ(), role+"="+as)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: session}
		return cmd
	}
	switch name {
	case "host": // what chaosrun is to a command
		p, err := process.Start(context.Background(), process.Options{
			Command: []string{me}, Env: []string{role + "=family " + argument},
		})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		<-p.Done()
	case "family": // a command with a child, and a daemon that left its session and lost its parent
		middle := child("middle", true)
		out, err := middle.Output()
		if err != nil {
			return 1
		}
		var daemon int
		_, _ = fmt.Sscan(string(out), &daemon)
		sibling := child("sleep", false)
		if sibling.Start() != nil {
			return 1
		}
		data, err := json.Marshal([]int{os.Getpid(), sibling.Process.Pid, daemon})
		if err != nil || os.WriteFile(argument+".new", data, 0o600) != nil ||
			os.Rename(argument+".new", argument) != nil {
			return 1
		}
		time.Sleep(time.Minute)
	case "middle":
		daemon := child("sleep", true)
		if daemon.Start() != nil {
			return 1
		}
		fmt.Println(daemon.Process.Pid)
	case "hog":
		var mib int
		_, _ = fmt.Sscan(argument, &mib)
		// Mapped memory has no shadow under -race.
		hog, err := syscall.Mmap(-1, 0, mib<<20, syscall.PROT_READ|syscall.PROT_WRITE,
			syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			return 1
		}
		for i := range hog {
			hog[i] = 1
		}
		fmt.Println("allocated")
		time.Sleep(time.Minute)
		runtime.KeepAlive(hog)
	case "crash":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		time.Sleep(time.Minute)
	default:
		return playLinux(name, argument)
	}
	return 0
}

// alive reports whether a process runs. One that is dead and not yet waited for does not.
func alive(pid int) bool {
	if runtime.GOOS == "linux" {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err == nil && !strings.Contains(string(data), ") Z ")
	}
	return syscall.Kill(pid, 0) == nil
}

// survivors returns which of the processes still run after a time that no machine needs.
func survivors(all []int) (left []int) {
	for range 200 {
		left = nil
		for _, pid := range all {
			if alive(pid) {
				left = append(left, pid)
			}
		}
		if left == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond) // of other people's children there is nothing to select on
	}
	return left
}

// daemons says whether the system lets a guard find a daemon.
func daemons(all []int) []int {
	if runtime.GOOS == "linux" {
		return all
	}
	_ = syscall.Kill(all[2], syscall.SIGKILL) // as documented, it is not found here
	return all[:2]
}

func TestKillEndsTheFamily(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pids")
	p := start(t, self(t, "family "+file))
	all := daemons(pids(t, file))
	p.Kill()
	for _, pid := range all {
		if alive(pid) {
			t.Errorf("%d of %d still runs after Kill", pid, all)
		}
	}
}

// TestWithoutAGuard shows that the family is one that survives an ordinary kill.
func TestWithoutAGuard(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pids")
	o := self(t, "family "+file)
	cmd := exec.Command(o.Command[0])
	cmd.Env = o.Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	all := pids(t, file)
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	_ = cmd.Wait()
	if !alive(all[2]) {
		t.Error("the daemon is gone, so the other tests show nothing")
	}
	_ = syscall.Kill(all[2], syscall.SIGKILL)
}

// TestHostDies ends the process that started the command in the ways that it can be ended.
func TestHostDies(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "pids")
			o := self(t, "host "+file)
			host := exec.Command(o.Command[0])
			host.Env = o.Env
			if err := host.Start(); err != nil {
				t.Fatal(err)
			}
			all := daemons(pids(t, file))
			if err := host.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			_ = host.Wait()
			if left := survivors(all); left != nil {
				t.Errorf("%d of %d still run after %v", left, all, sig)
			}
		})
	}
}

func TestSignal(t *testing.T) {
	t.Parallel()
	err := wait(t, start(t, self(t, "crash")))
	var exit *process.ExitError
	if !errors.As(err, &exit) || exit.Code != -1 || err.Error() != "signal: killed" {
		t.Errorf("got %v", err)
	}
}

// TestMemory runs a process that needs too much, and one that needs just little enough.
func TestMemory(t *testing.T) {
	t.Parallel()
	const limit = 128 << 20
	o := self(t, "hog 256")
	o.Memory = limit
	err := wait(t, start(t, o))
	var big *process.MemoryError
	if !errors.As(err, &big) || big.Used <= limit || big.Limit != limit ||
		!strings.Contains(err.Error(), "more than the limit of 128 MiB") {
		t.Errorf("got %v", err)
	}
	o = self(t, "hog 48")
	o.Memory = limit
	said := make(chan struct{}, 1)
	o.Stdout = writerFunc(func(p []byte) {
		if bytes.Contains(p, []byte("allocated")) {
			said <- struct{}{}
		}
	})
	p := start(t, o)
	select {
	case <-said:
	case <-p.Done():
		t.Fatalf("it ended: %v", p.Err())
	}
	select { // two looks of the guard later it must still run; this is why the test takes 1 s
	case <-p.Done():
		t.Errorf("it ended: %v", p.Err())
	case <-time.After(time.Second):
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
