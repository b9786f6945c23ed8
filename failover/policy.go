package failover

import (
	"slices"
	"time"
)

// A Policy holds every behaviour of the engine as data. It has no state, so that engines and
// goroutines may share it.
//
// A duration of 0 switches its limit off. The policies that ship are the files in policies/, which
// give the source of each number.
type Policy struct {
	// Name is the word that selects the policy.
	Name string `yaml:"policy"`
	// Extends names the shipped policy whose knobs are the defaults of this one.
	Extends string `yaml:"extends"`
	// Title, Why and Issue document the policy: one line, the story, and a link.
	Title string `yaml:"title"`
	Why   string `yaml:"why"`
	Issue string `yaml:"issue"`
	// Fails lists the scenarios of the catalogue that the policy is declared to fail.
	Fails []string `yaml:"fails"`
	// Violates lists the violations that the policy is declared to commit when providers fail at
	// random.
	Violates []Violation `yaml:"violates"`

	// Deadline ends a whole call with [ErrDeadline]. Default: none, as in the reported engine
	// (https://github.com/NousResearch/hermes-agent/issues/72016).
	Deadline time.Duration `yaml:"deadline"`
	// TurnDeadline also ends a call, counted from [Request.TurnBegan], so that the calls of one
	// turn share it. Default: none.
	TurnDeadline time.Duration `yaml:"turn_deadline"`
	Watch        Watch         `yaml:"watch"`
	Retry        RetryPolicy   `yaml:"retry"`
	Classify     Classify      `yaml:"classify"`
	// Reasons says how each reason is handled. A reason that is not named is retried until the
	// attempts are spent; then the next provider is asked.
	Reasons map[Reason]Handling `yaml:"reasons"`
	Stream  Stream              `yaml:"stream"`
	SDK     SDK                 `yaml:"sdk"`
	Chain   ChainPolicy         `yaml:"chain"`
	Hedge   Hedge               `yaml:"hedge"`
	Memory  Memory              `yaml:"memory"`

	// speed is the factor by which Scaled made the policy faster; 0 means 1.
	speed float64
}

// Watch holds the limits that end an attempt, all counted within that attempt. Default of each
// limit: none.
type Watch struct {
	// Connect ends an attempt that has no connection.
	Connect Limit `yaml:"connect"`
	// TLS ends an attempt whose TLS handshake takes that long. Connect includes the handshake.
	TLS time.Duration `yaml:"tls"`
	// Headers ends an attempt whose response has no headers yet, counted from its start.
	Headers time.Duration `yaml:"headers"`
	// FirstContent ends an attempt that has brought no content yet, counted from its start.
	FirstContent time.Duration `yaml:"first_content"`
	// Attempt ends any attempt, counted from its start.
	Attempt time.Duration `yaml:"attempt"`
	// AfterFinish ends an attempt whose answer is whole but whose stream stays open. The attempt
	// succeeds. Default: none.
	AfterFinish time.Duration `yaml:"after_finish"`
	// Read ends a streamed attempt when no byte has come for that long. Any byte starts it again,
	// even a heartbeat's.
	Read Limit `yaml:"read"`
	// ReadCall replaces Read for answers that are not streamed.
	ReadCall Limit `yaml:"read_call"`
	// ReadRaisedToStale raises Read to the stale threshold if that is longer. Default: false.
	ReadRaisedToStale bool `yaml:"read_raised_to_stale"`

	// Stale kills an attempt that has made no progress for that long, counted from its start or
	// its last progress.
	Stale time.Duration `yaml:"stale"`
	// StaleScaling raises Stale for long conversations.
	StaleScaling []Scale `yaml:"stale_scaling"`
	// StaleCall and StaleCallScaling replace Stale and StaleScaling for answers that are not
	// streamed: they arrive all at once.
	StaleCall        time.Duration `yaml:"stale_call"`
	StaleCallScaling []Scale       `yaml:"stale_call_scaling"`
	// StaleFloors raise Stale and StaleCall for models that think long before they answer.
	// Default: none.
	StaleFloors []Floor `yaml:"stale_floors"`
	// StaleShare lowers the stale thresholds to that part of the call's remaining time when an
	// attempt begins. So one hung attempt leaves time for another
	// (https://github.com/NousResearch/hermes-agent/issues/90337). Default: 0, it does not.
	StaleShare float64 `yaml:"stale_share"`
	// Local changes limits for providers on this machine or network.
	Local Local `yaml:"local"`
	// Throughput ends a stream whose content comes too slowly. Default: none.
	Throughput Throughput `yaml:"throughput"`
	// PauseInEmit stops the limits that wait for the provider (stale, read, throughput) while emit
	// keeps the engine from reading. Default: false, and a slow caller looks like a stalled
	// provider.
	PauseInEmit bool `yaml:"pause_in_emit"`
	// Progress says what counts as progress. Default: content.
	Progress Progress `yaml:"progress"`
	// StalePoll is how often the stale detector looks. Default: 0, an idealised detector that
	// fires at the threshold.
	StalePoll time.Duration `yaml:"stale_poll"`
	// KillLatency says when a killed stream notices the kill. Default: none.
	KillLatency KillLatency `yaml:"kill_latency"`
	// KillReaches lists the protocols, with their profiles, whose streams a stale kill really
	// ends. On others a kill is only a line in a log. Default: all.
	KillReaches []string `yaml:"kill_reaches"`
	// KillSurfacesAs is the error that a killed body reads as: read_error or
	// remote_protocol_error. Default: read_error. Before the headers a kill is an
	// api_connection_error, and for an answer that is not streamed a call_timeout.
	KillSurfacesAs FailureKind `yaml:"kill_surfaces_as"`
	// UnframedKillEnds makes a kill read as the clean end of a body that has neither a length nor
	// chunks. Such a body ends with its connection, so an engine that shuts the socket down sees a
	// clean end. Default: false.
	UnframedKillEnds bool `yaml:"unframed_kill_ends"`
}

// A Limit is a duration that may differ by protocol.
type Limit struct {
	// After is when the limit passes. Default: 0, never.
	After time.Duration `yaml:"after"`
	// ByProtocol replaces After for the protocols that it names, and for profiles of theirs.
	ByProtocol map[string]time.Duration `yaml:"by_protocol"`
}

func (l Limit) of(protocol string) time.Duration { return byProtocol(l.ByProtocol, protocol, l.After) }

// A Scale raises a threshold for conversations of more than Above tokens.
type Scale struct {
	// Above is the size, in tokens, that the conversation exceeds.
	Above int `yaml:"above"`
	// AtLeast is the threshold from then on, if that is higher.
	AtLeast time.Duration `yaml:"at_least"`
}

// kills reports whether a stale kill ends a stream of that protocol.
func (w Watch) kills(protocol string) bool {
	return len(w.KillReaches) == 0 || slices.Contains(w.KillReaches, protocol) ||
		slices.Contains(w.KillReaches, family(protocol))
}

// Progress says what starts the stale detector again.
type Progress string

const (
	// ProgressByte counts any byte, even a comment's.
	ProgressByte Progress = "byte"
	// ProgressEvent counts any event on the wire, even a ping, but no comment and no blank line.
	ProgressEvent Progress = "event"
	// ProgressData counts any event that the SDK passes on, whatever it holds.
	ProgressData Progress = "data"
	// ProgressContent counts text, thinking, the arguments of a tool, and the end of the answer.
	ProgressContent Progress = "content"
)

// UnmarshalText reads a progress by its name. An unknown name is an error that suggests a near
// one.
func (p *Progress) UnmarshalText(text []byte) error {
	return readWord(p, text, "progress", progresses())
}

func progresses() []Progress {
	return []Progress{ProgressByte, ProgressEvent, ProgressData, ProgressContent}
}

// KillLatency says how long a killed stream goes on.
type KillLatency string

const (
	// KillAtOnce ends the stream with the kill.
	KillAtOnce KillLatency = "none"
	// KillAtNextByte ends the stream when a byte, or another limit, wakes its reader.
	KillAtNextByte KillLatency = "next_byte"
)

// UnmarshalText reads a kill latency by its name. An unknown name is an error that suggests a near
// one.
func (l *KillLatency) UnmarshalText(text []byte) error {
	return readWord(l, text, "kill latency", killLatencies())
}

func killLatencies() []KillLatency { return []KillLatency{KillAtOnce, KillAtNextByte} }

// NewPolicy returns a policy with the documented defaults and without limits. A file's knobs are
// read into it.
func NewPolicy() Policy {
	return Policy{
		Watch: Watch{Progress: ProgressContent, KillLatency: KillAtOnce, KillSurfacesAs: FailureReadError},
		Retry: RetryPolicy{
			Attempts: 1,
			// https://github.com/NousResearch/hermes-agent/blob/a7e7921dbc0a593027f40b571861f50a71221aec/agent/retry_utils.py#L19-L57
			Backoff: Backoff{Base: 2 * time.Second, Cap: time.Minute, Jitter: 0.5},
		},
		Classify: Classify{Table: TableDefault},
		Stream:   Stream{AfterContent: AfterRestart},
		Hedge:    Hedge{PerCall: 1},
	}
}
