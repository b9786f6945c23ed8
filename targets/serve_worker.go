package targets

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/targets/worker"
)

// A WorkerOptions says what a worker serves.
type WorkerOptions struct {
	// Factory builds the engine, once per run.
	Factory harness.Factory
	// Engine is its name and version, for reports. Default: none.
	Engine string
	// In has the lines of chaosrun, and Out receives the answers. Write nothing else to Out.
	In  io.Reader
	Out io.Writer
	// Log receives the engine's explanations of decisions. Default: they are discarded.
	Log io.Writer
}

// ServeWorker makes a worker of an engine: it answers the runs and calls that arrive on In, until
// In or ctx ends, as [worker.Serve] does.
func ServeWorker(ctx context.Context, o WorkerOptions) error {
	if o.Log == nil {
		o.Log = io.Discard
	}
	return worker.Serve(ctx, worker.Options{Build: o.build, Engine: o.Engine, In: o.In, Out: o.Out})
}

// build builds the engine of a run.
func (o WorkerOptions) build(ctx context.Context, run worker.Run) (worker.Engine, error) {
	lab := harness.LabOptions{
		Context: ctx, Scenario: run.Scenario, Seed: run.Seed, Scale: run.Scale, AtOnce: run.AtOnce,
		Explain: func(text string) { fmt.Fprintf(o.Log, "explained: %s\n", text) },
	}
	for _, u := range run.Upstreams {
		lab.Upstreams = append(lab.Upstreams, harness.Upstream{
			Name: u.Name, Protocol: u.Protocol, URL: u.URL, BaseURL: u.BaseURL, Key: u.Key, Model: u.Model,
		})
	}
	switch target := o.Factory(harness.NewLab(lab)).(type) {
	case harness.Skip:
		return nil, worker.Skip(target.Reason)
	case harness.CannotLook:
		return nil, errors.New(target.Reason)
	case nil:
		return nil, errors.New("the factory returned no target")
	default:
		return served{target}, nil
	}
}

// A served is a target that answers the calls of a worker.
type served struct{ target harness.Target }

// Call makes a call.
func (s served) Call(ctx context.Context, c *worker.Call) (end worker.End, err error) {
	err = s.target.Call(ctx, requestOf(c), func(d harness.Delta) { deliver(c, &end, d) })
	return end, err
}

// Close closes the target, if it can be closed.
func (s served) Close() error {
	if closer, ok := s.target.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// deliver gives a piece of an answer. Facts about the whole answer go into its end.
func deliver(c *worker.Call, end *worker.End, d harness.Delta) {
	switch d.Kind {
	case harness.DeltaText:
		c.Text(d.Text)
	case harness.DeltaThinking:
		c.Thinking(d.Text)
	case harness.DeltaToolCall:
		if d.Tool == (harness.ToolPiece{}) { // name and arguments, one after the other
			d.Tool.Arguments = d.Text
		}
		c.Tool(worker.Tool{
			Index: max(0, d.Tool.Number-1), ID: d.Tool.ID, Name: d.Tool.Name, Arguments: d.Tool.Arguments,
		})
	case harness.DeltaRestart:
		c.Restart()
	case harness.DeltaModel:
		end.Model = d.Text
	case harness.DeltaFinish:
		end.Finish = d.Text
	case harness.DeltaUsage:
		var usage worker.Usage
		if _, err := fmt.Sscanf(d.Text, "%d in, %d out", &usage.Input, &usage.Output); err == nil {
			end.Usage = &usage
		}
	case harness.DeltaRequest, harness.DeltaHeaders, harness.DeltaHeartbeat, harness.DeltaFrame, harness.DeltaMark,
		harness.DeltaBodyEnd:
		// The protocol has no message for headers: a worker's caller is not an HTTP client.
	}
}
