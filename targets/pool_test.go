package targets

import (
	"testing"

	"github.com/chaosrun/chaosrun/harness"
)

// idler is an engine between two runs.
type idler struct {
	harness.Target
	dead   bool
	closed int
}

func (*idler) begin(harness.Lab) error { return nil }
func (i *idler) alive() bool           { return !i.dead }

func (i *idler) Close() error {
	i.closed++
	return nil
}

// A kept engine that has ended by itself is not used again, and those that live end with the plan.
func TestPoolRelease(t *testing.T) {
	restart := false
	first, dead, last := &idler{}, &idler{}, &idler{}
	p := &pool{target: &Target{Kind: Worker, Start: &Start{}, BetweenRuns: BetweenRuns{Restart: &restart}}}
	for _, e := range []*idler{first, dead, last} {
		if err := (&session{engine: e, pool: p}).Close(); err != nil || e.closed != 0 {
			t.Errorf("got %v, closed %d times", err, e.closed)
		}
	}
	if got := p.pop(); got != last {
		t.Errorf("got %v, want the one that served last", got)
	}
	dead.dead = true
	if got := p.pop(); got != first || dead.closed != 1 {
		t.Errorf("got %v, and the dead one was closed %d times", got, dead.closed)
	}
	p.idle = append(p.idle, first, last)
	p.release()
	p.release()
	if first.closed != 1 || last.closed != 1 || p.pop() != nil {
		t.Errorf("closed %d and %d times, want each once", first.closed, last.closed)
	}
}
