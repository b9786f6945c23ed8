package failover

import (
	"sync"
	"time"
)

// health holds what all calls know of one provider. It is safe for concurrent use.
type health struct {
	memory Memory

	mu       sync.Mutex
	until    time.Time // when its rest is over; zero: it does not rest
	changed  time.Time // when its rest was last extended: answers to earlier requests do not end it
	failures int       // rests in a row
	probing  int       // calls that find out whether it is back

	kills  int       // stale kills in a row
	opened time.Time // when the breaker last refused to close
}

// admit reports whether a call may ask the provider in its turn, and whether the call is a probe.
func (h *health) admit() (ok, probe bool) {
	if h.memory.Cooldown == (Cooldown{}) {
		return true, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.until.IsZero():
		return true, false
	case time.Now().Before(h.until):
		return false, false
	case h.memory.Cooldown.Probes == 0:
		return true, false
	case h.probing >= h.memory.Cooldown.Probes:
		return false, false
	}
	h.probing++
	return true, true
}

// release ends a probe, whatever it has found.
func (h *health) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.probing--
}

// answered records the success of an attempt that began then.
func (h *health) answered(began time.Time) {
	if h.memory == (Memory{}) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kills = 0
	if !began.Before(h.changed) {
		h.until, h.failures = time.Time{}, 0
	}
}

// left records that a call has left the provider after an attempt that began then. It returns how
// long the provider now rests; 0 if its rest did not change. One outage is one step, however many
// calls it hits: only an attempt that began after the last rest makes the next one longer. A retry
// of a call under way, or of one without another provider, changes nothing. asked is the wait that
// the provider asked for, which always counts.
func (h *health) left(began time.Time, asked time.Duration) time.Duration {
	c := h.memory.Cooldown
	if c.Base == 0 {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	rest := asked
	if h.failures == 0 || !began.Before(h.until) {
		h.failures++
		if asked == 0 || !c.AsAsked {
			rest = max(doubled(c.Base, c.Cap, h.failures), asked)
		}
	}
	return h.restFor(rest)
}

// rest lets the provider rest for that long from now, unless it rests longer already.
func (h *health) rest(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.restFor(d)
}

// restFor is rest under the lock. It returns d, or 0 if it changes nothing.
func (h *health) restFor(d time.Duration) time.Duration {
	now := time.Now()
	end := now.Add(d)
	if d == 0 || !end.After(h.until) {
		return 0
	}
	h.changed, h.until = now, end
	return d
}

// killed records a stale kill, and reports whether the breaker is open after it.
func (h *health) killed() (open bool) {
	if h.memory.Breaker.Kills == 0 {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kills++
	open = h.kills >= h.memory.Breaker.Kills
	if open {
		h.opened = time.Now()
	}
	return open
}

// forget starts the count of kills again.
func (h *health) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kills = 0
}

// refuses reports whether the breaker blocks the attempt. After OpenFor it lets one through on
// trial, and OpenFor starts again.
func (h *health) refuses() (refuses, trial bool) {
	b := h.memory.Breaker
	if b.Kills == 0 {
		return false, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.kills < b.Kills {
		return false, false
	}
	if b.OpenFor > 0 && time.Since(h.opened) >= b.OpenFor {
		h.opened = time.Now()
		return false, true
	}
	return true, false
}

// fellBack records that the chain goes on to the next provider.
func (h *health) fellBack() {
	if h.memory.Breaker.ForgetOnFallback {
		h.forget()
	}
}
