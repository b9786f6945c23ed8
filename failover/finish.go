package failover

import "strings"

// A finishClass says what a finish reason makes of the answer before it.
type finishClass int

const (
	// finishWhole is the end of a whole answer. A reason that no vendor documents is one too: the
	// protocol's last event decides.
	finishWhole finishClass = iota + 1
	// finishCutShort is an answer that used up its tokens.
	finishCutShort
	// finishFiltered is an answer that the provider's safety filter ended.
	finishFiltered
	// finishGivenUp is an answer that the provider did not end as it should.
	finishGivenUp
)

// finishClasses holds the reasons that are not those of a whole answer, in lower case.
//
//nolint:gochecknoglobals // an immutable table
var finishClasses = map[string]finishClass{
	// OpenAI Chat Completions: https://platform.openai.com/docs/api-reference/chat/object
	"length": finishCutShort, "content_filter": finishFiltered,
	// OpenAI Responses, the reasons of an incomplete response, and its status in other cases:
	// https://platform.openai.com/docs/api-reference/responses/object
	"max_output_tokens": finishCutShort, "incomplete": finishCutShort,
	// Anthropic: https://docs.anthropic.com/en/api/handling-stop-reasons
	"max_tokens": finishCutShort, "model_context_window_exceeded": finishCutShort, "refusal": finishFiltered,
	// Google: https://ai.google.dev/api/generate-content#FinishReason
	"safety": finishFiltered, "prohibited_content": finishFiltered, "blocklist": finishFiltered, "spii": finishFiltered,
	"recitation": finishFiltered, "image_safety": finishFiltered, "image_prohibited_content": finishFiltered,
	"image_recitation": finishFiltered, "language": finishGivenUp, "other": finishGivenUp,
	"malformed_function_call": finishGivenUp, "unexpected_tool_call": finishGivenUp,
	"too_many_tool_calls": finishGivenUp, "missing_thought_signature": finishGivenUp,
	"malformed_response": finishGivenUp, "no_image": finishGivenUp, "image_other": finishGivenUp,
	// DeepSeek: https://api-docs.deepseek.com/api/create-chat-completion
	"insufficient_system_resource": finishGivenUp,
	// vLLM: https://docs.vllm.ai/en/latest/api/vllm/v1/engine/
	"abort": finishGivenUp,
	// OpenRouter: https://openrouter.ai/docs/api-reference/overview
	"error": finishGivenUp,
}

// classOf returns the class of a finish reason, in whatever case a vendor writes it.
func classOf(finish string) finishClass {
	if class := finishClasses[strings.ToLower(finish)]; class != 0 {
		return class
	}
	return finishWhole
}

// isCutShort reports whether an answer ended because it used up its tokens.
func isCutShort(finish string) bool { return classOf(finish) == finishCutShort }

// badEnd returns the failure that the answer's finish reason is, or "".
func (s Stream) badEnd(finish string) FailureKind {
	switch class := classOf(finish); {
	case class == finishFiltered && s.FailFiltered:
		return FailureFiltered
	case class == finishGivenUp && !s.AcceptGivenUp:
		return FailureGivenUp
	}
	return ""
}
