package fault

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Latency delays all that the provider sends. It keeps the order and the distances.
type Latency struct {
	// Delay is how late. Default 2s, the round trip of a link that is hardly of use.
	Delay time.Duration `yaml:"delay"`
	// Jitter is how much later still each write may be, drawn from the run's seed; none overtakes
	// another. Default 0s.
	Jitter time.Duration `yaml:"jitter"`
}

var (
	_ fakeprovider.Overlay   = Latency{}
	_ fakeprovider.Step      = Latency{}
	_ fakeprovider.Validator = Latency{}
)

const defaultLatency = 2 * time.Second

// Info describes the fault.
func (Latency) Info() fakeprovider.Info {
	return fakeprovider.Info{
		Name: "latency", Title: "Everything arrives late, and is all right",
		Why: "The time to the first token grows and the pace stays, so that whoever judges a provider by its first " +
			"token alone leaves one that would have answered.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Be patient within the limit for the first token, and ask the next provider beyond it.",
		},
		Issues: []string{"https://github.com/BerriAI/litellm/issues/5859"},
		HTTP1:  true, Default: Latency{Delay: defaultLatency},
	}
}

// Validate refuses negative times.
func (p Latency) Validate() error {
	return errors.Join(notNegative("latency", "delay", p.Delay), notNegative("latency", "jitter", p.Jitter))
}

// Script delays a healthy answer.
func (p Latency) Script() fakeprovider.Script { return fakeprovider.Over(p, fakeprovider.Healthy{}) }

// Lay returns the fault itself, as a step.
func (p Latency) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play lays the delay over the connection.
func (p Latency) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	wire.Delay("latency", func() time.Duration {
		late := cmp.Or(p.Delay, defaultLatency)
		if p.Jitter > 0 {
			late += time.Duration(x.Asked().Rand.Int64N(int64(p.Jitter) + 1))
		}
		return late
	})
	return nil
}
