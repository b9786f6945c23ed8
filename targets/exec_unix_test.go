//go:build unix

package targets_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
)

// onReady calls a function when the command says that it is ready.
type onReady struct{ then func() }

// Write looks for "ready".
func (o onReady) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("ready")) {
		o.then()
	}
	return len(p), nil
}

// However a command takes its end, it gets it, and the result says how. A deaf one takes its grace
// of four seconds; all run side by side.
func TestExecEnds(t *testing.T) {
	for _, tt := range []struct {
		name     string
		script   string
		deadline time.Duration
		hurry    bool
		code     int
		cut      string
		end      string
	}{
		{name: "an interrupt", script: "echo ready; exec sleep 60", code: 128 + 2, end: "signal: interrupt"},
		{
			name: "an interrupt that it handles", script: "trap 'exit 3' INT; echo ready; sleep 60 & wait", code: 3,
			end: "exit code 3",
		},
		{
			name: "deaf to interrupts", script: "trap '' INT; echo ready; sleep 60 & wait", code: 128 + 15,
			end: "signal: terminated",
		},
		{
			name: "deaf to both", script: "trap '' INT TERM; echo ready; sleep 60 & wait", code: 128 + 9,
			cut: "killed 4s after the interrupt", end: "killed 4s after the interrupt",
		},
		{
			name: "deaf, and in a hurry", script: "trap '' INT TERM; echo ready; sleep 60 & wait", hurry: true,
			code: 128 + 9, cut: "killed at the second interrupt",
		},
		{
			name: "the deadline", script: "exec sleep 60", deadline: 200 * time.Millisecond, code: 128 + 2,
			cut: "cut at the deadline",
		},
		{
			name: "deaf at the deadline", script: "trap '' INT TERM; sleep 60 & wait", deadline: 200 * time.Millisecond,
			code: 128 + 9, cut: "cut at the deadline",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := scenarios.Find("healthy")
			if err != nil {
				t.Fatal(err)
			}
			if tt.deadline > 0 {
				s.Deadline = tt.deadline
			}
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			hurry, now := context.WithCancel(context.Background())
			defer now()
			e := targets.Exec{
				Command: []string{"sh", "-c", tt.script}, Environ: []string{"PATH=/usr/bin:/bin"},
				Grace: 4 * time.Second, Hurry: hurry,
				Stdout: onReady{func() {
					interrupt()
					if tt.hurry {
						now()
					}
				}}, Stderr: io.Discard,
			}
			result, err := e.Run(ctx, s)
			if err != nil {
				t.Fatal(err)
			}
			if result.Code != tt.code || result.Cut != tt.cut || result.Interrupted != (tt.deadline == 0) {
				t.Errorf("got code %d, cut %q, interrupted %v; want %d, %q, %v", result.Code, result.Cut,
					result.Interrupted, tt.code, tt.cut, tt.deadline == 0)
			}
			if said := result.Trial.Timeline.String(); !strings.Contains(said, tt.end) {
				t.Errorf("no %q in\n%s", tt.end, said)
			}
			if v := result.Trial.Verdict(); v != assertions.Unknown {
				t.Errorf("a command that asked nobody is %s", v)
			}
		})
	}
}
