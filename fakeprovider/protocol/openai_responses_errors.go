package protocol

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

func noSuchShape(shape string) error {
	return fmt.Errorf("%w: an error of shape %q", fakeprovider.ErrNoSuchFrame, shape)
}

// openAIResponsesIndent is the indentation of bodies. Those of errors end without a line break:
// recordings of the 400 in the goldens say 236 bytes.
const openAIResponsesIndent = 2

// responsesNestedEvent is the one event whose keys are not sorted.
type responsesNestedEvent struct {
	Type           string          `json:"type"`
	SequenceNumber int             `json:"sequence_number"`
	Error          responsesNested `json:"error"`
}

type responsesNested struct {
	Type    string   `json:"type"`
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Param   nullable `json:"param"`
}

// responsesFailure is the error of a response that has failed. No header is left to say when to
// come back, so a Retry-After is in the message, as Codex's backend writes it.
type responsesFailure struct {
	Code            string `json:"code"`
	Message         string `json:"message"`
	ResetsInSeconds int    `json:"resets_in_seconds,omitzero"`
}

// secondsOf returns a problem's Retry-After if it is in whole seconds.
func secondsOf(p fakeprovider.Problem) int {
	seconds, _ := strconv.Atoi(p.Header.Get("Retry-After"))
	return max(0, seconds)
}

// openAIResponsesErrors returns OpenAI's errors, with those that Responses words differently.
func openAIResponsesErrors() []vendorError {
	const invalid = "invalid_request_error"
	table := openAIErrors()
	for _, row := range []vendorError{
		{
			status: 400, pick: "context_length_exceeded", kind: invalid, code: "context_length_exceeded",
			param:   "input",
			message: "Your input exceeds the context window of this model. Please adjust your input and try again.",
		},
		{
			status: 400, pick: pickMissing, kind: invalid, code: pickMissing, param: "input",
			message: `One of "input" or "previous_response_id" or 'prompt' or 'conversation_id' must be provided.`,
		},
		{
			status: 400, pick: pickMissingModel, kind: invalid, code: pickMissing, param: "model",
			message: "Missing required parameter: 'model'.",
		},
	} {
		i := slices.IndexFunc(table, func(r vendorError) bool { return r.status == row.status && r.pick == row.pick })
		table[i] = row
	}
	return table
}
