package failover

import (
	"fmt"
	"sync"
	"time"
)

// alarm is one of the limits of an attempt. If two are due at one instant, the one declared first
// fires.
type alarm int

const (
	alarmStale alarm = iota
	alarmFirstContent
	alarmFinished
	alarmThroughput
	alarmTLS
	alarmConnect
	alarmHeaders
	alarmRead
	alarmAttempt
	alarmProvider
	alarmHedge
	alarms
)

// String names the alarm in an error.
func (a alarm) String() string {
	return [alarms]string{
		"no progress", "no content", "the stream stays open after the answer", "too little content", "no TLS handshake",
		"no connection", "no response headers", "no byte", "no end",
		"no content within the provider's time", "hedged after no content",
	}[a]
}

// alarmError says why a watchdog ended an attempt.
type alarmError struct {
	alarm alarm
	limit time.Duration
}

// Error returns which limit passed.
func (e *alarmError) Error() string { return fmt.Sprintf("%s for %s", e.alarm, e.limit) }

// A watchdog fires when one of an attempt's limits has passed. All limits share one timer. Activity
// does not reset the timer; look checks the limits when it fires. It is safe for concurrent use.
type watchdog struct {
	limits [alarms]time.Duration
	poll   time.Duration
	// fire is called for a limit that has passed, with the lock held; false lets the watchdog go
	// on.
	fire func(a alarm, limit time.Duration) bool

	mu    sync.Mutex
	start time.Time
	since [alarms]time.Time // zero: not armed
	timer *time.Timer
	wake  time.Time // when timer fires; zero: not set
	over  bool
	// paused is when the reader stopped reading; zero: it reads.
	paused time.Time
}

// waits reports whether an alarm waits for events that only the reader of the stream sees.
func (a alarm) waits() bool {
	return a == alarmStale || a == alarmRead || a == alarmThroughput || a == alarmHedge
}

// pause stops the limits that wait for the provider, until resume.
func (w *watchdog) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paused = time.Now()
}

// resume restarts the paused limits from where they stopped.
func (w *watchdog) resume() {
	w.mu.Lock()
	defer w.mu.Unlock()
	lasted := time.Since(w.paused)
	w.paused = time.Time{}
	for a := range alarms {
		if a.waits() && !w.since[a].IsZero() {
			w.since[a] = w.since[a].Add(lasted)
		}
	}
	w.set()
}

// arm starts limits, or starts them again.
func (w *watchdog) arm(which ...alarm) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if w.start.IsZero() {
		w.start = now
	}
	for _, a := range which {
		if w.limits[a] > 0 {
			w.since[a] = now
		}
	}
	w.set()
}

// again starts a limit again if it is armed.
func (w *watchdog) again(a alarm) {
	if w.limits[a] == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.since[a].IsZero() {
		w.since[a] = time.Now()
	}
}

// disarm ends a limit.
func (w *watchdog) disarm(a alarm) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since[a] = time.Time{}
}

// stop ends the watch. After it returns, fire is not running and is not called any more.
func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if w.timer != nil {
		w.timer.Stop()
	}
}

// due returns the alarm that fires next, and when.
func (w *watchdog) due() (first alarm, at time.Time) {
	for a := range alarms {
		if w.since[a].IsZero() || (!w.paused.IsZero() && a.waits()) {
			continue
		}
		end := w.since[a].Add(w.limits[a])
		if a == alarmStale && w.poll > 0 {
			end = w.start.Add(roundUp(end.Sub(w.start), w.poll))
		}
		if at.IsZero() || end.Before(at) {
			first, at = a, end
		}
	}
	return first, at
}

// roundUp returns the first multiple of step that is not below d.
func roundUp(d, step time.Duration) time.Duration {
	if rest := d % step; rest > 0 {
		d += step - rest
	}
	return d
}

// set makes the timer fire no later than the next alarm.
func (w *watchdog) set() {
	_, at := w.due()
	if w.over || at.IsZero() || (!w.wake.IsZero() && !at.Before(w.wake)) {
		return
	}
	w.wake = at
	if w.timer == nil {
		w.timer = time.AfterFunc(time.Until(at), w.look)
		return
	}
	w.timer.Reset(time.Until(at))
}

// look fires the alarms that are due, and sets the timer for the next one.
func (w *watchdog) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wake = time.Time{}
	for !w.over {
		a, at := w.due()
		now := time.Now()
		if at.IsZero() {
			return
		}
		if at.After(now) {
			w.set()
			return
		}
		if w.fire(a, w.limits[a]) {
			w.over = true
			return
		}
		w.since[a] = now
	}
}
