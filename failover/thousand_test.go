package failover_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// A thousand calls, one every 400 ms, are under way or still to come when the primary dies, in the
// middle of what it says to some of them, and when it returns. Each gets one whole answer, whoever
// gives it; those that come while it is dead do not pay for finding out, but for one at a time; and
// in the end all are back at the primary.
func TestAThousandCallsWhileThePrimaryDiesAndReturns(t *testing.T) {
	t.Parallel()
	const (
		calls     = 1000
		apart     = 400 * time.Millisecond
		diesAt    = 60 * time.Second
		returnsAt = 180 * time.Second
		piece     = 2150 * time.Millisecond // so that nobody finds out in the instant in which a call begins
		// It is left at 60 s for 60 s, the probe stalls for 42 s, it is left for 120 s, and the
		// next probe takes four pieces.
		backAt = 60*time.Second + 60*time.Second + 42*time.Second + 120*time.Second + 4*piece
	)
	var dead atomic.Bool
	primary := func(x *exchange) {
		if dead.Load() {
			mute(x)
			return
		}
		for _, text := range []string{"hello ", "fr", "om ", x.provider} {
			x.text(text)
			if !x.wait(piece) {
				return
			}
			if dead.Load() {
				resets(x)
				return
			}
		}
		x.finish()
	}
	within(t, policy(t, "recommended"), []provider{
		openai("primary", primary), anthropic("secondary", answers),
	}, func(l *lab) {
		defer time.AfterFunc(diesAt, func() { dead.Store(true) }).Stop()
		defer time.AfterFunc(returnsAt, func() { dead.Store(false) }).Stop()
		var wg sync.WaitGroup
		var restarts atomic.Int64
		var mu sync.Mutex
		var last time.Duration // when the last call began that the secondary answered
		for i := range calls {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * apart)
				var text strings.Builder
				answer, err := l.engine.Call(l.t.Context(), failover.Request{
					Stream: true, Restarts: true,
				}, func(d failover.Delta) {
					if d.Kind == failover.DeltaRestart {
						text.Reset()
						restarts.Add(1)
					}
					text.WriteString(d.Text)
				})
				if err != nil || text.String() != "hello from "+answer.Provider {
					t.Errorf("call %d: got %q from %q, error %v", i, text.String(), answer.Provider, err)
				}
				if answer.Provider == "secondary" {
					mu.Lock()
					last = max(last, time.Duration(i)*apart)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if restarts.Load() == 0 {
			t.Error("nobody was in the middle of an answer when the primary died")
		}
		whileDead := 0
		for _, at := range l.hits["primary"] {
			if at > diesAt && at < returnsAt {
				whileDead++
			}
		}
		if whileDead > 1 { // the probe
			t.Errorf("the dead primary got %d requests", whileDead)
		}
		if last > backAt+2*apart || calls*apart < backAt+time.Minute {
			t.Errorf("a call that began at %s still went to the secondary", last)
		}
	})
}
