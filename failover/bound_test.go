package failover_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/failover"
)

// mostRequests is how many requests of one call a provider can get, from the policy alone: the loops multiplied. sized says that the
// conversation can be compressed.
func mostRequests(p failover.Policy, of provider, first, sized bool) int {
	sdk := 1 + p.SDK.Retries
	for _, name := range []string{familyOf(of.protocol), of.protocol} { // the latter says more
		if n, ok := p.SDK.RetriesByProtocol[name]; ok {
			sdk = 1 + n
		}
	}
	inner := 1 + p.Retry.Inner.Retries
	n := max(1, p.Retry.Attempts) * inner
	if first && len(p.Retry.Recovery.On) > 0 {
		n *= 2
	}
	compressed, rotates := 0, 0
	for _, h := range p.Reasons {
		compressed = max(compressed, h.Compress)
		if h.RotateAt > 0 {
			rotates = max(1, len(of.keys)) - 1
		}
	}
	if sized {
		n *= 1 + compressed // each time all attempts again
	}
	n += rotates*inner + p.Retry.Blip.Retries + p.Retry.Empty.Retries + max(0, p.Stream.Continuations-1)
	if p.Hedge.After > 0 {
		n *= 1 + p.Hedge.PerCall
	}
	if most := p.Retry.RequestsPerProvider; most > 0 {
		n = min(n, most)
	}
	return n * sdk
}

// worst is the sequence of failures that makes a policy send the most requests to the only provider of a chain, which has two keys.
func worst(p failover.Policy) (faults sequence) {
	repeat := func(n int, f script) {
		for range n {
			faults = append(faults, f)
		}
	}
	if p.SDK.Retries > 0 {
		return sequence{fails(500, `{}`)}
	}
	inner := p.Retry.Inner.Retries
	repeat(p.Retry.Empty.Retries, finishes)
	repeat(p.Retry.Blip.Retries, resets)
	repeat(inner, cut)
	repeat(1, fails(402, `{}`)) // the other key
	rounds := 1
	if len(p.Retry.Recovery.On) > 0 {
		rounds = 2
	}
	repeat(rounds*max(1, p.Retry.Attempts)*(1+inner)-1, cut)
	if p.Stream.AfterContent == failover.AfterContinue {
		return append(faults, lost["cut"])
	}
	return append(faults, cut)
}

// The bound that TestSchedules holds every call to is no larger than it has to be.
func TestTheBoundIsReached(t *testing.T) {
	t.Parallel()
	for _, p := range failover.Policies() {
		only := keyed(openai("only", worst(p)...), "a", "b")
		within(t, p, []provider{only}, func(l *lab) {
			r := l.call(0)
			if got, most := l.count("only"), mostRequests(p, only, true, false); got != most || r.err == nil {
				t.Errorf("%s: got %d requests, the bound is %d; error %v", p.Name, got, most, r.err)
			}
		})
	}
}
