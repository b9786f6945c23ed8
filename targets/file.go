package targets

import "time"

// A Target is the content of a target file. Every string under Start, Call, Version, ModelSeen,
// BetweenRuns, UpstreamTLS and UpstreamHost may be a template. [Load] reads it and fills in the
// defaults. It is not modified after that, and so safe for concurrent use.
type Target struct {
	// Name identifies the target. It is made of small letters, digits, dots and hyphens.
	Name string `yaml:"target"`
	// Family is the name that the targets of one engine's releases share. As a target it means the
	// newest of them; with --versions, the nearest at or below each version. Default: none.
	Family string `yaml:"family"`
	// Title is one line about the target.
	Title string `yaml:"title"`
	// Why has the details: what the engine is, and why it has these settings.
	Why string `yaml:"why"`
	// Issue is the report that the engine reproduces, the URL of an issue; see [Catalogue.OfIssue].
	// Default: none.
	Issue string `yaml:"issue"`
	// Policies maps variants to the policies of the built-in engine that model them. Default: none.
	Policies map[string]string `yaml:"policies"`
	// Kind says how the engine is called: a gateway over HTTP, a worker on its standard input, and
	// a command once per call.
	Kind Kind `yaml:"kind"`
	// Protocols lists the protocols that the engine is configured for. Providers with another
	// protocol use the first one. Default: openai-chat.
	Protocols []string `yaml:"protocols"`
	// Version says how to find the engine's version, for reports.
	Version Version `yaml:"version"`
	// Packages lists the packages of the engine, for `chaosrun install`.
	Packages Install `yaml:"install"`
	// Start starts the engine. Without it the engine must already be running.
	Start *Start `yaml:"start"`
	// Call says how to call the engine.
	Call Call `yaml:"call"`
	// Upstreams are fixed addresses of the providers, in the order of the scenario. Default: free
	// ports.
	Upstreams []Upstream `yaml:"upstreams"`
	// UpstreamTLS is true for providers that speak HTTPS. Their certificates come from an authority
	// that is made for the run: {{ca}} is its file, and the usual variables name it; see
	// [CAVariables]. Default: false.
	UpstreamTLS string `yaml:"upstream_tls"`
	// UpstreamHost is another name of 127.0.0.1 in the URLs that the engine gets, for engines that
	// treat local addresses differently. Default: 127.0.0.1.
	UpstreamHost string `yaml:"upstream_host"`
	// ModelSeen is the name of the model that the caller should get if the fallback answered.
	// Default: any.
	ModelSeen string `yaml:"model_seen"`
	// Settings are the engine's own settings, for templates and reports. --set changes one.
	Settings map[string]string `yaml:"settings"`
	// Overrides replaces settings, by the name of the variant. Default: one variant, with the name
	// of the target.
	Overrides map[string]map[string]string `yaml:"variants"`
	// BetweenRuns says what happens between two runs. Default: the engine is started again.
	BetweenRuns BetweenRuns `yaml:"between_runs"`
	// Limits holds the longest allowed times, by measure. They replace those of the scenario. The
	// measure call is the time at which a call is cut.
	Limits map[string]time.Duration `yaml:"limits"`
	// Advice says what to do about a scenario that fails, by scenario or glob. If two globs match,
	// the longer one counts.
	Advice map[string]string `yaml:"advice"`

	// File is the path of the file, and Dir the folder of its relative paths.
	File, Dir string `yaml:"-"`
	// SHA256 is the hash of the file and of the files beside it that it names.
	SHA256 string `yaml:"-"`

	// uses holds the names in the templates of the file.
	uses uses
	// release is the version that At chose, and home the folder that it is installed into.
	release, home string
}

// A Kind says how an engine is called.
type Kind string

// The kinds.
const (
	Gateway Kind = "gateway"
	Worker  Kind = "worker"
	Command Kind = "command"
)

// Version says where to find the version of an engine. One field is set.
type Version struct {
	// Command prints the version: the first text in its output that looks like one.
	Command []string `yaml:"command"`
	// Pip is an installed package of Python.
	Pip string `yaml:"pip"`
	// Npm is an installed package of Node.
	Npm string `yaml:"npm"`
	// Go is a module that the installed program is built with.
	Go string `yaml:"go"`
	// Maven is an installed artifact, GROUP:ARTIFACT.
	Maven string `yaml:"maven"`
}

// Install lists the packages of an engine, with exact versions.
type Install struct {
	// Pip lists packages of Python, as in litellm[proxy]==1.108.7.
	Pip []string `yaml:"pip"`
	// Npm lists packages of Node, as in ai@7.0.173.
	Npm []string `yaml:"npm"`
	// Overrides are npm's, by package.
	Overrides map[string]string `yaml:"overrides"`
	// Go is a folder with a main package, which is built.
	Go string `yaml:"go"`
	// Maven lists artifacts, as in com.openai:openai-java:4.18.0. They and their dependencies go
	// into {{home}}/lib.
	Maven []string `yaml:"maven"`
	// Java is a folder with Java sources, which are compiled into {{home}}/lib/worker.jar.
	Java string `yaml:"java"`
	// Lock is a file with the exact versions of everything below the packages: requirements.txt,
	// package-lock.json, go.sum, or jars.sha256.
	Lock string `yaml:"lock"`
}

// Start says how to start an engine.
type Start struct {
	// Command is the program and its arguments. Paths are relative to the target file's folder.
	Command []string `yaml:"command"`
	// Env is added to the environment. ${NAME} means a variable of chaosrun's own environment.
	Env map[string]string `yaml:"env"`
	// Files are written into {{dir}} before the start, by name.
	Files map[string]File `yaml:"files"`
	// Ready says when a gateway accepts requests. Default: when its port is open.
	Ready *Ready `yaml:"ready"`
	// Memory bounds the memory of the process, as in 4GiB. Default: 8GiB.
	Memory string `yaml:"memory"`
}

// A File is a template to write. One field is set.
type File struct {
	// From is a file with the template.
	From string `yaml:"from"`
	// Text is the template.
	Text string `yaml:"text"`
}

// Ready says how to check that a gateway accepts requests.
type Ready struct {
	// Get is a URL that answers with a 2xx status when the gateway is ready.
	Get string `yaml:"get"`
	// Within is the longest time until then, in real time. Default: 60s.
	Within time.Duration `yaml:"within"`
}

// Call says how to call an engine: a gateway over HTTP, a command with its arguments.
type Call struct {
	// Protocol is the protocol between the caller and the gateway. Default: the first of protocols.
	Protocol string `yaml:"protocol"`
	// BaseURL is the base URL as the vendor's SDK takes it: with /v1 for OpenAI's.
	BaseURL string `yaml:"base_url"`
	// Model is the model to ask for. Default: that of the primary.
	Model string `yaml:"model"`
	// Key is the API key. Default: that of the primary.
	Key string `yaml:"key"`
	// Headers are sent with each call.
	Headers map[string]string `yaml:"headers"`
	// Body holds a JSON object to merge into the request.
	Body string `yaml:"body"`
	// Command is the command of one call.
	Command []string `yaml:"command"`
}

// An Upstream is the address of a provider.
type Upstream struct {
	// Listen is where the provider listens, HOST:PORT.
	Listen string `yaml:"listen"`
	// Advertise is the origin that the engine gets. Default: that of listen.
	Advertise string `yaml:"advertise"`
	// Protocol is the provider's protocol if neither the scenario nor a flag names one.
	Protocol string `yaml:"protocol"`
}

// BetweenRuns says what happens between two runs.
type BetweenRuns struct {
	// Restart says whether the engine is started again. If false, the engine serves all runs, and a
	// worker gets a new run each time. Default: true if there is start.
	Restart *bool `yaml:"restart"`
	// Wait is a pause, so that cooldowns end.
	Wait time.Duration `yaml:"wait"`
	// Post is where to send a POST request, such as a reset: a URL, or a path of the gateway.
	Post string `yaml:"post"`
}
