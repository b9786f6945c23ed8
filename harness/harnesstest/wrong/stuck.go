package wrong

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
)

// stuck are engines whose call never returns.
func stuck() []Engine {
	var stop atomic.Bool
	all := []Engine{
		{
			Name: "deadlocks-on-a-channel", Wrong: "It waits for a channel that nobody sends to.",
			Factory: DeadlocksOnAChannel(), Says: []string{"chan receive"},
		},
		{
			Name: "deadlocks-on-a-mutex", Wrong: "It locks a mutex twice.",
			Factory: DeadlocksOnAMutex(), Says: []string{"blocked outside virtual time (mutex)"}, StopsClock: true,
		},
		{
			Name: "spins", Wrong: "It waits in a loop that yields and never sleeps.",
			Factory: Spins(&stop), Says: []string{"blocked outside virtual time (spin)"}, StopsClock: true,
			release: func() { stop.Store(true) },
		},
		{
			Name: "reads-a-real-socket", Wrong: "It uses a network of its own instead of the Lab's client.",
			Factory: ReadsARealSocket(),
			Says:    []string{"blocked outside virtual time (real I/O)", "use Lab.HTTPClient"}, StopsClock: true,
			Verdict: assertions.Unknown,
		},
		{
			Name: "dials-by-itself", Wrong: "It looks up a provider on the network of the machine.",
			Factory: DialsByItself(),
			Says: []string{
				"looks up primary.test on the machine's network", "use Lab.HTTPClient or Lab.DialContext",
			},
			Verdict: assertions.Unknown,
		},
		{
			Name: "leaves-by-goexit", Wrong: "It ends the goroutine of its call, as a failing assertion does.",
			Factory: LeavesByGoexit(), Says: []string{"left by runtime.Goexit (a failing assertion)"},
		},
		{
			Name: "never-returns", Wrong: "It ignores that its context has ended.",
			Factory: NeverReturns(), Says: []string{"still running 1m0s after it was cancelled", "sleep"},
		},
	}
	for i := range all {
		all[i].Scenario, all[i].Finding, all[i].Rule = atOnce(), assertions.PremiseName, harnesstest.RuleAnswers
		if all[i].Verdict == assertions.Unknown {
			all[i].Says = append(all[i].Says, "the harness could not look")
			continue
		}
		all[i].Says = append(all[i].Says, "the call never returned", "stuck.go:")
	}
	return all
}

// DeadlocksOnAChannel waits for a channel that nobody sends to.
func DeadlocksOnAChannel() harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
		if err := askAndClose(ctx, u); err != nil {
			return err
		}
		<-make(chan int)
		return nil
	}).factory()
}

// DeadlocksOnAMutex locks a mutex twice.
func DeadlocksOnAMutex() harness.Factory {
	return call(func(context.Context, harness.Upstream, func(harness.Delta)) error {
		var mu sync.Mutex
		mu.Lock()
		mu.Lock()
		return nil
	}).factory()
}

// Spins waits in a loop that yields and never sleeps, until stop is set.
func Spins(stop *atomic.Bool) harness.Factory {
	return call(func(context.Context, harness.Upstream, func(harness.Delta)) error {
		for !stop.Load() {
			runtime.Gosched()
		}
		return nil
	}).factory()
}

// ReadsARealSocket waits for a datagram that nobody sends.
func ReadsARealSocket() harness.Factory {
	return call(func(ctx context.Context, _ harness.Upstream, _ func(harness.Delta)) error {
		c, err := new(net.ListenConfig).ListenPacket(ctx, "udp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		defer c.Close() //nolint:errcheck // it is never reached
		_, _, err = c.ReadFrom(make([]byte, 1))
		return err //nolint:wrapcheck // it is never reached
	}).factory()
}

// DialsByItself connects to the primary with a dialer of its own.
func DialsByItself() harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(u.URL, "http://")+":80")
		if err != nil {
			return fmt.Errorf("dial: %w", err)
		}
		return c.Close() //nolint:wrapcheck // it is never reached
	}).factory()
}

// LeavesByGoexit ends the goroutine that it is called on.
func LeavesByGoexit() harness.Factory {
	return call(func(context.Context, harness.Upstream, func(harness.Delta)) error {
		runtime.Goexit()
		return nil
	}).factory()
}

// NeverReturns ignores that its context has ended.
func NeverReturns() harness.Factory {
	return call(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
		if err := askAndClose(ctx, u); err != nil {
			return err
		}
		for {
			time.Sleep(time.Second) //nolint:gosec // that it does not look at ctx is the point
		}
	}).factory()
}
