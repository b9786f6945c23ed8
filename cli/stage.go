package cli

import (
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// stageFlags say what the providers of one scenario do, for the code that makes its calls: a
// command or a test.
type stageFlags struct {
	Limit    []string      `placeholder:"MEASURE=TIME" help:"Override a limit of the scenario: --limit time_to_fallback=30s."`
	Deadline time.Duration `placeholder:"TIME" help:"Cut everything after this time. Default: the scenario's deadline."`
	Protocol []string      `placeholder:"NAME" help:"Protocol that the tested code speaks, repeatable. Providers with another protocol speak the first one. Default: as in the scenario."`
	Cadence  string        `default:"500ms" placeholder:"CADENCE" help:"Longest pause between heartbeats, or as-written. Default: 500ms. With longer pauses, an idle timer of a second would look like a watchdog on content."`
	Seed     uint64        `default:"1" help:"Seed of all random choices. Default: 1."`
}

// defaultCadence is the default of --cadence.
const defaultCadence = "500ms"

// scenario finds the scenario for a subcommand, with the limits and the deadline in effect.
func (f *stageFlags) scenario(c console, command, name string) (scenarios.Scenario, error) {
	found, err := campaign.Select(c.Vocabulary, []string{name})
	if err != nil {
		return scenarios.Scenario{}, err
	}
	if len(found) != 1 {
		return scenarios.Scenario{}, usage("%s: %q matches %d scenarios, want one", command, name, len(found))
	}
	limits, err := f.limits(c, command)
	if err != nil {
		return scenarios.Scenario{}, err
	}
	for _, p := range f.Protocol {
		if _, ok := c.Vocabulary.Protocol(p); !ok {
			return scenarios.Scenario{},
				usage("--protocol %q: no such protocol%s", p, campaign.DidYouMean(p, c.Vocabulary.ProtocolNames()))
		}
	}
	s := found[0].WithLimits(limits)
	if f.Deadline > 0 {
		s.Deadline = f.Deadline
	}
	return s, nil
}

// limits parses --limit. The calls are not made here, so only --deadline ends them.
func (f *stageFlags) limits(c console, command string) (assertions.Limits, error) {
	limits, err := campaign.ParseLimits(c.Vocabulary, f.Limit)
	if call, ok := limits[campaign.CallLimit]; ok {
		return nil, usage("--limit %s=%s: %s does not make the calls: write --deadline %[2]s", campaign.CallLimit, call,
			command)
	}
	return limits, err //nolint:wrapcheck // its text is for the user
}

// options returns the options of the harness. It refuses auto, because the timers of the tested
// code are unknown.
func (f *stageFlags) options() ([]harness.Option, error) {
	if f.Cadence == "auto" {
		return nil, usage("--cadence auto: only run can measure timers; write a time, or as-written")
	}
	cadence, err := campaign.ParseCadence(f.Cadence)
	opts := slices.Concat(cadence.Pauses(), []harness.Option{harness.WithSeed(f.Seed)})
	if len(f.Protocol) > 0 {
		opts = append(opts, harness.WithProtocols(f.Protocol...))
	}
	return opts, err //nolint:wrapcheck // its text is for the user
}
