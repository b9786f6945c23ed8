package campaign

import (
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
)

// NewRun returns the report of a trial that was made without a plan. replay is the command that
// repeats it. The timeline is kept.
func NewRun(t *harness.Trial, replay string) reports.Run { return newRun(t, replay) }

// Pauses returns the option of the harness for a cadence of that many heartbeats, and none for one
// that leaves the scenario's pauses alone or that a plan would have to find out.
func (c Cadence) Pauses() []harness.Option {
	if c.every <= 0 {
		return nil
	}
	return []harness.Option{harness.WithCadence(c.every)}
}
