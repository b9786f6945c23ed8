package fault

import (
	"bytes"
	"cmp"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ReplayedPrefix sends the beginning of the answer again in the middle.
type ReplayedPrefix struct {
	// After is how many pieces of the answer arrive before they all come again. Default 5, at most
	// 1000.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = ReplayedPrefix{}
	_ fakeprovider.Step      = ReplayedPrefix{}
	_ fakeprovider.Validator = ReplayedPrefix{}
)

// maxReplay and maxReplayBytes bound what is replayed, in pieces and in bytes.
const (
	maxReplay      = 1000
	maxReplayBytes = 1 << 20
)

// Info describes the fault.
func (ReplayedPrefix) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S15"}, Name: "replayed-prefix",
		Title: "The stream begins again in its middle, and then goes on where it was",
		Why: "A gateway that has reconnected to its upstream replays what was sent already. The client has no retry " +
			"of its own to blame.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note:     "Deliver it once, or return an error if the repetition shows.",
		},
		Issues: []string{
			"https://github.com/modelcontextprotocol/typescript-sdk/pull/2547",
			"https://github.com/HKUDS/nanobot/issues/4038",
		},
		StreamOnly: "a body has no events",
		Default:    ReplayedPrefix{After: defaultDropAfter},
	}
}

// Validate refuses more than can be kept.
func (p ReplayedPrefix) Validate() error {
	return within("replayed-prefix", "after", p.After, 1, maxReplay)
}

// Script repeats a part of a healthy answer.
func (p ReplayedPrefix) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p ReplayedPrefix) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (p ReplayedPrefix) Play(_ context.Context, x fakeprovider.Exchange) error {
	var prefix []byte
	seen, n := 0, cmp.Or(p.After, defaultDropAfter)
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if seen >= n {
			return next(data)
		}
		if len(prefix)+len(data) <= maxReplayBytes {
			prefix = append(prefix, data...)
		}
		if f.Kind.IsContent() {
			seen++
		}
		if seen < n {
			return next(data)
		}
		replay := bytes.Clone(prefix)
		prefix = nil
		return inPieces(next, data, replay)
	})
	return nil
}
