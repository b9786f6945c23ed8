package failover

// Stream says what happens to an answer that is damaged, or that breaks once the caller has
// received a part.
type Stream struct {
	// AfterContent says what to do when a stream breaks after content. Default: restart.
	AfterContent AfterContent `yaml:"after_content"`
	// Continuations is how many requests in all `continue` spends on one answer.
	Continuations int `yaml:"continuations"`
	// AcceptTruncated accepts the clean end of a body as the end of the answer, with or without
	// the protocol's last event. Default: false.
	AcceptTruncated bool `yaml:"accept_truncated"`
	// AcceptEmpty accepts an end without any content as an answer. Default: false.
	AcceptEmpty bool `yaml:"accept_empty"`
	// AcceptThoughts accepts reasoning alone, without text or a tool call, as an answer
	// (https://github.com/aaif-goose/goose/issues/11975). Default: false, it is an empty one.
	AcceptThoughts bool `yaml:"accept_thoughts"`
	// AcceptGivenUp accepts an answer whose finish reason says that the provider gave it up: abort,
	// error, insufficient_system_resource, MALFORMED_FUNCTION_CALL and the like. Default: false, it
	// is a failure.
	AcceptGivenUp bool `yaml:"accept_given_up"`
	// FailFiltered fails an answer that the provider's safety filter ended (content_filter,
	// refusal), or in which the model refuses. The reason is content_policy_blocked, and a refusal
	// is not delivered. Default: false, it is an answer; [Answer.Finish] may tell why it ended.
	FailFiltered bool `yaml:"fail_filtered"`
	// AcceptRepeats accepts events that come twice, or out of order, as more of the answer. The
	// protocols tell by the event's number (Responses), the tokens so far (Gemini), padding drawn
	// for each event (OpenAI and Azure), or a beginning that comes once (Anthropic). Default:
	// false, such an event is a stream_parse_error.
	AcceptRepeats bool `yaml:"accept_repeats"`
	// AcceptAfterEnd accepts content after the end of the answer as more of it. Default: false,
	// only the usage counts.
	AcceptAfterEnd bool `yaml:"accept_after_end"`
	// AcceptBadCalls accepts tool calls whose arguments are no JSON object, or whose tool was not
	// offered. Default: false, the answer is a failure. If [AfterContent] would accept or continue
	// a part, a part with tool calls is then handled as under restart.
	AcceptBadCalls bool `yaml:"accept_bad_calls"`
	// RepeatBrokenCalls lets the inner loop repeat a stream that broke in a tool call after text.
	// Each part of the answer gets all of its retries: they multiply with Continuations. A caller
	// that cannot start over gets the text again. [AfterContent] (accept or continue) then handles
	// the last part without its calls; accept tells the caller which calls were not made. This is
	// wrong, and the reported engine does it. Default: false.
	RepeatBrokenCalls bool `yaml:"repeat_broken_calls"`
}

// AfterContent says what the engine does about a stream that broke after content.
type AfterContent string

const (
	// AfterRestart handles it as any failure and tells the caller to start over. It fails with
	// [ErrInterrupted] if the caller does not understand restarts.
	AfterRestart AfterContent = "restart"
	// AfterError fails with [ErrInterrupted].
	AfterError AfterContent = "error"
	// AfterAccept accepts the part as the answer. This is wrong, and the reported engine does it.
	AfterAccept AfterContent = "accept"
	// AfterContinue asks the same provider to continue the part, and joins the parts. The answer is
	// wrong if the provider begins anew.
	AfterContinue AfterContent = "continue"
	// AfterDiscard drops the part and handles it as an empty answer, whatever broke the stream, so
	// that [EmptyRetry] applies. The caller is told to start over as under restart. The reported
	// engine does so without a user interface.
	AfterDiscard AfterContent = "discard"
)

// UnmarshalText reads an [AfterContent] by its name. An unknown name is an error that suggests a
// near one.
func (a *AfterContent) UnmarshalText(text []byte) error {
	return readWord(a, text, "after_content", afterContents())
}

func afterContents() []AfterContent {
	return []AfterContent{AfterRestart, AfterError, AfterAccept, AfterContinue, AfterDiscard}
}
