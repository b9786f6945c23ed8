package harness_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// TestUnreached plays entries on the primary and the secondary of a chain of three, whose last
// provider is healthy, and looks which faults no request has met.
func TestUnreached(t *testing.T) {
	t.Parallel()
	type entries = []fakeprovider.Fault
	type script = fakeprovider.Script
	fails, hangs, healthy := fault.ServerError{}, fault.HeartbeatOnly{}, fakeprovider.Healthy{}
	for name, tt := range map[string]struct {
		primary, secondary entries
		outages            []scenarios.Outage
		want               string // both providers' faults that are left
	}{
		"met":          {entries{hangs}, entries{healthy}, nil, "/"},
		"nobody asks":  {entries{healthy}, entries{hangs}, nil, "/heartbeat-only"},
		"both are met": {entries{hangs}, entries{fails}, nil, "/"},
		"one of two":   {entries{hangs, fault.MidStreamDrop{}}, entries{healthy}, nil, "mid-stream-drop/"},
		"the same name twice": {
			entries{healthy}, entries{hangs, fault.HeartbeatOnly{Every: time.Minute}}, nil, "/heartbeat-only",
		},
		"before there is anything": {entries{fault.Refused{}}, entries{fault.DNSNotFound{}}, nil, "/"},
		"a limit that holds": {
			entries{fakeprovider.Limited{Fault: hangs, Limit: fakeprovider.Limit{First: 1}}, healthy},
			entries{healthy},
			nil, "/",
		},
		"a limit that does not": {
			entries{fakeprovider.Limited{Fault: hangs, Limit: fakeprovider.Limit{Nth: 3}}},
			entries{healthy},
			nil,
			"heartbeat-only/",
		},
		"a time that is past": {entries{
			fakeprovider.Limited{Fault: hangs, Limit: fakeprovider.Limit{Between: fakeprovider.Window{time.Hour}}},
		}, entries{healthy}, nil, "heartbeat-only/"},
		"chance": {
			entries{fakeprovider.Limited{Fault: hangs, Limit: fakeprovider.Limit{Probability: 1e-12}}},
			entries{healthy},
			nil, "/",
		},
		"several at once": {
			entries{fakeprovider.Together{fault.CRLF{}, hangs}},
			entries{fakeprovider.Together{fault.CRLF{}, fault.Silence{}}},
			nil, "/",
		},
		"several at once, not met": {
			entries{healthy}, entries{fakeprovider.Together{fault.CRLF{}, fault.Silence{}}}, nil, "/crlf + silence",
		},
		"a script that answers": {
			entries{healthy},
			entries{script{fakeprovider.Wait{For: time.Second}, fakeprovider.Text{}, fakeprovider.Finish{}}},
			nil, "/",
		},
		"a script that does not": {
			entries{healthy},
			entries{script{fakeprovider.Text{}, fakeprovider.End{How: fakeprovider.Hang}}},
			nil,
			"/script",
		},
		"a script without its end": {entries{healthy}, entries{script{fakeprovider.Text{}}}, nil, "/script"},
		"a script that goes on": {entries{healthy}, entries{
			script{fakeprovider.Repeat{Every: time.Second, Steps: script{fakeprovider.Text{}}}, fakeprovider.Finish{}},
		}, nil, "/script"},
		"a script with an error": {
			entries{healthy}, entries{script{fakeprovider.Respond{Status: 500}, fakeprovider.Finish{}}}, nil, "/script",
		},
		"an outage": {
			entries{healthy}, entries{healthy}, []scenarios.Outage{{Fault: hangs, Providers: []string{"primary"}}}, "/",
		},
		"an outage of others": {
			entries{healthy},
			entries{healthy},
			[]scenarios.Outage{{Fault: hangs, Providers: []string{"secondary"}}},
			"/heartbeat-only",
		},
		"an outage to come": {
			entries{healthy},
			entries{healthy},
			[]scenarios.Outage{{Fault: hangs, Providers: []string{"primary"}, Between: fakeprovider.Window{time.Hour}}},
			"heartbeat-only/",
		},
		"an entry behind an outage": {
			entries{fails},
			entries{healthy},
			[]scenarios.Outage{{Fault: hangs, Providers: []string{"primary"}}},
			"server-error/",
		},
		"an outage that chance calls off": {
			entries{healthy},
			entries{healthy},
			[]scenarios.Outage{{Fault: hangs, Providers: []string{"secondary"}, Probability: 1e-12}},
			"/",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := scenarios.OfFault("reached", healthy)
			s.Providers[0].OnRequest, s.Providers[1].OnRequest = tt.primary, tt.secondary
			s.Providers = append(s.Providers, scenarios.Provider{Name: "tertiary", OnRequest: entries{healthy}})
			s.Outages = tt.outages
			trial := harness.RunScenario(s, harnesstest.Plain)
			var left []string
			for _, p := range trial.Timeline.Run.Providers[:2] {
				left = append(left, strings.Join(p.Unreached, ","))
			}
			if got := strings.Join(left, "/"); got != tt.want {
				t.Errorf("got %q, want %q: %s\n%s", got, tt.want, trial.Verdict(), trial.Timeline)
			}
			want := assertions.Passed
			if tt.want != "/" {
				want = assertions.Unknown
			}
			isReached := func(r assertions.Result) bool { return r.Name == assertions.ReachedName }
			if trial.Verdict() != want ||
				slices.ContainsFunc(trial.Judgement.Results, isReached) != (want == assertions.Unknown) {
				t.Errorf("got %s: %+v", trial.Verdict(), trial.Judgement.Results)
			}
			s.UnreachedOK = true
			if trial := harness.RunScenario(s, harnesstest.Plain); trial.Verdict() != assertions.Passed ||
				!trial.Timeline.Run.UnreachedOK {
				t.Errorf("it may be left, and is %s: %+v", trial.Verdict(), trial.Judgement.Results)
			}
		})
	}
}

// A fault of one's own may hold a function, and then be equal to nothing.
func TestUnreachedFaultsThatCannotBeCompared(t *testing.T) {
	t.Parallel()
	own := func() fakeprovider.Fault {
		return functional{step: func() fakeprovider.Step { return fakeprovider.Fail{Status: 500} }}
	}
	s := scenarios.OfFault("functional", own())
	if trial := harness.RunScenario(s, harnesstest.Plain); trial.Verdict() != assertions.Passed {
		t.Errorf("it was met, and is %s: %+v", trial.Verdict(), trial.Judgement.Results)
	}
	s = scenarios.OfFault("functional", fakeprovider.Healthy{})
	s.Providers[1].OnRequest = []fakeprovider.Fault{own()}
	trial := harness.RunScenario(s, harnesstest.Plain)
	if left := trial.Timeline.Run.Providers[1].Unreached; !slices.Equal(left, []string{"harness_test.functional"}) {
		t.Errorf("left are %q", left)
	}
}

// functional is a fault with a function and without a name.
type functional struct{ step func() fakeprovider.Step }

func (f functional) Script() fakeprovider.Script { return fakeprovider.Script{f.step()} }

// TestMet plays two entries, the second of them two faults at once, and looks which requests met
// them and what is right about each.
func TestMet(t *testing.T) {
	t.Parallel()
	s := scenarios.OfFault("met", fault.ServerError{})
	s.Providers[0].OnRequest = append(s.Providers[0].OnRequest, fakeprovider.Together{fault.CRLF{}, fault.Silence{}},
		fakeprovider.Healthy{})
	s.Calls = append(s.Calls, s.Calls[0], s.Calls[0])
	run := harness.RunScenario(s, harnesstest.Plain)
	want := []timeline.MetFault{
		{Fault: "server-error", Right: fault.ServerError{}.Info().Right.Advice(), Requests: []int{1}},
		{Fault: "crlf", Right: fault.CRLF{}.Info().Right.Advice(), Requests: []int{2}},
		{Fault: "silence", Right: fault.Silence{}.Info().Right.Advice(), Requests: []int{2}},
	}
	if diff := cmp.Diff(want, run.Timeline.Run.Providers[0].Met); diff != "" {
		t.Errorf("primary (-want +got):\n%s", diff)
	}
	if got := run.Timeline.Run.Providers[1].Met; got != nil {
		t.Errorf("secondary, which is healthy: got %+v", got)
	}
	second := timeline.Attempt{Provider: "primary", N: 2}
	if got := run.Timeline.Run.MetBy(second); !cmp.Equal(got, want[1:]) {
		t.Errorf("the second request met %+v", got)
	}
	for _, other := range []timeline.Attempt{{Provider: "primary", N: 3}, {Provider: "nobody", N: 1}} {
		if got := run.Timeline.Run.MetBy(other); got != nil {
			t.Errorf("request %d of %s met %+v", other.N, other.Provider, got)
		}
	}
}
