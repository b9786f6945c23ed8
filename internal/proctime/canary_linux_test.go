//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// hear runs an hour beside a canary.
func hear(t *testing.T, o proctime.Options) (singing, proctime.Report) {
	t.Helper()
	out, report := run(t, "sing", o)
	var s singing
	if err := json.Unmarshal([]byte(out), &s); err != nil { //nolint:musttag // its other end is a test, too
		t.Fatalf("%v in %s", err, out)
	}
	t.Logf("%+v", s)
	return s, report
}

func TestCanaryIsQuietOnAGoodClock(t *testing.T) {
	s, report := hear(t, proctime.Options{})
	if s.Trouble != "" || s.Song.Rounds < 50 || s.Song.Rounds > 150 {
		t.Errorf("got %+v", s)
	}
	if !s.OK || s.Count.Passed < time.Hour || s.Count.Passed > report.Virtual ||
		s.Count.Leapt < time.Hour-time.Second || s.Count.Jumps < s.Song.Rounds {
		t.Errorf("got %+v of %s", s.Count, report)
	}
	if s.Count.CPU > time.Second || report.CPU < s.Count.CPU {
		t.Errorf("the canary took %s of the processor, and the tree %s", s.Count.CPU, report.CPU)
	}
}

// TestCanarySeesAFalseJump lets the clock jump without a look at the threads.
func TestCanarySeesAFalseJump(t *testing.T) {
	s, _ := hear(t, proctime.Options{Careless: true})
	if s.Song.Timeouts == 0 && s.Song.Leaps == 0 || !strings.Contains(s.Trouble, "while data was under way") {
		t.Errorf("got %+v: nobody saw that the clock jumped all the time", s)
	}
}

func TestNoCanaryOutsideOfATree(t *testing.T) {
	if _, ok := proctime.Count(); ok {
		t.Error("a tracer answered where there is none")
	}
	c := proctime.StartCanary()
	c.Play()
	if s := c.Stop(); s != (proctime.Song{}) {
		t.Errorf("got %+v", s)
	}
}
