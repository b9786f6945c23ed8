package failover

import "slices"

// EmptyRetry asks again for an answer that was empty. Its retries do not count as attempts of the
// outer loop. When they are spent, the next provider is asked
// (https://github.com/NousResearch/hermes-agent/issues/7180).
type EmptyRetry struct {
	// Retries is how often it asks again. Default: 0, an empty answer is a failure like any other.
	Retries int `yaml:"retries"`
	// On lists the failures that count as empty: empty, empty_stream, or both.
	On []FailureKind `yaml:"on"`
	// Backoff is the wait in between. Default: none.
	Backoff Backoff `yaml:"backoff"`
}

func (r EmptyRetry) concerns(f *AttemptError) bool {
	return r.Retries > 0 && slices.Contains(r.On, f.Kind)
}
