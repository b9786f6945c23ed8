package targets

import "time"

// A Target is the content of a target file. Every string under Start, Call, Version, ModelSeen and
// BetweenRuns may be a template. [Load] reads it and fills in the defaults.
type Target struct {
	// Name identifies the target. Title is one line about it, Why has the details.
	Name  string `yaml:"target"`
	Title string `yaml:"title"`
	Why   string `yaml:"why"`
	// Kind is how the engine is called: gateway, worker or command.
	Kind Kind `yaml:"kind"`
	// Protocols are the wires that the engine is configured for. Default: openai-chat.
	Protocols []string `yaml:"protocols"`
	// Version finds out the engine's version.
	Version Version `yaml:"version"`
	Install Install `yaml:"install"`
	// Start starts the engine. Without it the engine runs already.
	Start *Start `yaml:"start"`
	Call  Call   `yaml:"call"`
	// Upstreams are fixed addresses of the providers. Default: free ports.
	Upstreams []Upstream `yaml:"upstreams"`
	// ModelSeen is the model's name that the caller should be told if the fallback answered.
	ModelSeen string `yaml:"model_seen"`
	// Settings are the engine's own settings, for templates and reports. Variants override them by
	// name; without variants there is one, with the name of the target.
	Settings map[string]string            `yaml:"settings"`
	Variants map[string]map[string]string `yaml:"variants"`
	// BetweenRuns says what happens between two runs. Default: the engine is started again.
	BetweenRuns BetweenRuns `yaml:"between_runs"`
	// Limits are the longest times allowed, by measure; call is the time at which a call is cut.
	Limits map[string]time.Duration `yaml:"limits"`
	// Advice is what to do about a scenario that fails, by scenario.
	Advice map[string]string `yaml:"advice"`

	// File is the path of the file, and Dir the folder of its relative paths.
	File, Dir string `yaml:"-"`

	// uses is what the templates of the file name.
	uses uses
}

// A Kind is how an engine is called.
type Kind string

// The kinds.
const (
	Gateway Kind = "gateway"
	Worker  Kind = "worker"
	Command Kind = "command"
)

// Version finds out the version of an engine: the first number in a command's output, or that of an
// installed package.
type Version struct {
	Command []string `yaml:"command"`
	Pip     string   `yaml:"pip"`
	Npm     string   `yaml:"npm"`
	Go      string   `yaml:"go"`
}

// Install lists the packages of an engine, with exact versions. Lock is a file with the exact
// versions of everything below them: requirements.txt, package-lock.json or go.sum.
type Install struct {
	Pip []string `yaml:"pip"`
	Npm []string `yaml:"npm"`
	// Overrides are npm's, by package.
	Overrides map[string]string `yaml:"overrides"`
	// Go is a folder with a main package, which is built.
	Go   string `yaml:"go"`
	Lock string `yaml:"lock"`
}

// Start says how to start an engine.
type Start struct {
	Command []string          `yaml:"command"`
	Env     map[string]string `yaml:"env"`
	// Files are written into {{dir}} before the start, by name.
	Files map[string]File `yaml:"files"`
	Ready *Ready          `yaml:"ready"`
	// Memory bounds the memory of the process, in bytes, as in 4GiB. Default: 8GiB.
	Memory string `yaml:"memory"`
}

// A File is a template to write: a file's content, or the text itself.
type File struct {
	From string `yaml:"from"`
	Text string `yaml:"text"`
}

// Ready says how to see that a gateway takes requests.
type Ready struct {
	Get    string        `yaml:"get"`
	Within time.Duration `yaml:"within"`
}

// Call says how to call an engine: a gateway over HTTP, a command with its arguments.
type Call struct {
	Protocol string            `yaml:"protocol"`
	BaseURL  string            `yaml:"base_url"`
	Model    string            `yaml:"model"`
	Key      string            `yaml:"key"`
	Headers  map[string]string `yaml:"headers"`
	// Body holds JSON to merge into the request.
	Body string `yaml:"body"`
	// Command is the command of one call.
	Command []string `yaml:"command"`
}

// An Upstream is the address of a provider: where it listens, and what the engine is told.
type Upstream struct {
	Listen    string `yaml:"listen"`
	Advertise string `yaml:"advertise"`
	Protocol  string `yaml:"protocol"`
}

// BetweenRuns says what happens between two runs.
type BetweenRuns struct {
	// Restart false lets the engine serve all runs; a worker is then sent a new run. Default: true
	// if there is start.
	Restart *bool `yaml:"restart"`
	// Wait is a pause, for cooldowns to end. Post is a request to send, such as one for a reset.
	Wait time.Duration `yaml:"wait"`
	Post string        `yaml:"post"`
}
