package failover_test

import (
	"errors"
	"testing"

	"github.com/chaosrun/chaosrun/failover"
)

// What an SDK repeats by itself is bounded like any other retry, by what a provider may get and by
// what the engine can afford; and the failure that is reported is the provider's, whether or not
// the SDK listens when it is told to stop.
func TestSDKRetriesCount(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault  script
		change func(*failover.RetryPolicy)
		want   int
		status int
	}{
		"500, no bound": {fails(500, `{}`), func(*failover.RetryPolicy) {}, 6, 500},
		"500, four of a provider": {
			fails(500, `{}`), func(r *failover.RetryPolicy) { r.RequestsPerProvider = 4 }, 4, 500,
		},
		"500, a budget of two":   {fails(500, `{}`), func(r *failover.RetryPolicy) { r.Budget.Burst = 2 }, 3, 500},
		"reset, no bound":        {resets, func(*failover.RetryPolicy) {}, 6, 0},
		"reset, four":            {resets, func(r *failover.RetryPolicy) { r.RequestsPerProvider = 4 }, 4, 0},
		"reset, a budget of two": {resets, func(r *failover.RetryPolicy) { r.Budget.Burst = 2 }, 3, 0},
	} {
		p := failover.NewPolicy()
		p.SDK.Retries, p.Retry.Attempts, p.Retry.RetryAfter.ObeyShouldRetry = 2, 2, true
		row.change(&p.Retry)
		for _, protocol := range failover.Protocols() {
			of := func(name string, scripts ...script) provider {
				return provider{name: name, protocol: protocol, scripts: scripts}
			}
			within(t, p, []provider{of("only", row.fault)}, func(l *lab) {
				r := l.call(0)
				failed, ok := errors.AsType[*failover.AttemptError](r.err)
				if !ok || l.count("only") != row.want || failed.Status != row.status {
					t.Errorf("%s, %s: got %d requests, want %d; error %v", name, protocol, l.count("only"), row.want,
						r.err)
				}
				if row.status == 0 && failed != nil && failed.Kind != failover.FailureAPIConnectionError {
					t.Errorf("%s, %s: got %v", name, protocol, failed)
				}
			})
		}
	}
}
