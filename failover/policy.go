package failover

import (
	"slices"
	"time"
)

// A Policy is every behaviour of the engine, as data. It holds no state and may be shared.
//
// Durations of 0 switch a limit off. The numbers of the policies that ship stand in policies/, beside their sources.
type Policy struct {
	// Name is the word by which the policy is chosen.
	Name string `yaml:"policy"`
	// Extends names the policy that ships whose knobs are the defaults of this one.
	Extends string `yaml:"extends"`
	// Title, Why and Issue document the policy: one line, the story, and a link.
	Title string `yaml:"title"`
	Why   string `yaml:"why"`
	Issue string `yaml:"issue"`
	// Fails are the scenarios of the catalogue that the policy is declared to fail.
	Fails []string `yaml:"fails"`
	// Violates are the kinds of violation that the policy is declared to commit when providers fail at random.
	Violates []Violation `yaml:"violates"`

	// Deadline ends a whole call, with ErrDeadline. Default: none, as in the reported engine
	// (https://github.com/NousResearch/hermes-agent/issues/72016).
	Deadline time.Duration `yaml:"deadline"`
	// TurnDeadline ends a call too, counted from Request.TurnBegan, so that the calls of one turn share it. Default: none.
	TurnDeadline time.Duration `yaml:"turn_deadline"`
	Watch        Watch         `yaml:"watch"`
	Retry        RetryPolicy   `yaml:"retry"`
	Classify     Classify      `yaml:"classify"`
	// Reasons says how each reason is handled. One that is not named is retried until the attempts are spent, then
	// the next provider is asked.
	Reasons map[Reason]Handling `yaml:"reasons"`
	Stream  Stream              `yaml:"stream"`
	SDK     SDK                 `yaml:"sdk"`
	Chain   ChainPolicy         `yaml:"chain"`
	Hedge   Hedge               `yaml:"hedge"`
	Memory  Memory              `yaml:"memory"`

	// speed is the factor by which Scaled has made the policy faster; 0 means 1.
	speed float64
}

// Watch is what ends an attempt that has not ended itself. All times are of one attempt.
type Watch struct {
	// Connect ends an attempt that has no connection.
	Connect Limit `yaml:"connect"`
	// TLS ends an attempt whose TLS handshake takes that long. It is part of what Connect waits for.
	TLS time.Duration `yaml:"tls"`
	// Headers ends an attempt whose response has no headers yet, counted from its start.
	Headers time.Duration `yaml:"headers"`
	// FirstContent ends an attempt that has given no content yet, counted from its start.
	FirstContent time.Duration `yaml:"first_content"`
	// Attempt ends any attempt, counted from its start.
	Attempt time.Duration `yaml:"attempt"`
	// AfterFinish ends an attempt whose answer is whole but whose stream stays open. It succeeds. Default: none.
	AfterFinish time.Duration `yaml:"after_finish"`
	// Read ends a streamed attempt when no byte came for that long; any byte, of a heartbeat too, starts it again.
	Read Limit `yaml:"read"`
	// ReadCall takes its place for answers that are not streamed.
	ReadCall Limit `yaml:"read_call"`
	// ReadRaisedToStale raises Read to the stale threshold where that is longer.
	ReadRaisedToStale bool `yaml:"read_raised_to_stale"`

	// Stale kills an attempt that has made no progress for that long, counted from its start or its last progress.
	Stale time.Duration `yaml:"stale"`
	// StaleScaling raises Stale for long conversations.
	StaleScaling []Scale `yaml:"stale_scaling"`
	// StaleCall and StaleCallScaling take their place for answers that are not streamed, where nothing can be seen
	// before the whole is there.
	StaleCall        time.Duration `yaml:"stale_call"`
	StaleCallScaling []Scale       `yaml:"stale_call_scaling"`
	// StaleFloors raise Stale and StaleCall for models that think long before they speak. Default: none.
	StaleFloors []Floor `yaml:"stale_floors"`
	// StaleShare lowers the stale thresholds to that part of what is left of the call's time when an attempt begins, so that one hung
	// attempt leaves time for another (https://github.com/NousResearch/hermes-agent/issues/90337). Default: 0, it does not.
	StaleShare float64 `yaml:"stale_share"`
	// Local is what differs for providers on this machine or network.
	Local Local `yaml:"local"`
	// Throughput ends a stream whose content comes too slowly. Default: none.
	Throughput Throughput `yaml:"throughput"`
	// PauseInEmit stops what waits for the provider (stale, read, throughput) while the caller keeps the engine from reading, in emit.
	// Default: false, and a slow caller looks like a stalled provider.
	PauseInEmit bool `yaml:"pause_in_emit"`
	// Progress is what counts as progress. Default: content.
	Progress Progress `yaml:"progress"`
	// StalePoll is how often the detector looks. Default: 0, which idealises it: it fires at the threshold.
	StalePoll time.Duration `yaml:"stale_poll"`
	// KillLatency says when a killed stream notices. Default: none.
	KillLatency KillLatency `yaml:"kill_latency"`
	// KillReaches are the protocols, with their profiles, whose streams a stale kill really ends; on others it is a line in a log. Empty: all.
	KillReaches []string `yaml:"kill_reaches"`
	// KillSurfacesAs is the error that a killed body reads as: read_error or remote_protocol_error. Default: read_error.
	// Before the headers a kill is an api_connection_error, and of an answer that is not streamed a call_timeout.
	KillSurfacesAs FailureKind `yaml:"kill_surfaces_as"`
	// UnframedKillEnds lets a kill read as the clean end of a body that has neither a length nor chunks, of which the connection's end is
	// the only end; so it does where a kill shuts the socket down. Default: false.
	UnframedKillEnds bool `yaml:"unframed_kill_ends"`
}

// A Limit may differ by protocol.
type Limit struct {
	// After is when it passes. Default: 0, never.
	After time.Duration `yaml:"after"`
	// ByProtocol replaces After for the protocols that it names, and for profiles of theirs.
	ByProtocol map[string]time.Duration `yaml:"by_protocol"`
}

func (l Limit) of(protocol string) time.Duration { return byProtocol(l.ByProtocol, protocol, l.After) }

// A Scale raises a threshold for conversations of more than Above tokens.
type Scale struct {
	// Above is the size, in tokens, that the conversation exceeds.
	Above int `yaml:"above"`
	// AtLeast is the threshold that it has then, if that is higher.
	AtLeast time.Duration `yaml:"at_least"`
}

// kills says whether a stale kill ends a stream of that protocol.
func (w Watch) kills(protocol string) bool {
	return len(w.KillReaches) == 0 || slices.Contains(w.KillReaches, protocol) || slices.Contains(w.KillReaches, family(protocol))
}

// Progress is what a stale detector takes for life.
type Progress string

const (
	// ProgressByte is any byte, of a comment too.
	ProgressByte Progress = "byte"
	// ProgressEvent is any event on the wire, a ping's too, but no comment and no blank line.
	ProgressEvent Progress = "event"
	// ProgressData is any event that the SDK hands on, whatever is in it.
	ProgressData Progress = "data"
	// ProgressContent is text, thinking, the arguments of a tool, or the end of the answer.
	ProgressContent Progress = "content"
)

// UnmarshalText reads a progress by its name.
func (p *Progress) UnmarshalText(text []byte) error {
	return readWord(p, text, "progress", []Progress{ProgressByte, ProgressEvent, ProgressData, ProgressContent})
}

// KillLatency is how long a killed stream goes on.
type KillLatency string

const (
	// KillAtOnce ends the stream with the kill.
	KillAtOnce KillLatency = "none"
	// KillAtNextByte lets the reader sleep until a byte, or another limit, wakes it.
	KillAtNextByte KillLatency = "next_byte"
)

// UnmarshalText reads a kill latency by its name.
func (l *KillLatency) UnmarshalText(text []byte) error {
	return readWord(l, text, "kill latency", []KillLatency{KillAtOnce, KillAtNextByte})
}

// RetryPolicy is how often, and how soon, one provider is asked again.
type RetryPolicy struct {
	Inner Inner `yaml:"inner"`
	// Attempts is how many times the outer loop asks one provider; less than 1 counts as 1. Default: 1. Each of them is a whole inner loop.
	Attempts int `yaml:"attempts"`
	// RequestsPerProvider bounds all the requests of one call to one provider, whichever loop sends them, the SDK's own included.
	// Default: 0, no bound.
	RequestsPerProvider int        `yaml:"requests_per_provider"`
	EarlyReset          EarlyReset `yaml:"blip"`
	Empty               EmptyRetry `yaml:"empty"`
	Recovery            Recovery   `yaml:"recovery"`
	Backoff             Backoff    `yaml:"backoff"`
	RetryAfter          RetryAfter `yaml:"retry_after"`
	// Budget bounds the requests that all calls together repeat, by whichever loop, the SDK's own included; one that is not granted counts as
	// spent attempts.
	Budget Budget `yaml:"budget"`
}

// Inner is the loop around one stream, inside an attempt of the outer loop. It does not wait. Around an answer that is not streamed there is none.
type Inner struct {
	// Retries is how often a stream is repeated.
	Retries int `yaml:"retries"`
	// On are the failures that are repeated. After content nothing is, unless the caller can be told to start over.
	On []FailureKind `yaml:"on"`
}

// Blip is a connection that broke so early that trying again costs nothing: before the headers and within a moment
// (https://github.com/NousResearch/hermes-agent/issues/69186). One that was never made (refused, no such host, a certificate that is not to be
// trusted) is none: the next moment makes no other. Its retries do not count as attempts.
type EarlyReset struct {
	// Retries is how often such a connection is tried again. Default: 0.
	Retries int `yaml:"retries"`
	// Within is how soon after its start the attempt has to have failed.
	Within time.Duration `yaml:"within"`
	// Wait is the time until the retry.
	Wait time.Duration `yaml:"wait"`
}

// Recovery gives the first provider of the chain its whole budget a second time, once per call.
type Recovery struct {
	// On are the failures, of the last attempt, after which that happens. Empty: never.
	On []FailureKind `yaml:"on"`
	// Wait is the time before.
	Wait time.Duration `yaml:"wait"`
}

// Handling is what a reason leads to.
type Handling struct {
	// FallBackAt is the failed attempt of the outer loop, from 1, from which on the next provider is asked instead of
	// this one again. Default: 0, only when the attempts are spent. On the chain's last provider it has no effect.
	FallBackAt int `yaml:"fall_back_at"`
	// NoRetry never asks the same provider again.
	NoRetry bool `yaml:"no_retry"`
	// Compress is how often a call shortens the conversation and asks the same provider again before anything else
	// happens. Default: 0.
	Compress int `yaml:"compress"`
	// Stop ends the call, whatever providers are left.
	Stop bool `yaml:"stop"`
	// RotateAt is the failure in a row of one key, from 1, after which the provider's next key is used, at once and
	// without counting as an attempt. Default: 0, never.
	RotateAt int `yaml:"rotate_at"`
	// KeyRest is how long a key is then not used; a longer Retry-After wins. The only key of a provider never rests.
	KeyRest time.Duration `yaml:"key_rest"`
	// HeldByKeys lets FallBackAt wait as long as one of several keys does not rest, whether or not a key could help
	// (https://github.com/NousResearch/hermes-agent/issues/59617). Default: false.
	HeldByKeys bool `yaml:"held_by_keys"`
	// Cooldown lets a provider rest that was left for this reason, see Memory. Default: false.
	Cooldown bool `yaml:"cooldown"`
}

// Stream is what happens once the caller has been given something.
type Stream struct {
	// AfterContent says what to do when a stream breaks after content. Default: restart.
	AfterContent AfterContent `yaml:"after_content"`
	// Continuations is how many requests in all `continue` spends on one answer.
	Continuations int `yaml:"continuations"`
	// AcceptTruncated takes the clean end of a body for the end of the answer, with or without the protocol's
	// last event. Default: false.
	AcceptTruncated bool `yaml:"accept_truncated"`
	// AcceptEmpty takes an end without any content for an answer. Default: false.
	AcceptEmpty bool `yaml:"accept_empty"`
	// FailFiltered handles an answer that the provider's safety filter ended (content_filter, refusal), or in which the model refuses, as a failure
	// for the reason content_policy_blocked, before any of the refusal is delivered. Default: false, it is an answer, whose Finish may tell.
	FailFiltered bool `yaml:"fail_filtered"`
	// AcceptRepeats takes what comes twice, or out of order, for more of the answer, where the protocol's events tell: by their number (Responses), by the tokens
	// counted so far (Gemini), by padding that is drawn anew for each (OpenAI and Azure), by a beginning that there is once (Anthropic). Default: false, it is
	// a stream_parse_error.
	AcceptRepeats bool `yaml:"accept_repeats"`
	// AcceptAfterEnd takes what comes behind the end of the answer for more of it. Default: false, nothing but the usage counts.
	AcceptAfterEnd bool `yaml:"accept_after_end"`
	// AcceptBadCalls takes an answer whose tool calls have arguments that are no JSON object, or are of a tool that was not offered. Default: false, it is a failure, and where
	// AfterContent would pass a part off or have it continued, a part with tool calls is handled as under restart.
	AcceptBadCalls bool `yaml:"accept_bad_calls"`
}

// AfterContent is what the engine does about a stream that broke after content.
type AfterContent string

const (
	// AfterRestart handles it as any failure and tells the caller to start over, or fails with
	// ErrInterrupted where the caller does not understand that.
	AfterRestart AfterContent = "restart"
	// AfterError fails with ErrInterrupted.
	AfterError AfterContent = "error"
	// AfterAccept passes the part off as the answer. Wrong, and how the reported engine does it.
	AfterAccept AfterContent = "accept"
	// AfterContinue asks the same provider to go on where it stopped, and glues the parts. Wrong wherever a provider
	// begins anew.
	AfterContinue AfterContent = "continue"
	// AfterDiscard drops the part and handles it as an empty answer, whatever broke the stream, so that EmptyRetry applies; the caller is told to start over as
	// under restart. So does the reported engine where nobody watches it.
	AfterDiscard AfterContent = "discard"
)

// UnmarshalText reads what is done after content by its name.
func (a *AfterContent) UnmarshalText(text []byte) error {
	return readWord(a, text, "after_content", []AfterContent{AfterRestart, AfterError, AfterAccept, AfterContinue, AfterDiscard})
}

// NewPolicy returns the policy that a file's knobs are read into: every default as documented, and no limits.
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
