package cli_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
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

// The same command is a worker: `mychaos worker` answers a chaosrun whose target file starts it, in
// a process of its own.
func ExampleMain_worker() {
	const file = `
target: mine
kind: worker
start: {command: [mychaos, worker, --target, mine]}
`
	target, err := targets.Load(scenarios.Shipped(), "mine.yaml", []byte(file))
	if err != nil {
		panic(err)
	}
	fmt.Println(target.Kind, target.Start.Command)

	cli.Main(cli.Options{
		Program: "mychaos", Args: []string{"worker", "--target", "mine"},
		Targets: campaign.Targets{{Name: "mine", Title: "Our engine", Factory: newTarget}},
		Stdin:   strings.NewReader(`{"v":1,"run":{"scenario":"healthy","seed":1,"upstreams":[]}}` + "\n"),
	})
	// Output:
	// worker [mychaos worker --target mine]
	// {"run":true,"engine":"mine"}
}
