package failover

import (
	"fmt"
	"slices"
)

// checkGuards finds contradictions between the watchdogs.
func (p Policy) checkGuards(ps *problems) {
	w := p.Watch
	if w.TLS > 0 && w.Connect.After > 0 && w.TLS >= w.Connect.After {
		ps.addOrf("watch.tls", "watch.connect.after",
			"the handshake's limit of %s must be below the connection's of %s, which includes it", w.TLS,
			w.Connect.After)
	}
	if (w.Throughput.Window > 0) != (w.Throughput.AtLeast > 0) {
		ps.addf("watch.throughput", "it needs both `window`, a duration, and `at_least`, bytes of content")
	}
	if w.Stale > 0 && w.Throughput.Window > 0 && w.Throughput.Window < w.Stale && w.Progress == ProgressContent {
		ps.addOrf("watch.throughput.window", "watch.stale",
			"a window of %s is shorter than `stale`, %s, and ends silent streams first: make it longer",
			w.Throughput.Window, w.Stale)
	}
	if w.StaleShare >= 1 {
		ps.addf("watch.stale_share", "the share is %v: want a fraction below 1 of the time left", w.StaleShare)
	}
	if w.StaleShare > 0 && p.Deadline == 0 && p.TurnDeadline == 0 {
		ps.addf("watch.stale_share", "it needs `deadline` or `turn_deadline`, of which it is a share")
	}
	if w.Local.NoStale && w.Local.Stale > 0 {
		ps.addf("watch.local.stale", "`no_stale` switches the detector off: remove one of the two")
	}
	if w.Stale == 0 && w.StaleCall == 0 && len(w.StaleFloors) > 0 {
		ps.addf("watch.stale_floors", "it needs `stale` or `stale_call`, the threshold that it raises")
	}
	for i, f := range w.StaleFloors {
		if len(f.Models) == 0 || f.AtLeast == 0 {
			ps.addf(fmt.Sprintf("watch.stale_floors.%d", i), "a floor needs `models` and `at_least`")
		}
	}
	if w.UnframedKillEnds && w.Stale == 0 && w.StaleCall == 0 {
		ps.addf("watch.unframed_kill_ends", "it needs `stale` or `stale_call`: without one nothing is killed")
	}
	if p.TurnDeadline > 0 && p.Deadline > p.TurnDeadline {
		ps.addOrf("turn_deadline", "deadline",
			"the turn's deadline of %s is shorter than the call's of %s: make it longer", p.TurnDeadline, p.Deadline)
	}
}

// checkWaits finds contradictions between the waits.
func (p Policy) checkWaits(ps *problems) {
	r, e := p.Retry.RetryAfter, p.Retry.Empty
	if r.Patience > 0 && r.Cap > 0 && r.Patience > r.Cap {
		ps.addOrf("retry.retry_after.patience", "retry.retry_after.cap",
			"the patience of %s is above the cap of %s: lower the patience", r.Patience, r.Cap)
	}
	if len(r.Reasons) == 0 && (r.Cap > 0 || r.Patience > 0) {
		ps.addOrf("retry.retry_after", "retry", "it needs `reasons`: without them no wait is obeyed")
	}
	if e.Retries > 0 && len(e.On) == 0 {
		ps.addf("retry.empty.retries", "retries of empty answers need `on`, the failures that count as empty")
	}
	if e.Retries > 0 && p.Stream.AcceptEmpty {
		ps.addOrf("retry.empty.retries", "stream.accept_empty",
			"`accept_empty` accepts empty answers: remove one of the two")
	}
	if r.WithinDeadline && p.Deadline == 0 && p.TurnDeadline == 0 {
		ps.addOrf("retry.retry_after.within_deadline", "deadline", "it needs `deadline` or `turn_deadline`")
	}
	for i, kind := range e.On {
		if kind != "" && kind != FailureEmpty && kind != FailureEmptyStream {
			ps.addf(fmt.Sprintf("retry.empty.on.%d", i), "%s is not an empty answer: want %s or %s", kind, FailureEmpty,
				FailureEmptyStream)
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
				ps.addf(path, "it matches every conversation: set `share` or `tokens`")
			}
			if l.Share >= 1 {
				ps.addf(path+".share", "the share is %v: want a fraction of the window below 1", l.Share)
			}
			if l.Window > 0 && l.Tokens >= l.Window {
				ps.addf(path+".tokens", "%d tokens do not fit a window of %d: lower `tokens` or raise `window`",
					l.Tokens, l.Window)
			}
		}
		if len(larges) > 0 && name == "disconnect_overflow" && p.Classify.Table == TableDefault {
			ps.addf("classify."+name, "the default table does not guess from lost connections: choose another `table`")
		}
	}
	check("disconnect_overflow", p.Classify.DisconnectOverflow)
	check("bad_request_overflow", p.Classify.BadRequestOverflow)
}
