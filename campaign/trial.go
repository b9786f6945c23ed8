package campaign

import (
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
)

// NewRun returns the report of a trial that was made without a plan. replay is the command that
// repeats it. The timeline is kept.
func NewRun(t *harness.Trial, replay string) reports.Run { return newRun(t, replay) }
