package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/targets"
)

// write writes the lanes and the reports.
func (k *execCmd) write(c console, sinks []campaign.Sink, run reports.Run, took time.Duration) error {
	var lanes error
	if !campaign.ToStandardOutput(sinks) && (!k.Quiet || !run.Verdict.Holds()) {
		if err := reports.Lanes(c.out, run, c.screen); err != nil {
			lanes = &campaign.OutputError{Err: fmt.Errorf("standard output: %w", err)}
		}
	}
	report, err := campaign.OpenReport(sinks, c.reports(), reports.Header{
		Version: programVersion(), Seed: k.Seed, Screen: c.screen,
	}, c.out)
	if err != nil {
		return err
	}
	var total reports.Summary
	total.Add(run)
	total.Took(took)
	return errors.Join(lanes, report.Add(run), report.Close(total))
}

// replay returns the command line that repeats the run.
func (k *execCmd) replay(c console, scenario string, command []string) string {
	words := []string{c.Program, "exec", scenario, "--seed", strconv.FormatUint(k.Seed, 10)}
	for _, l := range k.Limit {
		words = append(words, "--limit", l)
	}
	if k.Deadline > 0 {
		words = append(words, "--deadline", k.Deadline.String())
	}
	if k.Cadence != defaultCadence {
		words = append(words, "--cadence", k.Cadence)
	}
	for _, p := range k.Protocol {
		words = append(words, "--protocol", p)
	}
	return targets.CommandLine(slices.Concat(words, []string{"--"}, command))
}

// execExit returns the error for the verdict or the command's own exit code, whichever is worse.
func execExit(result *targets.ExecResult, v assertions.Verdict) error {
	switch {
	case result.Interrupted:
		return &exitError{code: ExitInterrupted, err: errors.New("interrupted: the requests until then are judged")}
	case v == assertions.Skipped:
		return &exitError{code: ExitUnknown, err: errors.New("the command did not run: the scenario was skipped")}
	}
	if err := exitOf(v); err != nil {
		return err
	}
	if result.Code != 0 {
		return &exitError{code: result.Code, err: fmt.Errorf("the command ended with exit code %d", result.Code)}
	}
	return nil
}
