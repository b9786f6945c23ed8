package harnesstest

import (
	"errors"
	"fmt"

	"github.com/chaosrun/chaosrun/harness"
)

// A wire is one vendor's protocol, as much of it as the plain engine speaks.
type wire interface {
	// request returns the path, the headers and the body that ask for an answer.
	request(u harness.Upstream, req harness.Request) (path string, header map[string]string, body any)
	// event takes an event of a streamed answer. An error ends the attempt.
	event(ev event, a *answer) error
	// answer takes an answer that is not streamed.
	answer(data []byte, a *answer) error
}

// wires returns the protocols that the plain engine speaks, by name.
func wires() map[string]wire {
	return map[string]wire{
		"openai-chat": chatWire{path: "/v1/chat/completions", key: "Authorization", scheme: "Bearer "},
		"openrouter":  chatWire{path: "/api/v1/chat/completions", key: "Authorization", scheme: "Bearer "},
		// Azure names the deployment in the path, and takes the model of the body where the path is this one.
		"azure-openai":       chatWire{path: "/openai/v1/chat/completions", key: "Api-Key"},
		"anthropic-messages": anthropicWire{},
		"gemini":             geminiWire{},
		"openai-responses":   responsesWire{},
	}
}

// errProvider begins what a provider says of itself inside a response that began well.
var errProvider = errors.New("the provider says")

func says(what string) error { return fmt.Errorf("%w: %s", errProvider, what) }

// malformed is JSON that cannot be read.
func malformed(err error) error { return fmt.Errorf("read an event: %w", err) }
