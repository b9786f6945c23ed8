package failover

import "time"

// RetryPolicy says how often, and how soon, one provider is asked again.
type RetryPolicy struct {
	Inner Inner `yaml:"inner"`
	// Attempts is how many times the outer loop asks one provider; less than 1 counts as 1.
	// Default: 1. Each attempt is a whole inner loop.
	Attempts int `yaml:"attempts"`
	// RequestsPerProvider bounds all requests of one call to one provider, whichever loop or SDK
	// sends them. Default: 0, no bound.
	RequestsPerProvider int        `yaml:"requests_per_provider"`
	EarlyReset          EarlyReset `yaml:"blip"`
	Empty               EmptyRetry `yaml:"empty"`
	Recovery            Recovery   `yaml:"recovery"`
	Backoff             Backoff    `yaml:"backoff"`
	RetryAfter          RetryAfter `yaml:"retry_after"`
	// Budget bounds the requests that all calls together repeat, by whichever loop or SDK. A
	// request that is not granted counts as spent attempts. Default: no bound.
	Budget Budget `yaml:"budget"`
}

// Inner is the loop around one stream, inside an attempt of the outer loop. It does not wait.
// Answers that are not streamed have none.
type Inner struct {
	// Retries is how often a stream is repeated. Default: 0.
	Retries int `yaml:"retries"`
	// On lists the failures that are repeated. After content none is, unless the caller can be told
	// to start over.
	On []FailureKind `yaml:"on"`
}

// EarlyReset retries a connection that broke before the headers and within a moment, so that
// trying again costs nothing (https://github.com/NousResearch/hermes-agent/issues/69186). A
// connection that was never made (refused, no such host, an untrusted certificate) does not count:
// a moment later would be no better. Its retries do not count as attempts.
type EarlyReset struct {
	// Retries is how often such a connection is tried again. Default: 0.
	Retries int `yaml:"retries"`
	// Within is how soon after its start the attempt has to fail.
	Within time.Duration `yaml:"within"`
	// Wait is the time until the retry. Default: 0, at once.
	Wait time.Duration `yaml:"wait"`
}

// Recovery gives the first provider of the chain all of its attempts a second time, once per call.
type Recovery struct {
	// On lists the failures of the last attempt after which that happens. Default: none, never.
	On []FailureKind `yaml:"on"`
	// Wait is the time before the first of these attempts. Default: 0, at once.
	Wait time.Duration `yaml:"wait"`
}

// Handling says what a reason leads to.
type Handling struct {
	// FallBackAt is the failed attempt of the outer loop, from 1, from which on the next provider
	// is asked instead. Default: 0, only when the attempts are spent. It has no effect on the
	// chain's last provider.
	FallBackAt int `yaml:"fall_back_at"`
	// NoRetry never asks the same provider again. Default: false.
	NoRetry bool `yaml:"no_retry"`
	// Compress is how often a call shortens the conversation and asks the same provider again
	// before anything else happens. Default: 0.
	Compress int `yaml:"compress"`
	// Stop ends the call with ErrRefused, whatever providers are left. Default: false.
	Stop bool `yaml:"stop"`
	// RotateAt is the failure in a row of one key, from 1, after which the provider's next key is
	// used. That happens at once and does not count as an attempt. Default: 0, never.
	RotateAt int `yaml:"rotate_at"`
	// KeyRest is how long a key is then not used; a longer Retry-After wins. The only key of a
	// provider never rests.
	KeyRest time.Duration `yaml:"key_rest"`
	// HeldByKeys delays FallBackAt while one of several keys does not rest, whether or not a key
	// could help (https://github.com/NousResearch/hermes-agent/issues/59617). Default: false.
	HeldByKeys bool `yaml:"held_by_keys"`
	// Cooldown lets a provider rest after a call has left it for this reason, see Memory. Default:
	// false.
	Cooldown bool `yaml:"cooldown"`
}
