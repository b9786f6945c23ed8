package failover

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A watched is a watchdog and what it has fired, as "after ALARM".
type watched struct {
	*watchdog
	began time.Time
	fired []string
	// goesOn says that the watchdog goes on after an alarm.
	goesOn bool
}

// watch returns a watchdog with these limits, in seconds.
func watch(limits map[alarm]int) *watched {
	w := &watched{watchdog: &watchdog{}, began: time.Now()}
	for a, limit := range limits {
		w.limits[a] = time.Duration(limit) * time.Second
	}
	w.fire = func(a alarm, limit time.Duration) bool {
		w.fired = append(w.fired, fmt.Sprintf("%s %d %s", time.Since(w.began), a, limit))
		return !w.goesOn
	}
	return w
}

// want compares what was fired until now.
func (w *watched) want(t *testing.T, name string, want ...string) {
	t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.fired, want) {
		t.Errorf("%s: fired %q, want %q", name, w.fired, want)
	}
}

func pass(seconds float64) { time.Sleep(time.Duration(seconds * float64(time.Second))) }

// Every alarm fires once, when its limit has passed and not before, and says which limit.
func TestEveryAlarmFires(t *testing.T) {
	for a := range alarms {
		synctest.Test(t, func(t *testing.T) {
			w := watch(map[alarm]int{a: 7})
			pass(3)
			w.arm(a)
			pass(6.999)
			w.want(t, a.String())
			pass(0.001)
			w.want(t, a.String(), fmt.Sprintf("10s %d 7s", a))
			pass(100)
			w.arm(a)
			pass(100)
			w.want(t, a.String(), fmt.Sprintf("10s %d 7s", a))
		})
	}
}

// What has no limit, is not armed, was disarmed or was stopped does not fire.
func TestAlarmsThatDoNotFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unlimited := watch(nil)
		unlimited.arm(alarmRead)
		unarmed := watch(map[alarm]int{alarmRead: 1})
		unarmed.again(alarmRead)
		disarmed := watch(map[alarm]int{alarmRead: 1, alarmHeaders: 5})
		disarmed.arm(alarmRead, alarmHeaders)
		disarmed.disarm(alarmRead)
		stopped := watch(map[alarm]int{alarmRead: 1})
		stopped.arm(alarmRead)
		stopped.stop()
		unstarted := watch(map[alarm]int{alarmRead: 1})
		unstarted.stop()
		unstarted.arm(alarmRead)
		pass(100)
		for name, w := range map[string]*watched{
			"unlimited": unlimited, "unarmed": unarmed, "stopped": stopped, "unstarted": unstarted,
		} {
			w.want(t, name)
		}
		disarmed.want(t, "disarmed", "5s 6 5s")
	})
}

// Activity moves a limit on. Arming one that is armed starts it again too.
func TestAlarmsThatBeginAgain(t *testing.T) {
	for name, again := range map[string]func(w *watched){
		"again": func(w *watched) { w.again(alarmRead) }, "arm": func(w *watched) { w.arm(alarmRead) },
	} {
		synctest.Test(t, func(t *testing.T) {
			w := watch(map[alarm]int{alarmRead: 10, alarmAttempt: 60})
			w.arm(alarmRead, alarmAttempt)
			for range 5 {
				pass(9)
				again(w)
			}
			w.again(alarmHeaders) // has no limit
			pass(9.999)
			w.want(t, name)
			pass(0.001)
			w.want(t, name, "55s 7 10s")
		})
	}
}

// The earliest limit fires, of two at one instant the one declared first.
func TestWhichAlarmFires(t *testing.T) {
	for _, tt := range []struct {
		limits map[alarm]int
		want   string
	}{
		{map[alarm]int{alarmRead: 5, alarmHeaders: 4, alarmAttempt: 6}, "4s 6 4s"},
		{map[alarm]int{alarmRead: 5, alarmHeaders: 5, alarmAttempt: 5}, "5s 6 5s"},
		{map[alarm]int{alarmHedge: 5, alarmStale: 5}, "5s 0 5s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := watch(tt.limits)
			for a := range tt.limits {
				w.arm(a)
			}
			pass(100)
			w.want(t, tt.want, tt.want)
		})
	}
}

// A watchdog that goes on waits for the same limit again, and for the others.
func TestAWatchdogThatGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(map[alarm]int{alarmHedge: 4, alarmRead: 10})
		w.goesOn = true
		w.arm(alarmHedge, alarmRead)
		pass(10)
		w.want(t, "goes on", "4s 10 4s", "8s 10 4s", "10s 7 10s")
		w.disarm(alarmRead)
		w.stop()
		pass(100)
		w.want(t, "stopped", "4s 10 4s", "8s 10 4s", "10s 7 10s")
	})
}

// A shorter limit that is armed later fires in its time.
func TestALimitThatComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(map[alarm]int{alarmAttempt: 100, alarmConnect: 5, alarmTLS: 50})
		w.arm(alarmAttempt)
		pass(10)
		w.arm(alarmConnect)
		pass(1)
		w.arm(alarmTLS)
		pass(4)
		w.want(t, "the shorter one", "15s 5 5s")
	})
}

// While the reader does not read, nobody can say that the provider is silent: what waits for bytes
// stops, and goes on from where it stood. Other limits pass.
func TestPause(t *testing.T) {
	for a := range alarms {
		synctest.Test(t, func(t *testing.T) {
			w := watch(map[alarm]int{a: 10})
			w.arm(a)
			pass(4)
			w.pause()
			pass(3)
			w.resume()
			pass(3)
			switch a { //nolint:exhaustive // the others are not paused
			case alarmStale, alarmRead, alarmThroughput, alarmHedge:
				pass(2.999)
				w.want(t, a.String())
				pass(0.001)
				w.want(t, a.String(), fmt.Sprintf("13s %d 10s", a))
			default:
				w.want(t, a.String(), fmt.Sprintf("10s %d 10s", a))
			}
		})
	}
}

// What does not wait for bytes fires while the reader does not read.
func TestAlarmsInAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(map[alarm]int{alarmRead: 5, alarmAttempt: 10})
		w.arm(alarmRead, alarmAttempt)
		w.pause()
		pass(9.999)
		w.want(t, "before")
		pass(0.001)
		w.want(t, "in the pause", "10s 8 10s")
	})
}

// A pause that outlasts the limit does not fire it, and neither does one of an alarm that is not
// armed; another limit is not kept back.
func TestALongPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(map[alarm]int{alarmRead: 10, alarmStale: 5, alarmAttempt: 100})
		w.arm(alarmRead, alarmAttempt)
		w.pause()
		pass(60)
		w.want(t, "paused")
		w.resume()
		pass(9.999)
		w.want(t, "resumed")
		pass(0.001)
		w.want(t, "it goes on from where it stood", "1m10s 7 10s")
	})
}

// With a poll, staleness is seen at multiples of it since the first arming, and no other limit is.
func TestPoll(t *testing.T) {
	for _, tt := range []struct {
		poll, began, limit float64
		a                  alarm
		want               string
	}{
		{30, 0, 45, alarmStale, "1m0s"},
		{30, 0, 60, alarmStale, "1m0s"},
		{30, 5, 61, alarmStale, "1m35s"},
		{30, 5, 61, alarmRead, "1m6s"},
		{0, 5, 60, alarmStale, "1m5s"},
		{30, 0, 61, alarmStale, "1m30s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := watch(map[alarm]int{tt.a: int(tt.limit)})
			w.poll = time.Duration(tt.poll) * time.Second
			pass(tt.began)
			w.arm(tt.a)
			pass(200)
			w.want(t, "poll", fmt.Sprintf("%s %d %s", tt.want, tt.a, w.limits[tt.a]))
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w := watch(map[alarm]int{alarmStale: 10})
		w.poll = 30 * time.Second
		w.arm(alarmStale)
		pass(25)
		w.arm(alarmStale) // the poll still counts from the first arming
		pass(100)
		w.want(t, "armed again", "1m0s 0 10s")
	})
}

func TestRoundUp(t *testing.T) {
	for _, tt := range []struct{ d, step, want time.Duration }{
		{0, 5, 0}, {1, 5, 5}, {4, 5, 5}, {5, 5, 5}, {6, 5, 10}, {7, 1, 7},
	} {
		if got := roundUp(tt.d, tt.step); got != tt.want {
			t.Errorf("%d by %d is %d, want %d", tt.d, tt.step, got, tt.want)
		}
	}
}

// Each alarm has words of its own, which an error names with the limit.
func TestAlarmsInWords(t *testing.T) {
	known := map[string]bool{}
	for a := range alarms {
		if text := a.String(); text == "" || known[text] {
			t.Errorf("alarm %d is %q", a, text)
		}
		known[a.String()] = true
	}
	if got := (&alarmError{alarm: alarmRead, limit: time.Minute}).Error(); got != "no byte for 1m0s" {
		t.Errorf("got %q", got)
	}
}
