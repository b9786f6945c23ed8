package harness

import (
	"testing"
	"time"
)

func TestStandstill(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		monotonic, wall time.Duration
		want            string
	}{
		{tick, tick, ""},
		{2 * time.Second, 2 * time.Second, ""}, // a busy machine
		{-time.Hour, -time.Hour, ""},
		{2100 * time.Millisecond, 2100 * time.Millisecond, "the machine stopped for 2.1s"},
		{43_210 * time.Millisecond, 43_210 * time.Millisecond, "the machine stopped for 43s"},
		{tick, time.Hour, "the machine slept or its clock was set: it moved by 1h0m0s at once"},
	} {
		if got := standstillText(c.monotonic, c.wall); got != c.want {
			t.Errorf("%s by the monotonic clock and %s by the other: %q, want %q", c.monotonic, c.wall, got, c.want)
		}
	}
	start := time.Now()
	if got := stoodStill(start, start.Add(tick)); got != "" {
		t.Errorf("an ordinary tick: %q", got)
	}
	if got, want := stoodStill(start, start.Add(time.Minute)), "the machine stopped for 1m0s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
