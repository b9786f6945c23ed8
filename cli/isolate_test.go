package cli_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/process"
	"github.com/chaosrun/chaosrun/internal/proctime"
)

// TestMain makes this test binary the program of fragile, if it is started as its worker.
func TestMain(m *testing.M) {
	if err := os.Setenv("COLUMNS", "1000"); err != nil { // what a test looks for stands in one line
		panic(err)
	}
	proctime.Main()
	process.Main()
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		os.Exit(cli.Main(fragile()))
	}
	m.Run()
}

// fragile returns a program whose first engine ends its process in some scenarios. In the process
// of the tests it would end the tests. The other engines are those of idlers.
func fragile() cli.Options {
	return cli.Options{
		Program: "mychaos",
		Targets: append(campaign.Targets{{Name: "fragile", Factory: func(lab harness.Lab) harness.Target {
			switch lab.Scenario() {
			case "overloaded":
				neverBuilt()
			case "no-such-protocol":
				return harness.Skip{Reason: "no"}
			}
			return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
				switch lab.Scenario() {
				case "server-error":
					go explode()
					<-ctx.Done()
					return ctx.Err()
				case "quota-exhausted":
					os.Exit(7) //nolint:revive // what the engine does wrong
				}
				return newTarget(lab).Call(ctx, req, emit)
			})
		}}}, idlers()...),
	}
}

func explode() { panic("boom") }

func neverBuilt() { panic("it cannot be built") }

// A panic in a goroutine of the engine fails its run, and the others go on. It takes the second or
// so in which five processes start.
func TestIsolate(t *testing.T) {
	code, out, log := chaosrun(fragile(), "run", "healthy", "server-error", "overloaded", "quota-exhausted",
		"rate-limited", "--isolate", "--clock", "wall")
	if code != cli.ExitFailed {
		t.Errorf("got the exit code %d", code)
	}
	for _, want := range []string{
		"passed   healthy / fragile", "passed   rate-limited / fragile",
		"failed   server-error / fragile",
		"the engine panicked: boom in github.com/chaosrun/chaosrun/cli_test.explode at ",
		"failed   overloaded / fragile", "the engine panicked: while it was built: it cannot be built in " +
			"github.com/chaosrun/chaosrun/cli_test.neverBuilt at ",
		"failed   quota-exhausted / fragile", "the engine panicked: it ended the process: exit code 7",
		"replay: mychaos run server-error --isolate --clock wall --seed 1\n",
		"2 passed, 3 failed",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no %q", want)
		}
	}
	if t.Failed() {
		t.Logf("%s\n%s", out, log)
	}
}

// TestIsolateClocks has a command line that is not that of the process, so it cannot be run again
// in virtual time.
func TestIsolateClocks(t *testing.T) {
	code, out, log := chaosrun(fragile(), "run", "healthy", "--isolate", "--clock", "virtual")
	if code != cli.ExitUnknown ||
		!strings.Contains(log,
			"cli.Main was called with other arguments or streams than the process has; write --clock wall") {
		t.Errorf("virtual: got %d\n%s%s", code, out, log)
	}
	if code, out, log := chaosrun(fragile(), "run", "healthy", "--isolate", "--clock", "x10"); code != cli.ExitPassed {
		t.Errorf("x10: got %d\n%s%s", code, out, log)
	}
}
