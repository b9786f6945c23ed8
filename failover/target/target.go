package target

import (
	"context"
	"fmt"
	"slices"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/harness"
)

// Name is the target's name on the command line.
const Name = "failover"

// Factory returns a factory for engines with the given policy. Durations of the policy are
// scenario time. The factory works with any clock, for any number of runs.
func Factory(policy failover.Policy) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		var chain []failover.Provider
		for _, u := range lab.Upstreams() {
			if !slices.Contains(failover.Protocols(), u.Protocol) {
				return harness.Skip{
					Reason: fmt.Sprintf("the engine does not speak %s, the protocol of %s", u.Protocol, u.Name),
				}
			}
			chain = append(chain, failover.Provider{
				Name: u.Name, Protocol: u.Protocol, BaseURL: u.URL, APIKey: u.Key, Model: u.Model,
				HTTPClient: u.HTTPClient,
				Remote:     true, // fake providers on loopback represent remote vendors
			})
		}
		engine, err := failover.New(failover.Config{
			Policy: scaled(policy, lab.Scale()), Chain: chain, Seed: lab.Seed(),
			OnDecision: func(d failover.Decision) { lab.Explain(d.String()) },
		})
		if err != nil {
			panic(err) // the policy contradicts itself; the panic becomes the run's verdict
		}
		return engineTarget{engine}
	}
}

// scaled returns the policy with its durations converted to package time.
func scaled(policy failover.Policy, scale float64) failover.Policy {
	if scale == 1 {
		return policy
	}
	return policy.Scaled(1 / scale)
}

// An engineTarget adapts an engine to harness.Target.
type engineTarget struct{ engine *failover.Engine }

var _ harness.Target = engineTarget{}

// Call makes one call of the engine.
func (t engineTarget) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	_, err := t.engine.Call(ctx, failover.Request{
		Prompt: req.Prompt, System: req.System, History: history(req.Messages), Tools: tools(req.Tools),
		ContextTokens: req.ContextTokens, ContextWindow: req.ContextWindow,
		Stream: req.Stream, Restarts: req.Restarts,
	}, func(d failover.Delta) {
		switch d.Kind {
		case failover.DeltaText:
			emit(harness.Text(d.Text))
		case failover.DeltaThinking:
			emit(harness.Thinking(d.Text))
		case failover.DeltaToolCall:
			emit(harness.ToolCall(d.Tool.Index, d.Tool.ID, d.Tool.Name, d.Tool.Arguments))
		case failover.DeltaRestart:
			emit(harness.Restart())
		}
	})
	if err != nil {
		return fmt.Errorf("failover: %w", err)
	}
	return nil
}

// history returns the messages of a conversation, and tools its tools, as the engine takes them.
func history(messages []harness.Message) (all []failover.Message) {
	for _, m := range messages {
		all = append(all, failover.Message{Role: failover.Role(m.Role), Text: m.Text})
	}
	return all
}

func tools(known []harness.Tool) (all []failover.Tool) {
	for _, t := range known {
		all = append(all, failover.Tool{Name: t.Name, Description: t.Description, Parameters: t.Schema()})
	}
	return all
}

// Close closes the engine.
func (t engineTarget) Close() error { return t.engine.Close() } //nolint:wrapcheck // it is the engine's own
