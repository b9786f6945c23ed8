package failover

import "time"

// ChainPolicy says how the engine goes from one provider of the chain to the next.
type ChainPolicy struct {
	// StayOnTimeout keeps a provider whose transport failed: FallBackAt is ignored for the reason
	// timeout, and nothing is hedged. Default: false.
	StayOnTimeout bool `yaml:"stay_on_timeout"`
	// ProviderTimeout is how long one provider may take of a call before its content begins, with
	// retries and waits. It does not bound the last provider left. Default: none.
	ProviderTimeout time.Duration `yaml:"hop_budget"`
	// SkipSameBackend skips a provider with the base URL and the model of one that has failed in
	// the same call (https://github.com/NousResearch/hermes-agent/issues/22548). Default: false.
	SkipSameBackend bool `yaml:"skip_same_backend"`
	// SkipDeadKey skips a provider if all of its keys were refused in the same call, by any
	// provider, see [Handling.RotateAt]
	// (https://github.com/NousResearch/hermes-agent/issues/33996). Default: false.
	SkipDeadKey bool `yaml:"skip_dead_key"`
}

// Hedge starts the next provider beside one that keeps the caller waiting. The first of the two
// with content answers the call, and the other's transport is closed at that instant.
//
// No hedge starts once the caller holds content that cannot be taken back. If PerCall or Budget
// forbids a hedge, the slow attempt is killed instead, so that the next provider is asked equally
// early.
type Hedge struct {
	// After is how long a streamed answer may bring no content. Default: 0, never.
	After time.Duration `yaml:"after"`
	// CallAfter is the same for answers that are not streamed. Default: 0, never.
	CallAfter time.Duration `yaml:"call_after"`
	// PerCall is how many requests hedging may add to one call. Default: 1.
	PerCall int `yaml:"per_call"`
	// Budget bounds what hedging may add to all calls together. Default: no bound.
	Budget Budget `yaml:"budget"`
}

func (h Hedge) after(req Request) time.Duration {
	if req.Stream {
		return h.After
	}
	return h.CallAfter
}

// A Budget bounds what an engine does beyond one request per call, over all its calls. Each call
// pays Ratio in, up to Burst, and each extra request takes 1 out.
type Budget struct {
	// Ratio is how many extra requests each call pays for, such as 0.2.
	Ratio float64 `yaml:"ratio"`
	// Burst is how many requests the budget holds at first and at most. Default: 0, no bound.
	Burst int `yaml:"burst"`
}

// Memory says what an engine learns in one call for all other calls, concurrent and later ones.
type Memory struct {
	Cooldown Cooldown `yaml:"cooldown"`
	Breaker  Breaker  `yaml:"breaker"`
}

// Cooldown lets a provider rest after a call has left it for a reason with [Handling.Cooldown]. The
// chain asks a resting provider last, if no other has answered. One outage is one rest, however
// many calls it hits.
type Cooldown struct {
	// Base is how long the provider rests the first time. Default: 0, never.
	Base time.Duration `yaml:"base"`
	// Cap is the longest rest; each rest in a row doubles the last. Only a failure of a request
	// that was sent after the last rest begins the next one.
	Cap time.Duration `yaml:"cap"`
	// AsAsked lets a provider that asked for a wait rest for exactly that long, however short or
	// long it is (https://github.com/openclaw/openclaw/issues/143364). The same holds for its key.
	// Default: false, the wait that [RetryAfter] grants only makes a rest longer.
	AsAsked bool `yaml:"as_asked"`
	// Probes is how many concurrent calls may ask the provider after its rest. The others go on
	// without it until a probe was answered. Default: 0, all calls go back at once.
	Probes int `yaml:"probes"`
	// Exhausted is how long the chain's first provider rests after a call that no provider
	// answered, whatever the reason (https://github.com/NousResearch/hermes-agent/issues/24996).
	// Default: 0, it does not.
	Exhausted time.Duration `yaml:"exhausted"`
}

// Breaker stops asking a provider after too many stale kills in a row, over all calls. A blocked
// attempt fails with circuit_open, which is not retried.
type Breaker struct {
	// Kills is how many kills in a row open the breaker; an answer starts the count again.
	// Default: 0, never.
	Kills int `yaml:"kills"`
	// OpenFor is how long the breaker stays open before it lets one attempt through. If that fails,
	// it stays open as long again. Default: 0, it never closes
	// (https://github.com/NousResearch/hermes-agent/issues/96054).
	OpenFor time.Duration `yaml:"open_for"`
	// ForgetOnFallback starts the count again whenever the chain goes on to the next provider.
	// Default: false.
	ForgetOnFallback bool `yaml:"forget_on_fallback"`
}
