package failover

import "time"

// RetryPolicy says how often, and how soon, one provider is asked again.
type RetryPolicy struct {
	Inner Inner `yaml:"inner"`
	// Attempts is how many times the outer loop asks one provider. Each attempt is a whole inner
	// loop. Default: 1; less counts as 1.
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
	// refused request counts as if the attempts were spent. Default: no bound.
	Budget Budget `yaml:"budget"`
}

// Inner is the loop around one stream, inside an attempt of the outer loop. It does not wait.
// Answers that are not streamed have none.
type Inner struct {
	// Retries is how often a stream is repeated. Default: 0.
	Retries int `yaml:"retries"`
	// On lists the failures that are repeated. After content they are repeated only if the caller
	// can be told to start over.
	On []FailureKind `yaml:"on"`
}

// EarlyReset retries a connection that broke before the headers and almost at once, because trying
// again costs little (https://github.com/NousResearch/hermes-agent/issues/69186). A connection that
// was never made (refused, no such host, an untrusted certificate) is not retried. Its retries do
// not count as attempts.
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
	// On lists the failures of the last attempt that lead to recovery. Default: none, never.
	On []FailureKind `yaml:"on"`
	// Wait is the time before the first of these attempts. Default: 0, at once.
	Wait time.Duration `yaml:"wait"`
}

// Handling says how the engine handles failures of one [Reason].
type Handling struct {
	// FallBackAt is the number of failed attempts of the outer loop, from 1, after which the next
	// provider is asked. Default: 0, when the attempts are spent. It has no effect on the chain's
	// last provider.
	FallBackAt int `yaml:"fall_back_at"`
	// NoRetry never asks the same provider again. Default: false.
	NoRetry bool `yaml:"no_retry"`
	// Alone is how many requests of one call the only provider of a chain may get while it fails
	// for this reason, if that is more than the attempts and RequestsPerProvider grant: nobody else
	// can be asked, so one is patient
	// (https://github.com/tashfeenahmed/freellmapi/issues/591). Default: 0.
	Alone int `yaml:"alone"`
	// Compress is how often a call shortens the conversation and asks the same provider again
	// before anything else happens. Default: 0.
	Compress int `yaml:"compress"`
	// Stop ends the call with [ErrRefused], whatever providers are left. Default: false.
	Stop bool `yaml:"stop"`
	// RotateAt is the number of failures in a row of one key, from 1, after which the provider's
	// next key is used. The switch happens at once and does not count as an attempt. Default: 0,
	// never.
	RotateAt int `yaml:"rotate_at"`
	// KeyRest is how long the old key then rests; a longer Retry-After wins. The only key of a
	// provider never rests.
	KeyRest time.Duration `yaml:"key_rest"`
	// HeldByKeys delays FallBackAt while one of several keys does not rest, even if another key
	// cannot help (https://github.com/NousResearch/hermes-agent/issues/59617). Default: false.
	HeldByKeys bool `yaml:"held_by_keys"`
	// Cooldown lets a provider rest after a call has left it for this reason, see Memory. Default:
	// false.
	Cooldown bool `yaml:"cooldown"`
}
