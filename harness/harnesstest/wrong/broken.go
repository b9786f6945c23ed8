package wrong

import (
	"context"
	"errors"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// atOnce is a primary that answers at once, so that a hot loop is hot, and a healthy fallback.
func atOnce() scenarios.Scenario {
	s := scenarios.OfFault("wrong-engine", fault.RateLimited{})
	s.Deadline = time.Hour
	return s
}

// broken are engines that do not get as far as a judgement.
func broken() []Engine {
	all := []Engine{
		{
			Name: "panics", Wrong: "It panics in its call.",
			Factory: Panics(), Says: []string{"the engine panicked", "nil map", "broken.go:"},
		},
		{
			Name: "panics-while-built", Wrong: "It panics in its factory.",
			Factory: PanicsWhileBuilt(), Says: []string{"the engine panicked: while it was built: no config"},
		},
		{
			Name: "asks-a-stranger", Wrong: "It wants a provider that the scenario does not have.",
			Factory: AsksAStranger(), Says: []string{`no provider "tertiary"`, "primary, secondary"},
		},
		{
			Name: "asks-in-a-hot-loop", Wrong: "It asks again at once, for ever.",
			Factory: AsksInAHotLoop(), Says: []string{"a storm of more than 5000 requests"},
		},
		{
			Name: "never-asks", Wrong: "It returns an error without asking anybody.",
			Factory: NeverAsks(), Says: []string{"never sent a request to primary", "no route"},
		},
		{
			Name: "forgets-its-key", Wrong: "It asks without a key.",
			Factory: ForgetsItsKey(), Says: []string{"primary refused every request", "401"},
		},
	}
	for i := range all {
		all[i].Scenario, all[i].Finding, all[i].Rule = atOnce(), assertions.PremiseName, harnesstest.RuleAnswers
	}
	return all
}

// Panics panics in its call.
func Panics() harness.Factory {
	return call(func(context.Context, harness.Upstream, func(harness.Delta)) error {
		var m map[string]int
		m["x"] = 1 //nolint:govet,staticcheck // the panic is the point
		return nil
	}).factory()
}

// PanicsWhileBuilt panics in its factory.
func PanicsWhileBuilt() harness.Factory {
	return func(harness.Lab) harness.Target { panic("no config") }
}

// AsksAStranger wants a provider that the scenario does not have.
func AsksAStranger() harness.Factory {
	return func(lab harness.Lab) harness.Target { return harness.Skip{Reason: lab.URL("tertiary")} }
}

// AsksInAHotLoop asks again at once, for ever.
func AsksInAHotLoop() harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
		for {
			if err := askAndClose(ctx, u); err != nil {
				return err
			}
		}
	}).factory()
}

// NeverAsks returns an error without asking anybody.
func NeverAsks() harness.Factory {
	return call(func(context.Context, harness.Upstream, func(harness.Delta)) error {
		return errors.New("no route")
	}).factory()
}

// ForgetsItsKey asks without a key.
func ForgetsItsKey() harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
		u.Key = ""
		return askAndClose(ctx, u)
	}).factory()
}
