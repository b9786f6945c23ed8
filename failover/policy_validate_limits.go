package failover

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// A limit is a duration at a path of keys.
type limit struct {
	path string
	d    time.Duration
}

// attemptLimits returns the limits that end an attempt or start a hedge beside it. They fire within
// the attempt or never.
func (p Policy) attemptLimits() []limit {
	w := p.Watch
	limits := []limit{
		{"watch.tls", w.TLS},
		{"watch.headers", w.Headers},
		{"watch.first_content", w.FirstContent},
		{"watch.after_finish", w.AfterFinish},
		{"watch.stale", w.Stale},
		{"watch.stale_call", w.StaleCall},
		{"watch.local.stale", w.Local.Stale},
		{"watch.local.read", w.Local.Read},
		{"watch.throughput.window", w.Throughput.Window},
		{"hedge.after", p.Hedge.After},
		{"hedge.call_after", p.Hedge.CallAfter},
	}
	byProtocol := func(path string, l Limit) {
		limits = append(limits, limit{path + ".after", l.After})
		for _, name := range slices.Sorted(maps.Keys(l.ByProtocol)) {
			limits = append(limits, limit{path + ".by_protocol." + name, l.ByProtocol[name]})
		}
	}
	byProtocol("watch.connect", w.Connect)
	byProtocol("watch.read", w.Read)
	byProtocol("watch.read_call", w.ReadCall)
	scaled := func(path string, scaling []Scale) {
		for i, s := range scaling {
			limits = append(limits, limit{fmt.Sprintf("%s.%d.at_least", path, i), s.AtLeast})
		}
	}
	scaled("watch.stale_scaling", w.StaleScaling)
	scaled("watch.stale_call_scaling", w.StaleCallScaling)
	for i, f := range w.StaleFloors {
		limits = append(limits, limit{fmt.Sprintf("watch.stale_floors.%d.at_least", i), f.AtLeast})
	}
	return limits
}

// callLimits returns the limits that fire within a call or never.
func (p Policy) callLimits() []limit {
	r := p.Retry
	return append(
		p.attemptLimits(),
		limit{"watch.attempt", p.Watch.Attempt},
		limit{"chain.hop_budget", p.Chain.ProviderTimeout},
		limit{"retry.backoff.base", r.Backoff.Base},
		limit{"retry.empty.backoff.base", r.Empty.Backoff.Base},
		limit{"retry.recovery.wait", r.Recovery.Wait},
		limit{"retry.blip.within", r.EarlyReset.Within},
		limit{"retry.blip.wait", r.EarlyReset.Wait},
		limit{"retry.retry_after.patience", r.RetryAfter.Patience},
	)
}

// checkLimits finds limits that never fire because another one always fires first.
func (p Policy) checkLimits(ps *problems) {
	told := map[string]bool{}
	beaten := func(limits []limit, by string, end time.Duration) {
		for _, l := range limits {
			if end > 0 && l.d >= end && !told[l.path] {
				told[l.path] = true
				ps.addOrf(l.path, by, "the limit of %s under %s never fires: the %s of %s comes first", l.d, l.path, by,
					end)
			}
		}
	}
	end, name := p.Deadline, "deadline"
	if end == 0 {
		end, name = p.TurnDeadline, "turn_deadline"
	}
	beaten(p.callLimits(), name, end)
	beaten(p.attemptLimits(), "watch.attempt", p.Watch.Attempt)
	connect := limit{"watch.connect.after", p.Watch.Connect.After}
	beaten([]limit{connect}, "watch.headers", p.Watch.Headers)
	beaten([]limit{connect, {"watch.headers", p.Watch.Headers}}, "watch.first_content", p.Watch.FirstContent)
}
