package targets

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// fixtureVersion is the version of the fixture's lines.
const fixtureVersion = 1

// A fixtureLine is a line of the test: a piece of what a caller got, or a question.
type fixtureLine struct {
	// Call is the number of the call, from 1.
	Call int `json:"call,omitempty"`
	answerPart
	// Judge asks for the verdict of the scenario's own expectations.
	Judge bool `json:"judge,omitempty"`
	// Expect asks for that of others, with limits of their own.
	Expect json.RawMessage `json:"expect,omitempty"`
	Limits json.RawMessage `json:"limits,omitempty"`

	// source is the line, and wrong says what is wrong with it.
	source []byte
	wrong  string
}

// A fixtureAnswer is a line to the test.
type fixtureAnswer struct {
	V int `json:"v,omitempty"`
	// Fixture is the scenario, at the start.
	Fixture   string            `json:"fixture,omitempty"`
	Title     string            `json:"title,omitempty"`
	Clock     string            `json:"clock,omitempty"`
	Seed      uint64            `json:"seed,omitempty"`
	Calls     []fixtureCall     `json:"calls,omitempty"`
	Upstreams []workerUpstream  `json:"upstreams,omitempty"`
	Env       map[string]string `json:"env,omitempty"`
	Notes     []string          `json:"notes,omitempty"`
	// Skipped is why the scenario cannot be run.
	Skipped string `json:"skipped,omitempty"`
	// Error answers a line that cannot be understood. Before the start it ends the fixture, with
	// the exit code Exit.
	Error string `json:"error,omitempty"`
	Exit  int    `json:"exit,omitempty"`
	// Begun is the number of a call after the first. Requests from now on belong to it.
	Begun int `json:"begun,omitempty"`
	// Cut is the number of a call that lasts too long, and Reason says how long.
	Cut    int    `json:"cut,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Verdict answers judge and expect.
	Verdict string          `json:"verdict,omitempty"`
	Outcome string          `json:"outcome,omitempty"`
	Results []fixtureResult `json:"results,omitempty"`
	Report  any             `json:"report,omitempty"`
	Text    string          `json:"text,omitempty"`
}

// A fixtureCall is a call that the test makes.
type fixtureCall struct {
	Prompt   string          `json:"prompt"`
	Messages json.RawMessage `json:"messages,omitempty"`
	Tools    json.RawMessage `json:"tools,omitempty"`
	Stream   bool            `json:"stream"`
	// After is the pause before the call, in seconds. The test makes it.
	After         float64 `json:"after_s,omitempty"`
	ContextTokens int     `json:"context_tokens,omitempty"`
}

// A fixtureResult is the finding of one expectation.
type fixtureResult struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	Message string `json:"message"`
}

// FixtureError writes the only line of a fixture that cannot start.
func FixtureError(out io.Writer, text string, exit int) {
	sendLine(out, fixtureAnswer{V: fixtureVersion, Error: text, Exit: exit})
}

// hello returns the first line to the test.
func (r *fixtureRun) hello() fixtureAnswer {
	upstreams := r.lab.Upstreams()
	a := fixtureAnswer{
		V: fixtureVersion, Fixture: r.scenario.Name, Title: r.scenario.Title, Seed: r.lab.Seed(),
		Clock: r.fixture.clock().String(), Upstreams: introduction(r.lab).Upstreams, Env: map[string]string{},
		Notes: r.fixture.Notes,
	}
	for _, c := range r.scenario.Calls {
		asked := harness.Request{Prompt: c.Prompt, System: c.System, Messages: c.Messages, Tools: c.Tools}
		a.Calls = append(a.Calls, fixtureCall{
			Prompt: c.Prompt, Messages: messagesOf(asked), Tools: toolsOf(asked), Stream: c.Stream,
			After: c.After.Seconds(), ContextTokens: c.ContextTokens,
		})
	}
	e := Exec{Environ: r.fixture.Environ, Vocabulary: r.fixture.words()}
	for _, variable := range e.Env(upstreams) {
		name, value, _ := strings.Cut(variable, "=")
		a.Env[name] = value
	}
	return a
}

// send sends a line to the test. A test that has gone is found by its input.
func (r *fixtureRun) send(a fixtureAnswer) { sendLine(r.fixture.Out, a) }

// complain answers a line that cannot be understood.
func (r *fixtureRun) complain(what string) { r.send(fixtureAnswer{Error: what}) }

func sendLine(out io.Writer, a fixtureAnswer) {
	data, err := json.Marshal(a)
	if err != nil {
		panic(err) // texts, numbers and reports always have a JSON form
	}
	_, _ = out.Write(append(data, '\n'))
}

// read hands on the lines of the test until its input ends or nobody wants them.
func (r *fixtureRun) read(in io.Reader, over <-chan struct{}) {
	defer close(r.lines)
	for lines := bufio.NewReader(in); ; {
		line, err := readLine(lines)
		if text := bytes.TrimSpace(line); len(text) > 0 && !errors.Is(err, errLongLine) {
			select {
			case r.lines <- parseFixtureLine(text):
			case <-over:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// unknownField matches the message of encoding/json about a key.
var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// fixtureKeys are the keys of a fixtureLine.
func fixtureKeys() []string {
	return []string{
		"call", "text", "thinking", "tool", "restart", "end", "finish", "model", "usage", "error", "type", "status",
		"retry_after_s", "judge", "expect", "limits",
	}
}

// parseFixtureLine reads a line of the test.
func parseFixtureLine(text []byte) fixtureLine {
	l := fixtureLine{source: text}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&l)
	if err == nil && decoder.More() {
		err = errors.New("more than one value in a line")
	}
	switch {
	case err != nil:
		l.wrong = fmt.Sprintf("%v in %.120q", err, text)
		if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			l.wrong = fmt.Sprintf("%s: %s does not fit here, in %.120q", t.Field, t.Value, text)
			if t.Field == "" {
				l.wrong = fmt.Sprintf("a line is an object, as in {\"judge\":true}, not %.120q", text)
			}
		}
		if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
			l.wrong = fmt.Sprintf("no such key: %q", m[1])
			if near := strictyaml.Nearest(m[1], fixtureKeys()); near != "" {
				l.wrong += fmt.Sprintf(" (did you mean %q?)", near)
			}
		}
	case l.Judge, len(l.Expect) > 0:
	case l.Call < 1:
		l.wrong = `which call? A line has "call", from 1, or "judge", or "expect"`
	}
	return l
}
