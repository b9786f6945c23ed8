package failover

import (
	"fmt"
	"slices"
)

// checkGuards finds contradictions between the watchdogs.
func (p Policy) checkGuards(ps *problems) {
	w := p.Watch
	if w.TLS > 0 && w.Connect.After > 0 && w.TLS >= w.Connect.After {
		ps.addOrf("watch.tls", "watch.connect.after", "a handshake that may take %s is part of a connection that may take %s", w.TLS, w.Connect.After)
	}
	if (w.Throughput.Window > 0) != (w.Throughput.AtLeast > 0) {
		ps.addf("watch.throughput", "a guard needs a `window` and what it brings `at_least`")
	}
	if w.Stale > 0 && w.Throughput.Window > 0 && w.Throughput.Window < w.Stale && w.Progress == ProgressContent {
		ps.addOrf("watch.throughput.window", "watch.stale", "a window of %s ends a stream that is silent for %s, which `stale` allows", w.Throughput.Window, w.Stale)
	}
	if w.StaleShare >= 1 {
		ps.addf("watch.stale_share", "a share is a part of what is left, below 1, not %v", w.StaleShare)
	}
	if w.StaleShare > 0 && p.Deadline == 0 && p.TurnDeadline == 0 {
		ps.addf("watch.stale_share", "there is no deadline of which it could be a share")
	}
	if w.Local.NoStale && w.Local.Stale > 0 {
		ps.addf("watch.local.stale", "the detector is off for local providers, so that it has no threshold")
	}
	if w.Stale == 0 && w.StaleCall == 0 && len(w.StaleFloors) > 0 {
		ps.addf("watch.stale_floors", "there is no `stale` threshold to raise")
	}
	for i, f := range w.StaleFloors {
		if len(f.Models) == 0 || f.AtLeast == 0 {
			ps.addf(fmt.Sprintf("watch.stale_floors.%d", i), "a floor needs `models` and `at_least`")
		}
	}
	if w.UnframedKillEnds && w.Stale == 0 && w.StaleCall == 0 {
		ps.addf("watch.unframed_kill_ends", "there is no `stale` threshold, so that nothing is killed")
	}
	if p.TurnDeadline > 0 && p.Deadline > p.TurnDeadline {
		ps.addOrf("turn_deadline", "deadline", "a turn of %s cannot hold a call of %s", p.TurnDeadline, p.Deadline)
	}
}

// checkWaits finds contradictions between the waits.
func (p Policy) checkWaits(ps *problems) {
	r, e := p.Retry.RetryAfter, p.Retry.Empty
	if r.Patience > 0 && r.Cap > 0 && r.Patience > r.Cap {
		ps.addOrf("retry.retry_after.patience", "retry.retry_after.cap", "nobody waits for %s where the cap is %s", r.Patience, r.Cap)
	}
	if len(r.Reasons) == 0 && (r.Cap > 0 || r.Patience > 0) {
		ps.addOrf("retry.retry_after", "retry", "no wait is listened to without `reasons`")
	}
	if e.Retries > 0 && len(e.On) == 0 {
		ps.addf("retry.empty.retries", "there are retries but nothing to retry `on`")
	}
	if e.Retries > 0 && p.Stream.AcceptEmpty {
		ps.addOrf("retry.empty.retries", "stream.accept_empty", "an empty answer is accepted, so that nobody asks again")
	}
	if r.WithinDeadline && p.Deadline == 0 && p.TurnDeadline == 0 {
		ps.addOrf("retry.retry_after.within_deadline", "deadline", "there is no deadline that a wait could last beyond")
	}
	for i, kind := range e.On {
		if kind != "" && kind != FailureEmpty && kind != FailureEmptyStream {
			ps.addf(fmt.Sprintf("retry.empty.on.%d", i), "%s is not an empty answer: there is %s, %s", kind, FailureEmpty, FailureEmptyStream)
		}
	}
	checkBackoff(ps, "retry.empty.backoff", e.Backoff)
}

func (p Policy) checkClassify(ps *problems) {
	if !slices.Contains(tables(), p.Classify.Table) {
		ps.addf("classify.table", "%s", unknownWord("table", string(p.Classify.Table), tables()))
	}
	check := func(name string, larges []Large) {
		for i, l := range larges {
			path := fmt.Sprintf("classify.%s.%d", name, i)
			if l.Share == 0 && l.Tokens == 0 {
				ps.addf(path, "it fits every conversation: say a `share` of the window or a number of `tokens`")
			}
			if l.Share >= 1 {
				ps.addf(path+".share", "share is a part of the window, below 1, not %v", l.Share)
			}
			if l.Window > 0 && l.Tokens >= l.Window {
				ps.addf(path+".tokens", "no conversation of more than %d tokens fits a window of %d", l.Tokens, l.Window)
			}
		}
		if len(larges) > 0 && name == "disconnect_overflow" && p.Classify.Table == TableDefault {
			ps.addf("classify."+name, "the default table guesses nothing from a lost connection: choose another `table`")
		}
	}
	check("disconnect_overflow", p.Classify.DisconnectOverflow)
	check("bad_request_overflow", p.Classify.BadRequestOverflow)
}
