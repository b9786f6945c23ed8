package failover

import "time"

// ChainPolicy is how the engine goes from one provider of the chain to the next.
type ChainPolicy struct {
	// StayOnTimeout opts out of leaving a provider early because its transport failed: FallBackAt is not looked at for
	// the reason timeout, and nothing is hedged. Default: false.
	StayOnTimeout bool `yaml:"stay_on_timeout"`
	// HopBudget is how long one provider may take of a call, retries and waits included, before its content begins.
	// The last one left is not bounded by it. Default: none.
	ProviderTimeout time.Duration `yaml:"hop_budget"`
	// SkipSameBackend passes over a provider with the base URL and the model of one that has failed in the same call
	// (https://github.com/NousResearch/hermes-agent/issues/22548). Default: false.
	SkipSameBackend bool `yaml:"skip_same_backend"`
	// SkipDeadKey passes over a provider all of whose keys have been refused in the same call, whoever refused them: see
	// Handling.RotateAt (https://github.com/NousResearch/hermes-agent/issues/33996). Default: false.
	SkipDeadKey bool `yaml:"skip_dead_key"`
}

// Hedge starts the next provider beside one that keeps the caller waiting. The first of the two that gives content has
// the call, and the other one's transport is closed at that instant.
//
// It is not done once the caller holds content that cannot be taken back. Where it would be done and may not,
// because of PerCall or Budget, the slow attempt is killed instead, so that the next provider is asked as early.
type Hedge struct {
	// After is how long no content has come, of a streamed answer. Default: 0, never.
	After time.Duration `yaml:"after"`
	// CallAfter is the same for answers that are not streamed. Default: 0, never.
	CallAfter time.Duration `yaml:"call_after"`
	// PerCall is how many requests one call may add in this way. Default: 1.
	PerCall int `yaml:"per_call"`
	// Budget bounds what all calls together may add.
	Budget Budget `yaml:"budget"`
}

func (h Hedge) after(req Request) time.Duration {
	if req.Stream {
		return h.After
	}
	return h.CallAfter
}

// A Budget bounds what an engine does beyond one request per call, over all its calls: each call pays Ratio in, up to
// Burst, and each extra request takes 1 out.
type Budget struct {
	// Ratio is how many extra requests a call stands for in the long run, as 0.2.
	Ratio float64 `yaml:"ratio"`
	// Burst is what the budget holds at first and at most. Default: 0, no bound.
	Burst int `yaml:"burst"`
}

// Memory is what an engine learns in one call for the others, of all turns and at the same time.
type Memory struct {
	Cooldown Cooldown `yaml:"cooldown"`
	Breaker  Breaker  `yaml:"breaker"`
}

// Cooldown lets a provider rest that was left for a reason with Handling.Cooldown. While it rests it stands behind all that do not,
// and is asked when none of them has answered.
type Cooldown struct {
	// Base is how long it rests the first time. Default: 0, never.
	Base time.Duration `yaml:"base"`
	// Cap is the most that doubling, with each time in a row, leads to.
	Cap time.Duration `yaml:"cap"`
	// Probes is how many calls at once find out whether it is back, when its rest is over; the others go on without it
	// until one of them was answered. Default: 0, all calls go back at once.
	Probes int `yaml:"probes"`
	// Exhausted is how long the first provider of the chain rests after a call that nobody answered, whatever the reason
	// (https://github.com/NousResearch/hermes-agent/issues/24996). Default: 0, it does not.
	Exhausted time.Duration `yaml:"exhausted"`
}

// Breaker refuses to ask a provider after too many stale kills in a row, of all calls. To the call that is a
// circuit_open failure of the transport, which is not retried.
type Breaker struct {
	// Kills in a row open the breaker; an answer starts the count again. Default: 0, never.
	Kills int `yaml:"kills"`
	// OpenFor is how long it stays open before one attempt is let through, and again if that fails. Default: 0, for good
	// (https://github.com/NousResearch/hermes-agent/issues/96054).
	OpenFor time.Duration `yaml:"open_for"`
	// ForgetOnFallback starts the count again whenever the chain goes on to the next provider. Default: false.
	ForgetOnFallback bool `yaml:"forget_on_fallback"`
}
