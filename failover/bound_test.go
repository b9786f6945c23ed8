package failover_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/failover"
)

// mostAlone returns how many requests the only provider of a chain may get of one call.
func mostAlone(p failover.Policy) (most int) {
	for _, h := range p.Reasons {
		most = max(most, h.Alone)
	}
	return most
}

// mostRequests is how many requests of one call a provider can get, from the policy alone: the
// loops multiplied. sized says that the conversation can be compressed.
//
// An SDK's own retries multiply all that. They are the protocol's, or of the one that it is a
// profile of.
func mostRequests(p failover.Policy, of provider, first, sized bool) int {
	sdk := 1 + sdkRetries(p, of.protocol)
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
	n += rotates*inner + p.Retry.EarlyReset.Retries + p.Retry.Empty.Retries
	if of.goesOn() {
		part := 1
		if p.Stream.RepeatBrokenCalls {
			part = inner // each part is a whole inner loop
		}
		n += max(0, p.Stream.Continuations-1) * part
	}
	if p.Hedge.After > 0 {
		n *= 1 + p.Hedge.PerCall
	}
	if most := p.Retry.RequestsPerProvider; most > 0 {
		n = min(n, most)
	}
	return n * sdk
}

// sdkRetries is how often a policy lets the SDK of a protocol repeat a request.
func sdkRetries(p failover.Policy, protocol string) int {
	retries := p.SDK.Retries
	for _, name := range []string{familyOf(protocol), protocol} { // the latter says more
		if n, ok := p.SDK.RetriesByProtocol[name]; ok {
			retries = n
		}
	}
	return retries
}

// goesOn says that the provider may be asked to continue what it has begun.
func (p provider) goesOn() bool { return !p.noPrefill && p.protocol != failover.OpenAIResponses }

// worst is the sequence of failures that makes a policy send the most requests to the only provider
// of a chain, which has two keys.
func worst(p failover.Policy, of provider) (faults sequence) {
	repeat := func(n int, f script) {
		for range n {
			faults = append(faults, f)
		}
	}
	if sdkRetries(p, of.protocol) > 0 {
		return sequence{fails(500, `{}`)}
	}
	if mostAlone(p) > 0 {
		return sequence{fails(503, `{}`)}
	}
	inner := p.Retry.Inner.Retries
	repeat(p.Retry.Empty.Retries, finishes)
	repeat(p.Retry.EarlyReset.Retries, resets)
	repeat(inner, cut)
	repeat(1, fails(402, `{}`)) // the other key
	rounds := 1
	if len(p.Retry.Recovery.On) > 0 {
		rounds = 2
	}
	repeat(rounds*max(1, p.Retry.Attempts)*(1+inner)-1, cut)
	if p.Stream.AfterContent == failover.AfterContinue && of.goesOn() {
		if p.Stream.RepeatBrokenCalls {
			return append(faults, lostInACall(cut))
		}
		return append(faults, lost["cut"])
	}
	return append(faults, cut)
}

// The bound that TestSchedules holds every call to is no larger than it has to be, over any
// protocol.
func TestTheBoundIsReached(t *testing.T) {
	t.Parallel()
	for _, protocol := range failover.Protocols() {
		for _, p := range failover.Policies() {
			only := keyed(provider{name: "only", protocol: protocol}, "a", "b")
			only.scripts = worst(p, only)
			within(t, p, []provider{only}, func(l *lab) {
				r := l.call(0)
				got, most := l.count("only"), max(mostAlone(p), mostRequests(p, only, true, false))
				if got > most || r.err == nil {
					t.Errorf("%s, %s: got %d requests, the bound is %d; error %v", protocol, p.Name, got, most, r.err)
				}
				// Where a library repeats beneath loops, no failure is one that both repeat: the
				// product is not reached.
				if beneath := sdkRetries(p, protocol) > 0 && p.Retry.Attempts > 1; got < most && !beneath {
					t.Errorf("%s, %s: got %d requests, the bound is %d, which is more than it has to be", protocol,
						p.Name, got, most)
				}
			})
		}
	}
}
