package targets

import "encoding/json"

// workerVersion is the version of the worker protocol.
const workerVersion = 1

// A toWorker is a line to a worker: a run, a call, or the cancellation of a call.
type toWorker struct {
	V   int        `json:"v"`
	Run *workerRun `json:"run,omitempty"`
	// Call is the number of a call, from 1, and Cancel that of a call to cancel.
	Call   int `json:"call,omitempty"`
	Cancel int `json:"cancel,omitempty"`

	Prompt string `json:"prompt,omitempty"`
	// Messages and Tools have the shape of Chat Completions. Messages win over Prompt.
	Messages json.RawMessage `json:"messages,omitempty"`
	Tools    json.RawMessage `json:"tools,omitempty"`
	Stream   bool            `json:"stream,omitempty"`
	// Restarts says that the caller understands a restart.
	Restarts      bool `json:"restarts,omitempty"`
	ContextTokens int  `json:"context_tokens,omitempty"`
	ContextWindow int  `json:"context_window,omitempty"`
	// Deadline is the caller's own deadline, in seconds.
	Deadline float64 `json:"deadline_s,omitempty"`
}

// A workerRun introduces a run.
type workerRun struct {
	Scenario string `json:"scenario"`
	Seed     uint64 `json:"seed"`
	// Scale is Lab.Scale. 0 means 1.
	Scale float64 `json:"scale,omitempty"`
	// AtOnce is Lab.AtOnce, 0 for 1. A worker that supports it answers with Overlap.
	AtOnce    int              `json:"at_once,omitempty"`
	Upstreams []workerUpstream `json:"upstreams"`
}

// A workerUpstream is a provider of a run.
type workerUpstream struct {
	Name     string `json:"name"`
	Protocol string `json:"protocol"`
	URL      string `json:"url"`
	BaseURL  string `json:"base_url"`
	Key      string `json:"key"`
	Model    string `json:"model"`
}

// A fromWorker is a line from a worker: the answer to a run, or a piece of that to a call.
type fromWorker struct {
	// Run says that the worker is ready for calls. Engine is the name and version of its engine.
	Run    bool   `json:"run,omitempty"`
	Engine string `json:"engine,omitempty"`
	// Overlap says that calls may overlap.
	Overlap bool `json:"overlap,omitempty"`
	// Skip is the reason why the engine cannot run the scenario.
	Skip string `json:"skip,omitempty"`

	// Call is the number of the call, 0 in the answer to a run.
	Call int `json:"call,omitempty"`
	answerPart
}

// An answerPart is a piece of what a caller got, or its end.
type answerPart struct {
	Text     string      `json:"text,omitempty"`
	Thinking string      `json:"thinking,omitempty"`
	Tool     *workerTool `json:"tool,omitempty"`
	Restart  bool        `json:"restart,omitempty"`
	// End ends the answer, with facts about the whole.
	End    bool         `json:"end,omitempty"`
	Finish string       `json:"finish,omitempty"`
	Model  string       `json:"model,omitempty"`
	Usage  *workerUsage `json:"usage,omitempty"`
	// Error also ends the answer, or reports an engine that could not be built.
	Error      *string `json:"error,omitempty"`
	Type       string  `json:"type,omitempty"`
	Status     int     `json:"status,omitempty"`
	RetryAfter float64 `json:"retry_after_s,omitempty"`
}

// A workerTool is a piece of a tool call: its name, or a part of its arguments.
type workerTool struct {
	Index     int    `json:"index"`
	ID        string `json:"id,omitempty"`
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments,omitempty"`
}

// A workerUsage is the number of tokens.
type workerUsage struct {
	Input  int `json:"input"`
	Output int `json:"output"`
}
