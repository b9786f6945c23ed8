//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"io"
	"os/exec"
	"runtime"
	"testing"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// TestOthersKeepTheirChildren runs a tree while this process has started another program, on each
// thread that Go may choose for the tracer: who started it still hears how it ended.
func TestOthersKeepTheirChildren(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	const others = 20
	var all []*exec.Cmd
	var inputs []io.Closer
	var waiting []chan struct{}
	for range others {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", "read x; exit 7")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		ready, over := make(chan error), make(chan struct{})
		go func() {
			runtime.LockOSThread() // so that each is started by a thread of its own
			defer runtime.UnlockOSThread()
			ready <- cmd.Start()
			<-over
		}()
		if err := <-ready; err != nil {
			t.Fatal(err)
		}
		all, inputs, waiting = append(all, cmd), append(inputs, in), append(waiting, over)
	}
	for _, over := range waiting {
		close(over) // the threads are free for others
	}
	for range others {
		code, report, err := proctime.Run(t.Context(), proctime.Options{
			Command: []string{"/bin/sh", "-c", "(sleep 60 & sleep 30; wait); exit 3"},
		})
		if code != 3 || err != nil || report.Virtual < sixty {
			t.Fatalf("got exit code %d, %v: %s", code, err, report)
		}
	}
	for i, cmd := range all {
		_ = inputs[i].Close()
		if err := cmd.Wait(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 7 {
			t.Errorf("got %v, want exit status 7", err)
		}
	}
}
