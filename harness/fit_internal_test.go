package harness

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// A request carries a key in its header or query, and asks for a model in its body or path.
func TestWhatARequestAsks(t *testing.T) {
	request := func(target, header string) *http.Request {
		at, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Request{URL: at, Header: http.Header{"A": {"x"}, "B": {"y", header}}}
	}
	for _, tt := range []struct {
		target, header string
		want           bool
	}{
		{"/v1?key=sk-1", "", true},
		{"/v1", "Bearer sk-1", true},
		{"/v1/sk-1", "", false},
		{"/v1?key=sk-2", "sk-", false},
	} {
		if got := carries(request(tt.target, tt.header), "sk-1"); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
	for _, tt := range []struct {
		target, model string
		want          bool
	}{
		{"/v1", "m", true},
		{"/v1", "vendor/m", true},
		{"/v1", "a/b/m", true},
		{"/v1", "mm", false},
		{"/v1", "m/", false},
		{"/v1", "", false},
		{"/v1/models/m:stream", "", true},
		{"/v1/models/m", "", true},
		{"/v1/models/mm", "", false},
	} {
		if got := asksFor(request(tt.target, ""), map[string]any{"model": tt.model}, "m"); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
	call := scenarios.Call{
		Prompt: " hi ", System: "be brief", Messages: []scenarios.Message{{Text: "one"}, {Text: "two"}},
		Tools: []scenarios.Tool{{Name: "f"}, {Name: "g"}},
	}
	whole := map[string]any{
		"system": "be brief", "messages": []any{"one", map[string]any{"text": "two"}, "say hi"},
		"tools": []any{map[string]any{"name": "f"}, "g"}, "n": 1.0,
	}
	for _, tt := range []struct {
		without string
		want    []string
	}{
		{"nothing", nil},
		{"hi", []string{"prompt"}},
		{"be brief", []string{"system prompt"}},
		{"one", []string{"conversation"}},
		{"two", []string{"conversation"}},
		{"f", []string{"system prompt", "tools"}},
		{"g", []string{"tools"}},
	} {
		if diff := cmp.Diff(lacks(stripped(whole, tt.without), call), tt.want); diff != "" {
			t.Errorf("without %s (-got +want):\n%s", tt.without, diff)
		}
	}
	if diff := cmp.Diff(lacks(nil, call), []string{"prompt", "system prompt", "conversation", "tools"}); diff != "" {
		t.Errorf("nothing (-got +want):\n%s", diff)
	}
}

// stripped returns a JSON value without a text.
func stripped(content any, text string) any {
	switch v := content.(type) {
	case string:
		return strings.ReplaceAll(v, text, "")
	case []any:
		var all []any
		for _, one := range v {
			all = append(all, stripped(one, text))
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for name, one := range v {
			all[name] = stripped(one, text)
		}
		return all
	}
	return content
}

// A prompt is padded to the size that is declared, within the bounds of the target and the harness.
func TestPrompt(t *testing.T) {
	for size, want := range map[int]int{
		-1: 2, 0: 2, 2: 2, 3: len(filler) + 4, 2 + len(filler): 2*len(filler) + 4, len(filler) + 1: len(filler) + 4,
	} {
		if got := padded("hi", size); len(got) != want || !strings.HasSuffix(got, "hi") ||
			size > 2 && !strings.HasSuffix(got, "\n\nhi") {
			t.Errorf("%d bytes: got %d", size, len(got))
		}
	}
	call := scenarios.Call{Prompt: "hi", ContextTokens: 1000}
	here := &stage{options: newOptions(nil)}
	if got := here.prompt(call); got != "hi" {
		t.Errorf("an engine of this process gets %d bytes", len(got))
	}
	for limit, want := range map[int]int{0: 4000, 1000: 1000, 100_000: 4000} {
		st := &stage{options: *abroad(Outside{PromptLimit: limit})}
		if got := len(st.prompt(call)); got < want || got > want+2*len(filler) {
			t.Errorf("limit %d: got %d bytes, want some %d", limit, got, want)
		}
	}
	st := &stage{options: *abroad(Outside{})}
	if got := len(st.prompt(scenarios.Call{Prompt: "hi", ContextTokens: 1 << 30})); got > 4*longestPadding+
		2*len(filler) {
		t.Errorf("got %d bytes", got)
	}
}

// A handshake that failed is told by what is wrong with it.
func TestHandshakes(t *testing.T) {
	const from = "http: TLS handshake error from 127.0.0.1:5: "
	const distrusts = "; a client broke off the TLS handshake (remote error: tls: %s): it does not trust the " +
		"authority of this run, whose file is here"
	for line, want := range map[string]string{
		from + "remote error: tls: unknown ca\n":      fmt.Sprintf(distrusts, "unknown ca"),
		from + "remote error: tls: bad certificate\n": fmt.Sprintf(distrusts, "bad certificate"),
		from + "client sent an HTTP request to an HTTPS server.\n": "; the providers speak HTTPS, and were spoken to " +
			"in HTTP",
		from + "EOF\n":          "; a TLS handshake failed (EOF)",
		"http: panic serving\n": "",
	} {
		var h handshakes
		if n, err := h.Write([]byte(line)); n != len(line) || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
		if got := h.explain("is here"); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

// A provider's name that a real resolver did not know is told of, unless a fault said so.
func TestLooked(t *testing.T) {
	upstreams := []Upstream{{URL: "::bad"}, {URL: "http://primary.test"}, {URL: "https://secondary.test:8443/v1"}}
	dns := func(name string) error { return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true} }
	for _, tt := range []struct {
		err  error
		want string
	}{
		{
			dns("primary.test"),
			"the engine looks up primary.test on the machine's network (lookup primary.test: no such host); " + waysOut,
		},
		{dns("secondary.test"), "the engine looks up secondary.test"},
		{errors.New("worker: lookup secondary.test: no such host"), "the engine looks up secondary.test"},
		{dns("primary.test.example.com"), ""},
		{dns("other.test"), ""},
		{errors.New("primary.test: refused"), ""},
	} {
		g := newGuard()
		g.looked(upstreams, tt.err)
		if got := g.why(); !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%v: got %q, want %q", tt.err, got, tt.want)
		}
	}
	faulty := newGuard()
	faulty.dialed(dns("primary.test"))
	faulty.looked(upstreams, dns("primary.test"))
	if got := faulty.why(); got != "" {
		t.Errorf("a fault said so: %q", got)
	}
	honest := newGuard()
	honest.dialed(errors.New("refused"))
	honest.looked(upstreams, dns("primary.test"))
	honest.note("later")
	if got := honest.why(); !strings.HasPrefix(got, "the engine looks up primary.test") {
		t.Errorf("another error: %q", got)
	}
	var none *guard
	none.dialed(dns("primary.test"))
	none.looked(upstreams, dns("primary.test"))
	none.note("x")
	if none.why() != "" || none.enter() != nil {
		t.Error("a run in real time has a guard")
	}
}

// A request says by the mark of its prompt which of several callers it is of.
func TestCallersOf(t *testing.T) {
	body := func(numbers ...int) []byte {
		var b bytes.Buffer
		b.WriteString(`{"messages":[`)
		for i, n := range numbers {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(`"say hi ` + fmt.Sprintf("(call %d)", n) + `"`)
		}
		b.WriteString(`]}`)
		return b.Bytes()
	}
	var none *callers
	if got := none.of(body(1)); got != 0 {
		t.Errorf("before the first call: %d", got)
	}
	if got := (&callers{first: 7, count: 1}).of(nil); got != 7 {
		t.Errorf("of one: %d", got)
	}
	several := &callers{first: 3, count: 3}
	for want, marks := range map[int][]int{3: {3}, 5: {3, 5}, 4: {5, 4}} {
		if got := several.of(body(marks...)); got != want {
			t.Errorf("%v: %d, want %d", marks, got, want)
		}
	}
	for _, marks := range [][]int{{2}, {6}, {}, {4, 6}} {
		if got := several.of(body(marks...)); got != 0 {
			t.Errorf("%v: %d, want none", marks, got)
		}
	}
	if got := several.of([]byte("no JSON")); got != 0 {
		t.Errorf("no JSON: %d", got)
	}
}

func TestClocks(t *testing.T) {
	for _, tt := range []struct {
		clock       Clock
		name        string
		speed, pace float64
		tree        bool
	}{
		{Virtual(), "virtual", 1, 0, false},
		{Wall(), "wall", 1, 1, false},
		{Accelerated(60), "x60", 60, 60, false},
		{Accelerated(1.5), "x1.5", 1.5, 1.5, false},
		{Tree(), "virtual", 1, 0, true},
		{TreeAt(20), "x20", 1, 20, true},
		{Clock{}, "virtual", 1, 0, false},
	} {
		c := tt.clock
		if c.String() != tt.name || c.Speed() != tt.speed || c.Pace() != tt.pace || c.IsTree() != tt.tree {
			t.Errorf("%s: got %s at %v and %v, tree %v", tt.name, c, c.Speed(), c.Pace(), c.IsTree())
		}
	}
	for text, ok := range map[string]bool{
		"x1": true, "x1000": true, "x0.999": false, "x1000.001": false, "x1e2": true, "xInf": false, "X60": false,
		"x60 ": false, "60": false, "virtual ": false,
	} {
		if c, err := ParseClock(text); (err == nil) != ok || !ok && c != (Clock{}) {
			t.Errorf("%q: %v, %v", text, c, err)
		}
	}
	for d, want := range map[time.Duration]time.Duration{
		10 * time.Second: 10 * time.Second, 10*time.Second + 1: 10 * time.Second,
		12600 * time.Millisecond: 13 * time.Second, 9940 * time.Millisecond: 9900 * time.Millisecond,
		49 * time.Millisecond: 0, 50 * time.Millisecond: 100 * time.Millisecond,
	} {
		if got := rounded(d); got != want {
			t.Errorf("%s is shown as %s, want %s", d, got, want)
		}
	}
}

// A provider is meant by its name or by its position.
func TestProviderNamed(t *testing.T) {
	s := scenarios.Scenario{Providers: []scenarios.Provider{{Name: "a"}, {Name: "b"}, {Name: "1"}}}
	for word, want := range map[string]string{
		"a": "a", "b": "b", "1": "a", "2": "b", "3": "1", "0": "", "4": "", "-1": "", "": "", "c": "",
	} {
		if got := providerNamed(s, word); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}

// The phases of a command's calls: from the first request to the last content of a whole answer.
func TestSpanOf(t *testing.T) {
	attempt := func(start, last time.Duration, finished bool) timeline.Attempt {
		return timeline.Attempt{Start: start, LastContent: last, Finished: finished, Text: "x"}
	}
	for _, tt := range []struct {
		group []timeline.Attempt
		want  span
	}{
		{nil, span{}},
		{[]timeline.Attempt{attempt(3, 9, false)}, span{3, 0}},
		{[]timeline.Attempt{attempt(3, 9, true)}, span{3, 9}},
		{[]timeline.Attempt{attempt(3, 9, true), attempt(4, 7, true), attempt(5, 20, false)}, span{3, 9}},
	} {
		if got := spanOf(tt.group); got != tt.want {
			t.Errorf("%+v: got %+v, want %+v", tt.group, got, tt.want)
		}
	}
}

// A scenario of many calls keeps more events and lanes, up to a bound.
func TestLimitsOfARecord(t *testing.T) {
	for n, want := range map[int][2]int{
		1: {200_000, 5_000}, 201: {201_000, 5_000},
		scenarios.MostCallers: {1000 * scenarios.MostCallers, 20 * scenarios.MostCallers},
	} {
		if got := [2]int{eventLimit(n), laneLimit(n)}; got[0] != max(200_000, want[0]) ||
			got[1] != max(5_000, want[1]) {
			t.Errorf("%d calls: %v, want %v", n, got, want)
		}
		if eventLimit(2*scenarios.MostCallers) != eventLimit(scenarios.MostCallers) ||
			laneLimit(2*scenarios.MostCallers) != laneLimit(scenarios.MostCallers) {
			t.Error("more callers than there may be raise it")
		}
	}
}
