package cli

import (
	"encoding/json"
	"fmt"

	"github.com/chaosrun/chaosrun/internal/doctor"
)

type doctorCmd struct {
	JSON bool `name:"json" help:"Print the diagnosis as JSON."`
}

// Help returns the text below the flags.
func (doctorCmd) Help() string {
	return `Examples:
  chaosrun doctor
  chaosrun doctor --json

It says which clocks work here for engines in this program and in other processes. For each that does not, it says
why, what that costs, and what to do.
Exit codes: 0 other processes can run in virtual time here, 3 they cannot.`
}

// Run prints the diagnosis of this machine.
func (d doctorCmd) Run(c console) error {
	diagnosis := doctor.Diagnose(doctor.Look())
	if d.JSON {
		enc := json.NewEncoder(c.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(diagnosis); err != nil {
			return fmt.Errorf("doctor: %w", err)
		}
	} else {
		c.say("%s", diagnosis)
	}
	if !diagnosis.VirtualTime() {
		return &exitError{code: ExitUnknown}
	}
	return nil
}
