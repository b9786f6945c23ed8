package cli

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/targets"
)

// releases finds the releases that --versions asks for, and installs them.
func (r *runCmd) releases(c console) error {
	if len(r.Policy) > 0 {
		return usage("--versions %s: an engine of this program has policies, not versions; remove --policy or name a "+
			"--target", r.Versions)
	}
	log := io.Discard
	if !r.Quiet {
		log = commandLines{c.err}
	}
	var err error
	r.lineage, err = c.lineage(r.Target, r.Versions, log)
	return err
}

// variants returns the engines that the command line chooses.
func (r *runCmd) variants(c console) ([]campaign.Variant, error) {
	if r.lineage == nil {
		return c.variants(r.Target, r.Policy, r.Set)
	}
	set, err := parseSettings(r.Set)
	if err != nil {
		return nil, err
	}
	return r.lineage.variants(targets.Options{
		Variant: r.lineage.variant, Set: set, Words: c.Vocabulary, Log: c.logs, Warn: c.warn,
	})
}

// compared returns add, which takes each run, and a function that prints the comparison of the
// releases at the end: to standard output, unless a report goes there.
func (r *runCmd) compared(c console, report *campaign.Report) (add func(reports.Run) error, done func() error) {
	if r.lineage == nil {
		return report.Add, func() error { return nil }
	}
	releases := r.lineage.comparison()
	add = func(run reports.Run) error {
		r.lineage.add(releases, run)
		return report.Add(run)
	}
	out := c.out
	if slices.ContainsFunc(r.Report, func(sink string) bool {
		return strings.HasSuffix(sink, "="+campaign.StandardOutput)
	}) {
		out = c.err
	}
	return add, func() error { return releases.Text(out, screenOf(out)) }
}

// commandLines passes on the commands of an installation, but not their output.
type commandLines struct{ to io.Writer }

// Write takes a line, or some output.
func (l commandLines) Write(data []byte) (int, error) {
	if strings.HasPrefix(string(data), "+ ") {
		return l.to.Write(data) //nolint:wrapcheck // it is standard error
	}
	return len(data), nil
}

// bisected returns the error that git bisect run expects, with --bisect.
func (r *runCmd) bisected(err error) error {
	if r.Bisect && err != nil {
		var exit *exitError
		if !errors.As(err, &exit) || exit.code != ExitFailed {
			return &exitError{code: ExitBisectSkip, err: err}
		}
	}
	return err
}
