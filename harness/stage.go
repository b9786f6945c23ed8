package harness

import (
	"context"
	"fmt"
	"net"
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
	each     []scenarios.Call // every single call
	options  options
	world    world
	guard    *guard
	recorder *timeline.Recorder
	lab      Lab
	callers  atomic.Pointer[callers] // nil before the first call
	skipped  atomic.Pointer[string]
	// noRestarts says that the target cannot tell its callers to start over.
	noRestarts atomic.Bool
	// interrupted says that the run's context ended before the run was over.
	interrupted atomic.Bool
	// distortion is how much longer than its script the last healthy call took, in scenario time.
	distortion atomic.Int64
	// tree watches the clock of a process tree, and evidence is what it saw: nil for other clocks.
	tree     treeWatch
	evidence *timeline.ClockEvidence
	// reached knows which faults no request has met.
	reached reached
	venues  []venue
	// handshakes has what went wrong below TLS.
	handshakes handshakes
	// servers maps addresses to the providers that serve them now.
	servers atomic.Pointer[map[string]*fakeprovider.Server]
	// proxies maps hosts to the proxies that clients must use. Hosts include the port unless it is
	// the scheme's default. It does not change once the addresses are open.
	proxies map[string]*url.URL
}

func newStage(s scenarios.Scenario, o options, w world) *stage {
	each := s.EachCall()
	n := len(each)
	return &stage{
		scenario: s, each: each, options: o, world: w,
		recorder: timeline.NewRecorder(timeline.RecorderOptions{
			Scale: w.speed(), Limit: eventLimit(n), LaneLimit: laneLimit(n),
		}),
	}
}

// eventLimit and laneLimit are how much of a run of n calls is recorded. A call of an engine that
// behaves fills some 100 events and 3 lanes; one of the worst sends 19 requests. More than
// MostCallers calls do not raise them.
func eventLimit(n int) int {
	return max(timeline.DefaultEventLimit, 1_000*min(n, scenarios.MostCallers))
}

func laneLimit(n int) int { return max(timeline.DefaultLaneLimit, 20*min(n, scenarios.MostCallers)) }

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
	ctx, end := st.context()
	defer end()
	st.lab = Lab{
		ctx: st.guard.context(ctx, end), dial: transport.DialContext, words: st.options.words,
		scenario: st.scenario.Name,
		client:   &http.Client{Transport: transport}, seed: st.options.seed, scale: 1 / st.world.speed(),
		recorder: st.recorder, atOnce: atOnce(st.scenario),
		listen: func(name string) (net.Listener, string, error) {
			l, host, err := st.world.listen(name, "http", "")
			return l, "http://" + host, err
		},
		explain: func(text string) {
			if st.guard.enter() == nil {
				st.recorder.Record(timeline.EngineLane, timeline.Decided, text)
			}
		},
	}
	defer st.closeVenues()
	if err := st.openVenues(transport); err != nil {
		st.failed(err.Error())
		return
	}
	if because := st.options.because; because != "" {
		st.recorder.Record(timeline.EngineLane, timeline.Decided, because)
	}
	transport.Proxy = st.guard.proxy(transport.Proxy)
	stopWatching := st.watchForStandstill()
	defer stopWatching()
	leaveTree := st.watchTree()
	defer leaveTree()
	if st.options.warmUp() > 0 {
		st.serveHealthy()
	} else {
		st.serveScenario()
	}
	target, ok := st.build(f)
	if !ok {
		return
	}
	if st.warmUp(target) {
		st.makeCalls(target)
		st.explainSilence()
	}
	st.linger()
	st.release(target)
	st.guard.tidy()
	st.leaks(transport)
}

// makeCalls makes the calls of the scenario.
func (st *stage) makeCalls(target Target) {
	st.tree.beginCalls()
	first, looked := 1, time.Duration(0)
	for _, c := range st.scenario.Calls {
		now := st.each[first-1:][:c.Callers()]
		if !st.pause(max(0, c.After-looked)) ||
			!st.tree.aroundCalls(len(now), func() bool { return st.together(target, first, now) }) {
			return
		}
		looked = 0
		if c.HangUp > 0 {
			looked = st.lookOn()
		}
		first += len(now)
	}
}

// failed records that the run cannot be judged.
func (st *stage) failed(why string) {
	st.recorder.Record(timeline.WorldLane, timeline.HarnessFailed, why)
}

// build calls the factory. It returns false if there is nothing to call: the factory panicked, or
// returned a Skip or a CannotLook.
func (st *stage) build(f Factory) (target Target, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			st.recorder.Record(timeline.ClientLane(1), timeline.CallPanicked,
				"while it was built: "+panicText(v, debug.Stack()))
			ok = false
		}
	}()
	target = f(st.lab)
	switch t := target.(type) {
	case nil:
		st.failed("the factory returned no target")
	case Skip:
		st.skipped.Store(&t.Reason)
	case CannotLook:
		if !st.checkInterrupt() {
			st.failed(t.Reason)
		}
	default:
		n, ok := target.(NoRestarts)
		st.noRestarts.Store(ok && n.NoRestarts())
		return target, true
	}
	return nil, false
}

func (st *stage) deliver(lane string, d Delta) {
	kinds := map[DeltaKind]timeline.Kind{
		DeltaText: timeline.TextReceived, DeltaThinking: timeline.ThinkingReceived,
		DeltaToolCall: timeline.ToolCallReceived, DeltaRestart: timeline.RestartReceived,
		DeltaModel: timeline.ModelReceived, DeltaUsage: timeline.UsageReceived, DeltaFinish: timeline.FinishReceived,
		DeltaRequest: timeline.RequestSent, DeltaHeaders: timeline.HeadersReceived,
		DeltaHeartbeat: timeline.HeartbeatReceived,
		DeltaFrame:     timeline.FrameReceived, DeltaMark: timeline.MarkReceived, DeltaBodyEnd: timeline.BodyEnded,
	}
	if kind, ok := kinds[d.Kind]; ok && st.guard.enter() == nil {
		st.recorder.RecordPart(lane, kind, d.Tool.Number, d.Text)
	}
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
