package campaign

import (
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
)

// NewRun returns the report of a trial that was made without a plan, with its timeline. replay is
// the command that repeats it.
func NewRun(t *harness.Trial, replay string) reports.Run { return newRun(t, replay) }

// Pauses returns the option of the harness for the cadence. It returns none for "auto", which needs
// a plan, and for "as-written".
func (c Cadence) Pauses() []harness.Option {
	if c.every <= 0 {
		return nil
	}
	return []harness.Option{harness.WithCadence(c.every)}
}
