package harness

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// Grace is the scenario time that an engine has to return from a cut call, and to close its
// connections after the last call.
const Grace = time.Minute

// A stage is a run in progress, inside the world's time.
type stage struct {
	scenario scenarios.Scenario
	options  options
	world    world
	recorder *timeline.Recorder
	lab      Lab
	calls    atomic.Int64 // number of the current call, from 1
	skipped  atomic.Pointer[string]
	// servers maps addresses to the providers that serve them. It does not change once they are
	// started.
	servers map[string]*fakeprovider.Server
	// proxies maps hosts to the proxies that clients must use. Hosts include the port unless it is
	// the scheme's default. It does not change once the providers are started.
	proxies map[string]*url.URL
}

func newStage(s scenarios.Scenario, o options, w world) *stage {
	return &stage{scenario: s, options: o, world: w, recorder: timeline.NewRecorder(timeline.RecorderOptions{Scale: w.speed()})}
}

// Skip is returned by a Factory whose engine cannot run the scenario, for example because it does
// not support a protocol of the chain. The run is skipped with the reason.
type Skip struct{ Reason string }

var _ Target = Skip{}

// Call returns an error. The harness does not call it.
func (s Skip) Call(context.Context, Request, func(Delta)) error {
	return fmt.Errorf("harness: skipped: %s", s.Reason)
}

// play starts the providers, makes the calls and records leaks.
func (st *stage) play(f Factory) {
	transport := st.world.transport()
	transport.DialContext = st.dialer(transport.DialContext)
	st.lab = Lab{
		ctx: st.options.ctx, scenario: st.scenario.Name,
		client: &http.Client{Transport: transport}, recorder: st.recorder, seed: st.options.seed, scale: 1 / st.world.speed(),
	}
	stop, err := st.startProviders(transport)
	if err != nil {
		st.recorder.Record(timeline.WorldLane, timeline.HarnessFailed, err.Error())
		return
	}
	defer stop()
	target, ok := st.build(f)
	if !ok {
		return
	}
	if skip, ok := target.(Skip); ok {
		st.skipped.Store(&skip.Reason)
		return
	}
	for i, c := range st.scenario.Calls {
		if !st.pause(c.After) || !st.call(target, i+1, c) {
			break
		}
	}
	st.release(target)
	st.leaks(transport)
}

// build calls the factory. It records a panic as the engine's.
func (st *stage) build(f Factory) (target Target, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			st.recorder.Record(timeline.ClientLane(1), timeline.CallPanicked, "while it was built: "+panicText(v, debug.Stack()))
			ok = false
		}
	}()
	target = f(st.lab)
	if target == nil {
		st.recorder.Record(timeline.WorldLane, timeline.HarnessFailed, "the factory returned no target")
		return nil, false
	}
	return target, true
}

// pause waits before a call. It returns false if the recorder is full, which ends the run.
func (st *stage) pause(d time.Duration) bool {
	if d == 0 {
		return true
	}
	timer := time.NewTimer(scaled(d, st.world.speed()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-st.recorder.Full():
		return false
	}
}

// call makes one call. It waits until the call returns, or until its deadline and Grace have
// passed. It returns false if the call did not return. No further call can then be made.
func (st *stage) call(target Target, n int, c scenarios.Call) bool {
	st.calls.Store(int64(n))
	lane := timeline.ClientLane(n)
	// ctx has no deadline, to hide that of the scenario from the engine.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	st.recorder.Record(lane, timeline.CallStarted, c.Prompt)
	deadline := time.NewTimer(scaled(st.scenario.Deadline, st.world.speed()))
	defer deadline.Stop()
	done := make(chan func(), 1)
	go func() { done <- st.invoke(ctx, target, lane, c) }()
	select {
	case ended := <-done:
		ended()
		return true
	case <-st.recorder.Full():
		cancel()
		return st.await(done, lane, func() {})
	case <-deadline.C:
		st.recorder.Record(lane, timeline.CallCut, "the scenario's deadline of "+st.scenario.Deadline.String())
		cancel()
		return st.await(done, lane, func() {})
	}
}

// await waits up to Grace for a cancelled call to return. It reports whether it did.
func (st *stage) await(done <-chan func(), lane string, ended func()) bool {
	grace := time.NewTimer(scaled(Grace, st.world.speed()))
	defer grace.Stop()
	select {
	case <-done:
		ended()
		return true
	case <-grace.C:
		st.recorder.Record(lane, timeline.CallBlocked, fmt.Sprintf("it was still running %s after it was cancelled", Grace))
		return false
	}
}

// invoke runs the engine's call on this goroutine. ended records how the call ended.
func (st *stage) invoke(ctx context.Context, target Target, lane string, c scenarios.Call) (ended func()) {
	defer func() {
		if v := recover(); v != nil {
			text := panicText(v, debug.Stack())
			ended = func() { st.recorder.Record(lane, timeline.CallPanicked, text) }
		}
	}()
	err := target.Call(ctx, Request{
		Prompt: c.Prompt, ContextTokens: c.ContextTokens, ContextWindow: c.ContextWindow, Stream: c.Stream, Restarts: c.Restarts,
	}, func(d Delta) { st.deliver(lane, d) })
	if err != nil {
		return func() { st.recorder.Record(lane, timeline.CallFailed, err.Error()) }
	}
	return func() { st.recorder.Record(lane, timeline.CallAnswered, "") }
}

func (st *stage) deliver(lane string, d Delta) {
	kinds := map[DeltaKind]timeline.Kind{
		DeltaText: timeline.TextReceived, DeltaThinking: timeline.ThinkingReceived,
		DeltaToolCall: timeline.ToolCallReceived, DeltaRestart: timeline.RestartReceived,
		DeltaModel: timeline.ModelReceived, DeltaUsage: timeline.UsageReceived, DeltaFinish: timeline.FinishReceived,
	}
	if kind, ok := kinds[d.Kind]; ok {
		st.recorder.Record(lane, kind, d.Text)
	}
}

// release closes the target if it is an io.Closer. It waits for up to Grace.
func (st *stage) release(target Target) {
	closer, ok := target.(io.Closer)
	if !ok {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				st.recorder.Record(timeline.ClientLane(1), timeline.CallPanicked, "while it was closed: "+panicText(v, debug.Stack()))
			}
		}()
		_ = closer.Close() // the error does not affect the verdict
	}()
	select {
	case <-done:
	case <-time.After(scaled(Grace, st.world.speed())):
	}
}

// leaks waits up to Grace for the engine to close its connections, and records the remaining ones.
// An idle connection belongs to the pool and is no leak. A connection whose request was just
// cancelled becomes idle a moment later.
func (st *stage) leaks(pool *http.Transport) {
	rest := func() []string {
		st.world.settle()
		pool.CloseIdleConnections()
		st.world.settle()
		return st.left()
	}
	if len(rest()) == 0 {
		return
	}
	time.Sleep(scaled(Grace, st.world.speed()))
	for _, what := range rest() {
		st.recorder.Record(timeline.WorldLane, timeline.ConnectionLeaked, what)
	}
}

// left describes the open requests at the providers. If there are none, it describes the open
// connections.
func (st *stage) left() []string {
	var left []string
	for _, a := range (timeline.Timeline{Events: st.recorder.Events()}).Attempts() {
		if a.Open {
			left = append(left, fmt.Sprintf("request %d of %s is still open", a.N, a.Provider))
		}
	}
	if left != nil {
		return left
	}
	return st.world.open()
}

// panicText returns the value of a panic and its innermost frame.
func panicText(v any, stack []byte) string {
	text := fmt.Sprint(v)
	lines := strings.Split(string(stack), "\n")
	for i := range lines {
		if strings.HasPrefix(lines[i], "panic(") && i+3 < len(lines) {
			function, _, _ := strings.Cut(lines[i+2], "(0x")
			file, _, _ := strings.Cut(strings.TrimSpace(lines[i+3]), " +0x")
			return fmt.Sprintf("%s in %s at %s", text, function, file)
		}
	}
	return text
}
