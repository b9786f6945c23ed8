// Package worker lets chaosrun test a Go engine in a process of its own, in lines of JSON over
// standard input and output. It needs only the standard library.
//
//	func main() {
//		worker.Main("my-router", "example.com/my-router", build)
//	}
//
//	func build(_ context.Context, run worker.Run) (worker.Engine, error) {
//		return newEngine(run.Upstreams), nil // the engine under test, told about its providers
//	}
//
//	func (e engine) Call(ctx context.Context, c *worker.Call) (worker.End, error) {
//		for piece := range e.stream(ctx, c.Prompt) {
//			c.Text(piece)
//		}
//		return worker.End{Finish: "stop"}, nil
//	}
//
// The installation copies this package into the root of a module that `install: {go: …}` builds, so
// import it as MODULE/worker. The folder has the same for other languages: chaosrun_worker.py,
// chaosrun_worker.mjs and ChaosrunWorker.java. Their tests need Python, Node and a JDK, and run
// only with the flag -workers. See docs/WRITING_A_WORKER.md for the whole protocol.
package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// An Upstream is a provider. URL is its root, and BaseURL has the form that the vendor's SDK takes,
// with /v1 for OpenAI's.
type Upstream struct {
	Name     string `json:"name"`
	Protocol string `json:"protocol"`
	URL      string `json:"url"`
	BaseURL  string `json:"base_url"`
	Key      string `json:"key"`
	Model    string `json:"model"`
}

// A Run describes a run: its providers, the primary first, and its conditions.
type Run struct {
	Scenario string `json:"scenario"`
	Seed     uint64 `json:"seed"`
	// Scale is how many times faster than the real clock the providers are. 0 means 1.
	Scale float64 `json:"scale"`
	// AtOnce is the largest number of concurrent calls. 0 means 1. An engine that takes one call at
	// a time returns a [Skip] for more.
	AtOnce    int        `json:"at_once"`
	Upstreams []Upstream `json:"upstreams"`
}

// A Skip is the error of an engine that cannot run a scenario at all: the run is skipped, with this
// reason.
type Skip string //nolint:errname // harness.Skip, for a process

// Error returns the reason.
func (s Skip) Error() string { return cmp.Or(string(s), "the engine cannot run this scenario") }

// An Error is an error of the engine's caller with more details than a text.
type Error struct {
	Text string
	// Type is the name of its kind, as RateLimitError. Default: none.
	Type string
	// Status is the HTTP status that the caller gets. Default: none.
	Status int
	// RetryAfter is the wait that it asks for. Default: none.
	RetryAfter time.Duration
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }

// An Engine is the engine under test. If it is an [io.Closer], it is closed after its run. Calls
// may overlap.
type Engine interface {
	// Call makes one call. It gives the pieces of the answer to c as the engine's caller would get
	// them, and returns the caller's error. The end of ctx means that the caller has gone away.
	Call(ctx context.Context, c *Call) (End, error)
}

// EngineFunc is an [Engine] of a function.
type EngineFunc func(ctx context.Context, c *Call) (End, error)

// Call calls f.
func (f EngineFunc) Call(ctx context.Context, c *Call) (End, error) { return f(ctx, c) }

// A Build builds the engine of a run. The error is a [Skip], or says why the engine cannot be
// built.
type Build func(ctx context.Context, run Run) (Engine, error)

// An End holds what the caller learns about a finished answer. Every field is optional.
type End struct {
	Finish string
	Model  string
	Usage  *Usage
}

// Usage is the number of tokens.
type Usage struct {
	Input  int `json:"input"`
	Output int `json:"output"`
}

// A Message is one of a conversation, in the shape of Chat Completions.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// A Tool is a piece of a tool call: its name, or a part of its arguments, a JSON text.
type Tool struct {
	Index     int    `json:"index"`
	ID        string `json:"id,omitempty"`
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments,omitempty"`
}

// A Call is what the engine's caller asks for. Its methods give the caller pieces of the answer,
// and are safe for concurrent use.
type Call struct {
	// Messages is never empty. Prompt is the text of its last message.
	Messages []Message
	Prompt   string
	// Tools has the shape of Chat Completions, or is nil.
	Tools json.RawMessage
	// Stream says whether the caller wants a streamed answer.
	Stream bool
	// Restarts says that the caller understands a [Call.Restart].
	Restarts bool
	// ContextTokens and ContextWindow are the declared size of the conversation and that of the
	// model, in tokens. 0 is undeclared.
	ContextTokens int
	ContextWindow int
	// Deadline is the caller's own. 0 is none.
	Deadline time.Duration

	give func(fromWorker)
}

// Text gives a piece of the answer. An empty one is left out.
func (c *Call) Text(text string) {
	if text != "" {
		c.give(fromWorker{Text: text})
	}
}

// Thinking gives a piece of reasoning. An empty one is left out.
func (c *Call) Thinking(text string) {
	if text != "" {
		c.give(fromWorker{Thinking: text})
	}
}

// Tool gives a piece of a tool call.
func (c *Call) Tool(t Tool) { c.give(fromWorker{Tool: &t}) }

// Restart says that the answer begins anew: the caller forgets what came before.
func (c *Call) Restart() { c.give(fromWorker{Restart: true}) }

// Main serves chaosrun until standard input ends, and exits with code 1 if a line is wrong. Output
// to [os.Stdout] goes to standard error, which is the engine's log. Reports show name, and the
// version of module that the program was built with.
func Main(name, module string, build Build) {
	out := os.Stdout
	os.Stdout = os.Stderr
	signal.Ignore(os.Interrupt) // chaosrun decides when a worker ends
	o := Options{Build: build, Engine: strings.TrimSpace(name + " " + versionOf(module)), In: os.Stdin, Out: out}
	if err := Serve(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:revive // it is all of a main function
	}
}

// versionOf returns the version of a module that the program was built with, "" if it was not.
func versionOf(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, dep := range info.Deps {
		if dep.Path == module {
			return strings.TrimPrefix(dep.Version, "v")
		}
	}
	return ""
}

// Seconds returns the duration in an environment variable, such as 10s. set is false if the
// variable is missing, empty or "default": keep the engine's own default.
func Seconds(variable string) (d time.Duration, set bool, err error) {
	text := os.Getenv(variable)
	if text == "" || text == "default" {
		return 0, false, nil
	}
	d, err = time.ParseDuration(text)
	if err != nil {
		return 0, false, fmt.Errorf("%s: %w", variable, err)
	}
	return d, true, nil
}

// Number is [Seconds] for a whole number.
func Number(variable string) (n int, set bool, err error) {
	text := os.Getenv(variable)
	if text == "" || text == "default" {
		return 0, false, nil
	}
	n, err = strconv.Atoi(text)
	if err != nil {
		return 0, false, fmt.Errorf("%s: %w", variable, err)
	}
	return n, true, nil
}
