package campaign

import (
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/harness"
)

// Progress says how many runs of a plan are finished.
type Progress struct {
	// Done runs of Of are finished.
	Done, Of int
	// Left estimates the real time of the remaining runs: their longest time, at the speed so far.
	// It is 0 in virtual time.
	Left time.Duration
}

// A tracker counts the finished runs. It is safe for concurrent use.
type tracker struct {
	tell    func(Progress)
	started time.Time
	lanes   bool          // the runs are made in lanes: only their number predicts the time left
	whole   time.Duration // how long the plan takes at most
	all     time.Duration // how long its runs take at most, one after the other

	mu       sync.Mutex
	progress Progress
	finished time.Duration // the part of all that is over
}

// newTracker starts to count. It does nothing without Options.Progress.
func (p *Plan) newTracker() *tracker {
	t := &tracker{
		tell: p.options.Progress, started: time.Now(), progress: Progress{Of: p.Len()}, lanes: p.options.Lanes != nil,
	}
	if t.tell == nil {
		return t
	}
	if p.options.Clock != harness.Virtual() || p.outside() {
		t.whole = p.Estimate().AtMost
		for j := range p.Jobs() {
			t.all += j.atMost()
		}
		t.progress.Left = t.whole
		t.tell(t.progress)
	}
	return t
}

// cost returns how long a run takes at most, before it is made.
func (t *tracker) cost(j Job) time.Duration {
	if t.all == 0 {
		return 0
	}
	return j.atMost()
}

// finish counts a run of that cost, and calls Options.Progress.
func (t *tracker) finish(cost time.Duration) {
	if t.tell == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.Done++
	t.finished += cost
	t.progress.Left = t.left(time.Since(t.started))
	t.tell(t.progress)
}

// firstPart is the part of a plan that is too short to measure its speed: a tenth.
const firstPart = 10

// left estimates the time of the remaining runs. During the first tenth it assumes the speed of the
// estimate.
func (t *tracker) left(elapsed time.Duration) time.Duration {
	if t.lanes && t.progress.Done*firstPart >= t.progress.Of {
		return elapsed * time.Duration(t.progress.Of-t.progress.Done) / time.Duration(max(1, t.progress.Done))
	}
	rest := t.all - t.finished
	if t.all == 0 || rest <= 0 {
		return 0
	}
	share := float64(rest) / float64(t.all)
	if t.finished < t.all/firstPart {
		return time.Duration(float64(t.whole) * share)
	}
	return time.Duration(float64(elapsed) * float64(rest) / float64(t.finished))
}
