package targets_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/caller"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
)

// A lab is the test's side of a fixture, as the packages for other languages have it.
type lab struct {
	t     *testing.T
	in    io.WriteCloser
	out   *bufio.Scanner
	hello answer
	ended chan error
}

// An answer is a line of a fixture.
type answer struct {
	V         int
	Fixture   string
	Clock     string
	Skipped   string
	Error     string
	Begun     int
	Cut       int
	Reason    string
	Verdict   string
	Outcome   string
	Text      string
	Calls     []struct{ Prompt string }
	Env       map[string]string
	Notes     []string
	Results   []struct{ Name, Verdict, Message string }
	Upstreams []struct {
		Key, Model string
		BaseURL    string `json:"base_url"`
	}
}

// newLab starts a fixture of a scenario in this process.
func newLab(t *testing.T, s scenarios.Scenario) *lab {
	t.Helper()
	in, testsEnd := io.Pipe()
	testReads, out := io.Pipe()
	l := &lab{t: t, in: testsEnd, out: bufio.NewScanner(testReads), ended: make(chan error, 1)}
	l.out.Buffer(nil, 1<<20)
	f := targets.Fixture{In: in, Out: out, Notes: []string{"a note"}, Judged: func(trial *harness.Trial) (any, string) {
		return map[string]string{"scenario": trial.Scenario.Name}, trial.Timeline.String()
	}}
	go func() {
		err := f.Serve(context.Background(), s)
		_ = out.Close()
		l.ended <- err
	}()
	t.Cleanup(func() { _ = testsEnd.Close(); _ = testReads.Close() })
	l.hello = l.hear()
	return l
}

func (l *lab) say(line string) {
	l.t.Helper()
	if _, err := io.WriteString(l.in, line+"\n"); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) hear() (a answer) {
	l.t.Helper()
	if !l.out.Scan() {
		l.t.Fatalf("the fixture says no more: %v", l.out.Err())
	}
	if err := json.Unmarshal(l.out.Bytes(), &a); err != nil { //nolint:musttag // the names are the same but for one
		l.t.Fatalf("%v in %s", err, l.out.Text())
	}
	return a
}

// judge asks for the verdict.
func (l *lab) judge() answer {
	l.t.Helper()
	l.say(`{"judge":true}`)
	return l.hear()
}

// end lets the test end, and returns how the fixture did.
func (l *lab) end() error {
	l.t.Helper()
	_ = l.in.Close()
	select {
	case err := <-l.ended:
		return err
	case <-time.After(time.Minute):
		l.t.Fatal("the fixture goes on without its test")
		return nil
	}
}

// ask asks the ith provider, as an engine would.
func (l *lab) ask(ctx context.Context, i int) (text string, err error) {
	l.t.Helper()
	u := l.hello.Upstreams[i]
	c, err := caller.New(caller.Options{
		Protocol: protocol.OpenAIChat{}, BaseURL: u.BaseURL, Model: u.Model, Key: u.Key,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	err = c.Call(ctx, harness.Request{Prompt: "a prompt of my own", Stream: true}, func(d harness.Delta) {
		if d.Kind == harness.DeltaText {
			text += d.Text
		}
	})
	return text, err
}

// limited is a scenario whose primary does what a fault does.
func limited(f fakeprovider.Fault) scenarios.Scenario {
	s := scenarios.OfFault("mine", f)
	for i := range s.Providers {
		s.Providers[i].Protocol = "openai-chat"
	}
	return s
}

func find(t *testing.T, name string) scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	s.Providers = slices.Clone(s.Providers) // the catalogue is shared by all tests
	for i := range s.Providers {
		s.Providers[i].Protocol = "openai-chat"
	}
	return s
}

// fallBack is an engine that asks one provider after the other, and says what its caller got.
func fallBack(l *lab) string {
	for i := range l.hello.Upstreams {
		if text, err := l.ask(l.t.Context(), i); err == nil {
			return text
		}
	}
	return ""
}

// quoted returns a text as JSON.
func quoted(text string) string { return strconv.Quote(text) }

func TestFixtureJudgesWhatTheCallerGot(t *testing.T) {
	for _, tt := range []struct {
		name    string
		told    func(text string) []string
		verdict string
		outcome string
	}{
		{"the whole answer", func(text string) []string {
			return []string{`{"call":1,"text":` + quoted(text) + `}`, `{"call":1,"end":true}`}
		}, "passed", "answered"},
		{"in pieces", func(text string) []string {
			return []string{
				`{"call":1,"text":` + quoted(text[:5]) + `}`, `{"call":1,"text":` + quoted(text[5:]) + `}`,
				`{"call":1,"end":true}`,
			}
		}, "passed", "answered"},
		{
			"a part of it",
			func(text string) []string { return []string{`{"call":1,"text":` + quoted(text[:5]) + `,"end":true}`} },
			"failed", "truncated",
		},
		{
			"twice",
			func(text string) []string { return []string{`{"call":1,"text":` + quoted(text+text) + `,"end":true}`} },
			"failed", "duplicated",
		},
		{"nothing", func(string) []string { return []string{`{"call":1,"end":true}`} }, "failed", "empty"},
		{
			"an error",
			func(string) []string { return []string{`{"call":1,"error":"no more","type":"APIError","status":429}`} },
			"failed", "failed",
		},
		{"not told", func(string) []string { return nil }, "unknown", "failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, find(t, "rate-limited"))
			for _, line := range tt.told(fallBack(l)) {
				l.say(line)
			}
			a := l.judge()
			if a.Verdict != tt.verdict || a.Outcome != tt.outcome {
				t.Errorf("got %s, %s, want %s, %s: %s", a.Verdict, a.Outcome, tt.verdict, tt.outcome, a.Text)
			}
			if tt.verdict == "unknown" && !strings.Contains(a.Text, "call saw") {
				t.Errorf("nothing says what to do: %s", a.Text)
			}
			if err := l.end(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFixtureSaysHello(t *testing.T) {
	l := newLab(t, find(t, "rate-limited"))
	h := l.hello
	if h.V != 1 || h.Fixture != "rate-limited" || h.Clock != "wall" || len(h.Calls) != 1 || len(h.Notes) != 1 {
		t.Errorf("got %+v", h)
	}
	if h.Env["PRIMARY_BASE_URL"] != h.Upstreams[0].BaseURL || h.Env["OPENAI_API_KEY"] != h.Upstreams[0].Key {
		t.Errorf("got %v", h.Env)
	}
	if err := l.end(); !errors.Is(err, targets.ErrNotJudged) {
		t.Errorf("got %v, want that nothing was judged", err)
	}
}

func TestFixtureCutsACallThatHangs(t *testing.T) {
	s := find(t, "heartbeat-only")
	s = s.WithLimits(map[string]time.Duration{"time_to_fallback": 300 * time.Millisecond})
	l := newLab(t, s)
	gone := make(chan error, 1)
	go func() {
		_, err := l.ask(context.Background(), 0)
		gone <- err
	}()
	cut := l.hear()
	if cut.Cut != 1 || !strings.HasPrefix(cut.Reason, "cut after ") {
		t.Fatalf("got %+v", cut)
	}
	if err := <-gone; err == nil {
		t.Error("the engine got an answer of a provider that hangs")
	}
	l.say(`{"call":1,"error":"connection reset"}`) // what comes of the cut is ours
	a := l.judge()
	if a.Verdict != "failed" || a.Outcome != "hung" {
		t.Errorf("got %s, %s: %s", a.Verdict, a.Outcome, a.Text)
	}
	if err := l.end(); err != nil {
		t.Error(err)
	}
}

func TestFixtureCutsAtTheDeadline(t *testing.T) {
	s := find(t, "healthy")
	s.Deadline = 200 * time.Millisecond
	l := newLab(t, s)
	if cut := l.hear(); cut.Cut != 1 || cut.Reason != "cut at its deadline" {
		t.Fatalf("got %+v", cut)
	}
	if a := l.judge(); a.Verdict != "unknown" { // nobody was asked, so nobody failed
		t.Errorf("got %s: %s", a.Verdict, a.Text)
	}
}

func TestFixtureAnswersOtherExpectations(t *testing.T) {
	l := newLab(t, find(t, "rate-limited"))
	l.say(`{"call":1,"text":` + quoted(fallBack(l)) + `,"end":true}`)
	l.judge()
	const late = "failed,unknown" // it is unknown if the harness was later than the fallback
	for _, tt := range []struct{ line, verdict, says string }{
		{`{"expect":[{"answer":{"from":"secondary"}}]}`, "passed", "answered by secondary"},
		{`{"expect":[{"answer":{"from":"primary"}}]}`, "failed", "secondary"},
		{`{"expect":["time_to_fallback"],"limits":{"time_to_fallback":"30s"}}`, "passed", "limit 30s"},
		{`{"expect":["time_to_fallback"],"limits":{"time_to_fallback":"1ns"}}`, late, "limit 1ns"},
		{`{"expect":["time_to_falback"]}`, "", `did you mean "time_to_fallback"?`},
		{`{"expect":[{"answer":{"from":"tertiary"}}]}`, "", "tertiary"},
		{`{"expect":[]}`, "", "expect"},
	} {
		l.say(tt.line)
		a := l.hear()
		said := []string{a.Error}
		for _, r := range a.Results {
			said = append(said, r.Message)
		}
		if text := strings.Join(said, " "); !slices.Contains(strings.Split(tt.verdict, ","), a.Verdict) ||
			!strings.Contains(text, tt.says) {
			t.Errorf("%s: got %s, %s, want %s, %s", tt.line, a.Verdict, text, tt.verdict, tt.says)
		}
	}
}

func TestFixtureBearsBadLines(t *testing.T) {
	l := newLab(t, find(t, "rate-limited"))
	for line, says := range map[string]string{
		`{"call":1,"txt":"a"}`:         `no such key: "txt" (did you mean "text"?)`,
		`{"call":2,"text":"a"}`:        "call 1 is under way, not call 2",
		`{"text":"a"}`:                 "which call?",
		`[1]`:                          "a line is an object",
		`hello`:                        "invalid character",
		`{"call":1} {"call":1}`:        "more than one value",
		`{"expect":["no_fallback"]}`:   `say {"judge":true} first`,
		`{"call":1,"text":["a","b"]}`:  "text: array does not fit here",
		`{"call":1,"tool":{"nam":"a"}`: "nam",
	} {
		l.say(line)
		if a := l.hear(); !strings.Contains(a.Error, says) {
			t.Errorf("%s: got %q, want %q", line, a.Error, says)
		}
	}
	l.say(`{"call":1,"text":` + quoted(fallBack(l)) + `,"end":true}`)
	if a := l.judge(); a.Verdict != "passed" {
		t.Errorf("got %s: %s", a.Verdict, a.Text)
	}
	l.say(`{"call":1,"text":"more"}`)
	if a := l.hear(); !strings.Contains(a.Error, "no call is under way") {
		t.Errorf("got %q", a.Error)
	}
}

func TestFixtureSkipsWhatATestCannotDo(t *testing.T) {
	for name, says := range map[string]string{
		"many-callers":                  "at once",
		"caller-hangs-up":               "hangs up",
		"fault:tls-expired-certificate": "TLS",
	} {
		var s scenarios.Scenario
		if fault, ok := strings.CutPrefix(name, "fault:"); ok {
			f, err := scenarios.ParseFault(fault)
			if err != nil {
				t.Fatal(err)
			}
			s = limited(f)
		} else {
			s = find(t, name)
		}
		l := newLab(t, s)
		if !strings.Contains(l.hello.Skipped, says) {
			t.Errorf("%s: got %+v, want %q", name, l.hello, says)
		}
		if err := l.end(); err != nil {
			t.Error(err)
		}
	}
}

// A test that makes fewer calls than the scenario proves nothing of the others.
func TestFixtureWantsEachCall(t *testing.T) {
	l := newLab(t, find(t, "second-call").WithLimits(map[string]time.Duration{"time_to_fallback": time.Minute}))
	text, err := l.ask(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	l.say(`{"call":1,"text":` + quoted(text) + `,"end":true}`)
	if a := l.hear(); a.Begun != 2 {
		t.Errorf("nothing says that the second call has begun: %+v", a)
	}
	if a := l.judge(); a.Verdict != "unknown" || !strings.Contains(a.Text, "makes 2 calls, and the test made 1") {
		t.Errorf("got %s: %s", a.Verdict, a.Text)
	}
}

// An eager test asks the providers before the fixture has done anything else after its first line.
type eager struct {
	lab *lab
	// text is the verdict and its text.
	text string
}

// Write takes a line of the fixture.
func (e *eager) Write(line []byte) (int, error) {
	l := e.lab
	if l.hello.V == 0 {
		if err := json.Unmarshal(line, &l.hello); err != nil { //nolint:musttag // the names are the same but for one
			return 0, err
		}
		lines := `{"call":1,"text":` + quoted(fallBack(l)) + `,"end":true}` + "\n" + `{"judge":true}` + "\n"
		go func() { _, _ = io.WriteString(l.in, lines) }()
		return len(line), nil
	}
	var a answer
	err := json.Unmarshal(line, &a) //nolint:musttag // the same
	e.text = a.Verdict + "\n" + a.Text
	_ = l.in.Close()
	return len(line), err
}

// A request that the test makes at once belongs to the first call, which has begun when the test
// learns where the providers are.
func TestFixtureHasBegunWhenItSaysHello(t *testing.T) {
	in, testsEnd := io.Pipe()
	e := &eager{lab: &lab{t: t, in: testsEnd}}
	f := targets.Fixture{
		In: in, Out: e, Judged: func(trial *harness.Trial) (any, string) { return nil, trial.Timeline.String() },
	}
	if err := f.Serve(t.Context(), find(t, "rate-limited")); err != nil {
		t.Fatal(err)
	}
	begun, asked := strings.Index(e.text, "call-started"), strings.Index(e.text, "request-received")
	if !strings.HasPrefix(e.text, "passed\n") || begun < 0 || begun > asked {
		t.Errorf("got %s", e.text)
	}
}
