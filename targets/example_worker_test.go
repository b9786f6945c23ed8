package targets_test

import (
	"context"
	"os"
	"strings"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/targets"
)

// A worker without package cli: an engine, and the two streams over which chaosrun asks it.
func ExampleServeWorker() {
	engine := func(lab harness.Lab) harness.Target {
		return harness.TargetFunc(func(_ context.Context, req harness.Request, emit func(harness.Delta)) error {
			emit(harness.Text("asked " + lab.Upstreams()[0].Name + " to " + req.Prompt))
			return nil
		})
	}
	in := strings.NewReader(
		`{"v":1,"run":{"scenario":"healthy","seed":1,"upstreams":[{"name":"primary","url":"http://127.0.0.1:4010"}]}}` +
			"\n" +
			`{"v":1,"call":1,"prompt":"say hello"}` + "\n")
	err := targets.ServeWorker(context.Background(), targets.WorkerOptions{
		Factory: engine, Engine: "ours 1.2.3", In: in, Out: os.Stdout,
	})
	if err != nil {
		panic(err)
	}
	// Output:
	// {"run":true,"engine":"ours 1.2.3"}
	// {"call":1,"text":"asked primary to say hello"}
	// {"call":1,"end":true}
}
