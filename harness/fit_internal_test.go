package harness

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// abroad are the options of an engine in another process.
func abroad(o Outside) *options {
	all := newOptions(nil)
	all.outside = &o
	return &all
}

// What an engine in another process is told of its providers' addresses.
func TestWhatAnEngineIsTold(t *testing.T) {
	here := newOptions(nil)
	listen := Address{Listen: "127.0.0.1:4000", Advertise: "http://a"}
	there := abroad(Outside{WarmUp: 3, Addresses: []Address{listen}, Host: "host.internal"})
	for i, want := range []Address{listen, {}, {}} {
		if got := there.address(i); got != want {
			t.Errorf("address %d is %+v", i, got)
		}
	}
	if here.address(0) != (Address{}) || here.host() != "" || here.warmUp() != 0 || there.warmUp() != 3 {
		t.Error("an engine of this process has addresses")
	}
	for host, want := range map[string]string{"127.0.0.1:80": "host.internal:80", "primary.test": "primary.test"} {
		if got := there.told(host); got != want {
			t.Errorf("%s is told as %s", host, got)
		}
	}
	if got := here.told("127.0.0.1:80"); got != "127.0.0.1:80" {
		t.Errorf("got %s", got)
	}
}

// A call is cut by its own limit if that comes before the scenario's deadline, and the reason says
// whose it is.
func TestCutAfter(t *testing.T) {
	s := scenarios.Scenario{Deadline: time.Minute}
	const deadline = "the scenario's deadline of 1m0s"
	for _, tt := range []struct {
		limit time.Duration
		by    timeline.CallLimitBy
		want  time.Duration
		why   string
	}{
		{0, timeline.LimitByOption, time.Minute, deadline},
		{time.Minute, timeline.LimitByOption, time.Minute, deadline},
		{59 * time.Second, timeline.LimitByOption, 59 * time.Second, "the call limit that was asked for of 59s"},
		{time.Second, timeline.LimitByTarget, time.Second, "the target's call limit of 1s"},
		{time.Second, timeline.LimitOfCell, time.Second, "the limit of a cell of 1s"},
	} {
		o := newOptions(nil)
		o.callLimit, o.callLimitBy = tt.limit, tt.by
		if limit, why := o.cutAfter(s); limit != tt.want || why != tt.why {
			t.Errorf("%s: got %s, %q", tt.limit, limit, why)
		}
	}
}

// What a command or a test cannot play is skipped with the reason. An engine of this process plays
// all of it.
func TestUnfitCalls(t *testing.T) {
	hang, many := scenarios.Call{HangUp: time.Second}, scenarios.Call{Count: 3}
	unseen, contained := Outside{CallerUnseen: true}, Outside{Contained: true}
	begun, plain := Outside{StartUnseen: true}, Outside{}
	const hangs = "the caller hangs up, and that of a command cannot: it can only kill it"
	const says = "its caller has more to say than a prompt, and a command takes a prompt alone"
	for _, tt := range []struct {
		name string
		o    Outside
		call scenarios.Call
		want string
	}{
		{"a gateway", plain, scenarios.Call{System: "x", HangUp: 1, Count: 3}, ""},
		{"a prompt", unseen, scenarios.Call{}, ""},
		{"one caller", unseen, scenarios.Call{Count: 1}, ""},
		{"a system prompt", contained, scenarios.Call{System: "x"}, says},
		{"a conversation", contained, scenarios.Call{Messages: []scenarios.Message{{}}}, says},
		{"tools", unseen, scenarios.Call{Tools: []scenarios.Tool{{}}}, says},
		{"many callers", unseen, many, "3 calls are made at once, and the command makes its own calls"},
		{"many callers of a command that takes a prompt", contained, many, ""},
		{"hangs up", contained, hang, hangs},
		{"hangs up, unseen", unseen, hang, hangs},
		{"a test", begun, scenarios.Call{System: "x"}, ""},
		{"a test at once", begun, many, "3 calls are made at once, and a test makes one after the other"},
		{
			"a test that hangs up", begun, hang,
			"the caller hangs up after a time from the call's start, which a test does not tell",
		},
	} {
		s := scenarios.OfFault("x", fakeprovider.Healthy{})
		s.Calls = []scenarios.Call{{}, tt.call}
		if _, skip := abroad(tt.o).fit(s); skip != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, skip, tt.want)
		}
	}
	s := scenarios.OfFault("x", fakeprovider.Healthy{})
	for n, want := range map[int]string{
		0: "", 1: "it has 2 providers, and the target has addresses for 1", 2: "", 3: "",
	} {
		if _, skip := abroad(Outside{Addresses: make([]Address, n)}).fit(s); skip != want {
			t.Errorf("%d addresses: got %q, want %q", n, skip, want)
		}
	}
}

// A healthy provider may be moved to another protocol, and one that is about a wire may not.
func TestOnProtocols(t *testing.T) {
	o := newOptions(nil)
	o.protocols = []string{"anthropic-messages", "gemini"}
	base := scenarios.OfFault("x", fault.HeartbeatOnly{})
	wire := func(s scenarios.Scenario, first, second string) scenarios.Scenario {
		s.Providers = append([]scenarios.Provider{}, s.Providers...)
		s.Tags, s.Providers[0].Protocol, s.Providers[1].Protocol = []string{"wire"}, first, second
		return s
	}
	about := "it is about a vendor's wire, openai-chat, and the target speaks only anthropic-messages, gemini"
	for _, tt := range []struct {
		name          string
		scenario      scenarios.Scenario
		first, second string
		skip          string
	}{
		{"moved", base, "anthropic-messages", "anthropic-messages", ""},
		{"spoken", wire(base, "gemini", "gemini"), "gemini", "gemini", ""},
		{"the healthy one is moved", wire(base, "gemini", "openai-chat"), "gemini", "anthropic-messages", ""},
		{"the broken one is not", wire(base, "openai-chat", "gemini"), "openai-chat", "gemini", about},
		{"one without a protocol is", wire(base, "", "gemini"), "anthropic-messages", "gemini", ""},
	} {
		before := tt.scenario.Providers[0].Protocol + tt.scenario.Providers[1].Protocol
		moved, skip := o.onProtocols(tt.scenario)
		if skip != tt.skip || moved.Providers[0].Protocol != tt.first || moved.Providers[1].Protocol != tt.second {
			t.Errorf("%s: got %s and %s, %q", tt.name, moved.Providers[0].Protocol, moved.Providers[1].Protocol, skip)
		}
		if after := tt.scenario.Providers[0].Protocol + tt.scenario.Providers[1].Protocol; after != before {
			t.Errorf("%s: the scenario itself was changed to %s", tt.name, after)
		}
	}
}

// What a script says that a protocol cannot say is found wherever it stands, and nothing else is.
func TestUnsaid(t *testing.T) {
	type script = fakeprovider.Script
	about := fakeprovider.About{}
	chat, ok := newOptions(nil).words.Protocol("openai-chat")
	if !ok {
		t.Fatal("no chat")
	}
	frame := func(kind fakeprovider.FrameKind) fakeprovider.Step {
		return fakeprovider.SendFrame{Kind: kind.String()}
	}
	finish, done, text := frame(fakeprovider.FrameFinish), frame(fakeprovider.FrameDone), frame(fakeprovider.FrameText)
	for name, tt := range map[string]struct {
		script script
		want   bool
	}{
		"nothing": {nil, false}, "a finish alone": {script{finish}, true},
		"with its mark":   {script{text, finish, done}, false},
		"a mark too late": {script{finish, text, done}, true}, "the second": {script{finish, done, finish}, true},
		"a mark without a finish":     {script{done, text}, false},
		"a finish behind other steps": {script{fakeprovider.Text{}, finish, fakeprovider.Text{}}, true},
	} {
		if got := finishesAlone(tt.script); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for name, tt := range map[string]struct {
		script script
		about  fakeprovider.About
	}{
		"an answer":                         {script{fakeprovider.Text{}, fakeprovider.Finish{}}, about},
		"reasoning, in a protocol that can": {script{fakeprovider.Think{}}, about},
		"a tool call":                       {script{fakeprovider.CallTool{}}, chat.About()},
	} {
		if got := unsaid(tt.script, tt.about); got != 0 {
			t.Errorf("%s: %s", name, got)
		}
	}
	mute := fakeprovider.About{Unsaid: []fakeprovider.FrameKind{
		fakeprovider.FrameThinking, fakeprovider.FrameRefusal, fakeprovider.FrameToolCall,
	}}
	for want, steps := range map[fakeprovider.FrameKind]script{
		fakeprovider.FrameThinking: {fakeprovider.Text{}, fakeprovider.Think{}},
		fakeprovider.FrameRefusal:  {fakeprovider.Repeat{Steps: script{fakeprovider.Refuse{}}}},
		fakeprovider.FrameToolCall: {script{fakeprovider.Text{}, fakeprovider.CallTool{}}, fakeprovider.Think{}},
	} {
		if got := unsaid(steps, mute); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The pauses of heartbeats are shortened, never made longer, and the scenario itself stays.
func TestCadence(t *testing.T) {
	s := scenarios.OfFault("x", fault.HeartbeatOnly{Every: 10 * time.Second})
	s.Outages = []scenarios.Outage{{Fault: fault.HeartbeatOnly{Every: 20 * time.Second}}}
	if got := Pace(s); got != 20*time.Second {
		t.Errorf("the longest pause is %s", got)
	}
	for d, want := range map[time.Duration]time.Duration{
		0: 0, -1: 0, 19 * time.Second: 19 * time.Second, 20 * time.Second: 0, time.Hour: 0, time.Second: time.Second,
	} {
		paced, applied := withCadence(s, d)
		if longest := Pace(paced); applied != want || want > 0 && longest != want ||
			want == 0 && longest != 20*time.Second {
			t.Errorf("%s: applied %s, and the longest pause is %s", d, applied, longest)
		}
		if Pace(s) != 20*time.Second {
			t.Fatalf("%s: the scenario itself was changed to %s", d, Pace(s))
		}
	}
	if got := Pace(scenarios.OfFault("x", fault.Silence{})); got != 0 {
		t.Errorf("silence has a pause of %s", got)
	}
}
