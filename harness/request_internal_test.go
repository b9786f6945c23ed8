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

	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

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
