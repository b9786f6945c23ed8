package harness_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
)

// A habit is a test that a person may well write, whose engine does something that virtual time
// does not like. It is run in a process of its own.
type habit struct {
	test func(t *testing.T)
	// fails says that the test fails, and dies that the process does.
	fails, dies bool
	says        string
}

// also returns plain engines that do something more in each call.
func also(f func(context.Context)) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		plain := harnesstest.Plain(lab)
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			f(ctx)
			return plain.Call(ctx, req, emit)
		})
	}
}

// blames checks a run's verdict, and that its first finding says all of some texts.
func blames(t *testing.T, run *harness.Trial, want assertions.Verdict, says ...string) {
	t.Helper()
	message := ""
	if len(run.Judgement.Results) > 0 {
		message = run.Judgement.Results[0].Message
	}
	if run.Verdict() != want {
		t.Errorf("the run is %s, want %s: %s", run.Verdict(), want, message)
	}
	for _, what := range says {
		if !strings.Contains(message, what) {
			t.Errorf("it does not say %q: %s", what, message)
		}
	}
}

// workerBefore returns an engine whose calls are made by a goroutine that was started before the
// run, with the client, the dialer, the context and the emit function of the run.
func workerBefore() (engine harness.Factory, stop func()) {
	jobs, results := make(chan func() error), make(chan error)
	go func() {
		for job := range jobs {
			results <- job()
		}
	}()
	return func(lab harness.Lab) harness.Target {
		plain := harnesstest.Plain(lab)
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			if lab.Scale() != 1 { // real time: the same goroutine for all
				jobs <- func() error { return plain.Call(ctx, req, emit) }
				return <-results
			}
			conn, err := lab.DialContext(ctx, "tcp", strings.TrimPrefix(lab.URL("primary"), "http://")+":80")
			if err != nil {
				return err
			}
			defer conn.Close()
			if err := plain.Call(ctx, req, func(harness.Delta) {}); err != nil { // a connection of the run lies idle
				return err
			}
			all := []func() error{
				func() error { return plain.Call(ctx, req, emit) },
				func() error { _, err := lab.HTTPClient().Get(lab.URL("primary")); return err },
				func() error { _, err := lab.DialContext(context.Background(), "tcp", "primary.test:80"); return err },
				func() error { _, err := conn.Read(make([]byte, 1)); return err },
				func() error { _, err := conn.Write([]byte("x")); return err },
				func() error { return conn.SetDeadline(time.Now()) },
				func() error { <-ctx.Done(); return ctx.Err() },
				func() error { return errors.Join(conn.Close(), lab.Context().Err()) },
				func() error { emit(harness.Text("x")); lab.Explain("x"); return errors.New("neither has an error") },
			}
			for i, job := range all {
				jobs <- job
				if err := <-results; err == nil {
					panic(fmt.Sprintf("job %d got no error", i))
				}
			}
			return nil
		})
	}, func() { close(jobs) }
}

// finalized returns an engine whose objects close a channel of the run when they are collected.
func finalized(lab harness.Lab) harness.Target {
	return also(func(context.Context) {
		type handle struct {
			done chan struct{}
			_    [64]int // no tiny object
		}
		h := &handle{done: make(chan struct{})}
		runtime.SetFinalizer(h, func(h *handle) { close(h.done) })
	})(lab)
}

// collect lets the collector and the finalizers run.
//
//nolint:revive,ineffassign,wastedassign // an explicit collection, of what nobody holds
func collect() {
	for range 3 {
		runtime.GC()
		done := make(chan struct{})
		probe := new([64]int)
		runtime.SetFinalizer(probe, func(*[64]int) { close(done) })
		probe = nil
		runtime.GC()
		<-done
	}
}

//nolint:thelper // each is a test of its own
func habits() map[string]habit {
	return map[string]habit{
		"the first signal.Notify": {test: func(t *testing.T) {
			engine := also(func(context.Context) {
				c := make(chan os.Signal, 1)
				signal.Notify(c, os.Interrupt)
				signal.Stop(c)
			})
			for range 2 {
				harness.Run(t, "healthy", engine).Check(t)
			}
		}},
		"t.Context in Call": {test: func(t *testing.T) {
			harness.Run(t, "healthy", also(func(context.Context) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				ctx.Done()
			})).Check(t)
		}},
		"t.Context in Call, and no test around the run": {
			dies: true,
			says: "close of synctest channel from outside bubble", test: func(t *testing.T) {
				harness.RunScenario(shipped("healthy"), also(func(context.Context) { t.Context().Done() })).Check(t)
			},
		},
		"Lab.Context in Call": {test: func(t *testing.T) {
			harness.RunScenario(shipped("healthy"), func(lab harness.Lab) harness.Target {
				return also(func(context.Context) { lab.Context().Done() })(lab)
			}).Check(t)
		}},
		"t.Fatal in Call": {fails: true, says: "the answer is wrong", test: func(t *testing.T) {
			run := harness.Run(t, "healthy", also(func(context.Context) { t.Fatal("the answer is wrong") }))
			blames(t, run, assertions.Failed,
				"the call never returned: left by runtime.Goexit (a failing assertion) in", "harness/survive_test.go:")
		}},
		"t.Fatal in the Factory": {fails: true, says: "there is no engine", test: func(t *testing.T) {
			run := harness.Run(t, "healthy",
				func(harness.Lab) harness.Target { t.Fatal("there is no engine"); return nil })
			blames(t, run, assertions.Unknown, "left by runtime.Goexit (a failing assertion) in",
				"harness/survive_test.go:")
		}},
		"a worker from before the run": {test: func(t *testing.T) {
			engine, stop := workerBefore()
			defer stop()
			run := harness.RunScenario(shipped("healthy"), engine)
			blames(t, run, assertions.Unknown, "this Lab belongs to virtual time", "in the Factory", "--clock x60")
		}},
		"a worker from before the run, in real time": {test: func(t *testing.T) {
			engine, stop := workerBefore()
			defer stop()
			run := harness.RunScenario(shipped("healthy"), engine, harness.WithClock(harness.Accelerated(60)),
				harness.WithExpect(assertions.Answer{Outcome: assertions.Outcomes{"answered"}}))
			blames(t, run, assertions.Passed)
		}},
		"a finalizer that closes a channel": {
			dies: true, says: "close of synctest channel from outside bubble",
			test: func(t *testing.T) {
				harness.Run(t, "healthy", finalized).Check(t)
				collect()
			},
		},
		"a finalizer that closes a channel, in real time": {test: func(t *testing.T) {
			harness.Run(t, "healthy", finalized, harness.WithClock(harness.Accelerated(60)),
				harness.WithExpect(assertions.Answer{Outcome: assertions.Outcomes{"answered"}})).Check(t)
			collect()
		}},
	}
}

// TestHabits: what would end the test binary does not, or is known to.
func TestHabits(t *testing.T) {
	if name := os.Getenv("CHAOSRUN_TEST_HABIT"); name != "" {
		habits()[name].test(t)
		return
	}
	t.Parallel()
	for name, h := range habits() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestHabits$", "-test.timeout", "60s",
				"-overlaid="+overlaidText())
			child.Env = append(os.Environ(), "CHAOSRUN_TEST_HABIT="+name)
			out, err := child.CombinedOutput()
			said := string(out)
			died := strings.Contains(said, "fatal error:") || strings.Contains(said, "panic:")
			if (err != nil) != (h.fails || h.dies) || died != h.dies || !strings.Contains(said, h.says) ||
				strings.Contains(said, "it does not say") || strings.Contains(said, "the run is ") {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
}

// overlaidText hands the flag on to the process of a habit.
func overlaidText() string {
	if *overlaid {
		return "true"
	}
	return "false"
}
