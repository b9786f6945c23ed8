package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/proctime"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/targets"
)

type fixtureCmd struct {
	Scenario string `arg:"" help:"A scenario by name or file."`
	stageFlags
	Replay string `placeholder:"COMMAND" help:"What repeats the test, for its report. Default: the test, by its seed."`
}

// Help returns the text below the flags.
func (fixtureCmd) Help() string {
	return `The packages for Python and Node start it; docs/FIXTURE.md is for who writes one for another language:
it starts the scenario's providers, prints where they are, reads on standard input what the test's caller got, and
answers with the verdict, in JSON lines. It ends when standard input does.

Example:
  chaosrun fixture heartbeat-only --protocol openai-chat --limit time_to_fallback=30s`
}

// longestOnTheWall cuts a call of a test that has not set another deadline, where time is real: no
// test suite waits for the scenario's two hours.
const longestOnTheWall = 10 * time.Minute

// Run serves the providers and the verdict until standard input ends. It ignores an interrupt,
// which reaches all processes of a terminal: the test decides what it means. SIGTERM ends it.
func (k *fixtureCmd) Run(c console) error {
	s, err := k.scenario(c, "fixture", k.Scenario)
	if err != nil {
		return k.refuse(c, err)
	}
	opts, err := k.options()
	if err != nil {
		return k.refuse(c, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	f := &targets.Fixture{
		In: c.Stdin, Out: c.out, Environ: os.Environ(), Vocabulary: c.Vocabulary, Judged: k.judged,
	}
	if proctime.Inside() {
		f.Clock = harness.Tree()
		if pace := proctime.Pace(); pace > 0 {
			f.Clock = harness.TreeAt(pace)
		}
	} else {
		f.Notes = []string{k.inRealTime(c)}
		s.Deadline = min(s.Deadline, cmp.Or(k.Deadline, longestOnTheWall))
	}
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = os.Stderr // what is printed must not break the lines
	if err := f.Serve(ctx, s, opts...); err != nil {
		return &exitError{code: ExitUnknown, err: err}
	}
	return nil
}

// refuse tells the test, too, why there is no run.
func (k *fixtureCmd) refuse(c console, err error) error {
	targets.FixtureError(c.out, textOf(err), codeOf(err))
	return err
}

// inRealTime says why the time is real, and how it is not.
func (k *fixtureCmd) inRealTime(c console) string {
	if why := c.virtualTime(); why != nil {
		return fmt.Sprintf("in real time: %v; see: %s doctor", why, c.Program)
	}
	return fmt.Sprintf("in real time: %s exec -- COMMAND runs a whole test command in virtual time", c.Program)
}

// judged returns the report and the text of a run.
func (k *fixtureCmd) judged(t *harness.Trial) (report any, text string) {
	replay := cmp.Or(k.Replay, fmt.Sprintf("the test again, with seed %d", k.Seed))
	run := campaign.NewRun(t, replay)
	return run, reports.TextOf(run)
}
