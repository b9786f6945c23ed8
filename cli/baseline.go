package cli

import (
	"fmt"

	"github.com/chaosrun/chaosrun/campaign"
)

// baselineFlags name the runs that are expected to fail.
type baselineFlags struct {
	Baseline      string `placeholder:"FILE" help:"File with lines 'scenario / target' of expected failures. A new failure, or one that is fixed, fails the command."`
	WriteBaseline string `placeholder:"FILE" help:"Write the failures of these runs to FILE, for --baseline."`
}

// verdictOf returns the error for the verdict of some runs. It prints what is fixed, and writes the
// new baseline, whose failures then pass. Lines of the baseline without a run are worth a sentence
// if whole says that these are all runs.
func (b *baselineFlags) verdictOf(c console, result *campaign.Result, whole bool) error {
	for _, fixed := range result.Fixed {
		fmt.Fprintln(c.err, fixed)
	}
	if note := result.Unmatched(); note != "" && whole {
		fmt.Fprintln(c.err, "note: "+note)
	}
	if b.WriteBaseline == "" {
		return exitOf(result.Verdict())
	}
	listed, err := result.WriteBaseline(b.WriteBaseline)
	if err != nil {
		return c.beside(exitOf(result.Verdict()), err)
	}
	fmt.Fprintf(c.err, "%s: %d expected to fail\n", b.WriteBaseline, listed)
	if b.Baseline != "" {
		return exitOf(result.Verdict())
	}
	return exitOf(result.Accepted())
}

// verdict returns the error for the verdict of the runs.
func (r *runCmd) verdict(c console, plan *campaign.Plan, result *campaign.Result) error {
	if result.Interrupted {
		return &exitError{
			code: ExitInterrupted,
			err:  fmt.Errorf("interrupted after %d of %d runs", result.Summary.Runs(), plan.Len()),
		}
	}
	if plan.Len() == 0 { // the other shards have the verdict
		return nil
	}
	if r.Lane != "" {
		return exitOf(result.Verdict())
	}
	return r.verdictOf(c, result, r.Shard == "" && !r.FailFast && !r.Quiet)
}

// checkBaseline refuses a new baseline that would not be whole, or cannot be written.
func (r *runCmd) checkBaseline(c console) error {
	switch {
	case r.WriteBaseline == "" || r.Lane != "":
		return nil
	case r.Shard != "":
		return usage("--write-baseline %s: a shard has only some failures; merge the shards: %s report A.json B.json "+
			"--write-baseline %[1]s", r.WriteBaseline, c.Program)
	case r.FailFast:
		return usage("--write-baseline %s: with --fail-fast it would have one failure only", r.WriteBaseline)
	}
	return campaign.CheckBaseline(r.WriteBaseline) //nolint:wrapcheck // its text is for the user
}
