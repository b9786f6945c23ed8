package targets_test

import (
	"context"
	"fmt"
	"os"

	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
)

// Load reads a target file, and returns all of its problems at once.
func ExampleLoad() {
	_, err := targets.Load(scenarios.Shipped(), "gateway.yaml", []byte(`target: mine
kind: gateway
call: {base_url: "{{url}}/v1", model: any}
upstreams: [{listen: "4010"}]
`))
	fmt.Println(err)
	// Output:
	// gateway.yaml:3:19: {{url}} is the address of a gateway that chaosrun starts: it does not start this one
	//     call: {base_url: "{{url}}/v1", model: any}
	//                       ^
	// gateway.yaml:4:22: "4010" is not an address: write HOST:PORT, as in 127.0.0.1:4010
	//     upstreams: [{listen: "4010"}]
	//                          ^
}

// Shipped finds the targets that ship, by name. All describes them, and Find writes the files of
// one into $CHAOSRUN_HOME, to run it.
func ExampleShipped() {
	all, err := targets.Shipped().All(scenarios.Shipped())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, target := range all {
		if target.Name == "running-gateway" {
			fmt.Println(target.Kind, target.Title)
		}
	}
	// Output:
	// gateway A gateway that runs already, such as a container
}

// Variants returns the engines of a target, as a campaign runs them.
func ExampleTarget_Variants() {
	target, err := targets.Load(scenarios.Shipped(), "gateway.yaml", []byte(`target: mine
kind: gateway
start: {command: [my-gateway, --port, "{{port}}", --retries, "{{settings.retries}}"]}
call: {base_url: "{{url}}/v1"}
settings: {retries: "2"}
variants:
  defaults: {}
  patient: {retries: "5"}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	variants, err := target.Variants(targets.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range variants {
		fmt.Println(v.Name, v.Settings["retries"])
	}
	// Output:
	// mine@defaults 2
	// mine@patient 5
}

// An Exec runs a user's own command against the providers of a scenario.
func ExampleExec_Run() {
	scenario, err := scenarios.Find("heartbeat-only")
	if err != nil {
		fmt.Println(err)
		return
	}
	command := targets.Exec{
		Command: []string{"pytest", "tests/test_fallback.py"}, Environ: os.Environ(), Stdout: os.Stdout,
	}
	result, err := command.Run(context.Background(), scenario)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Trial.Verdict(), result.Code)
}
