package cli_test

import (
	"os"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/harness"
)

// newTarget builds the engine under test; see docs/WRITING_A_TARGET.md.
func newTarget(lab harness.Lab) harness.Target { return engine{lab} }

// A custom command with every subcommand for its own engine: mychaos run --tags stall
func ExampleMain() {
	main := func() {
		os.Exit(cli.Main(cli.Options{
			Program: "mychaos",
			Targets: campaign.Targets{{Name: "mine", Title: "Our engine", Factory: newTarget}},
		}))
	}
	_ = main
}
