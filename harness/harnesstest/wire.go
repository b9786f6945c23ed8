package harnesstest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
)

// A wire speaks one vendor's protocol, as far as the plain engine needs it.
type wire interface {
	// request returns the path, the headers and the body that ask for an answer.
	request(u harness.Upstream, req harness.Request) (path string, header map[string]string, body any)
	// event reads one event of a stream into the answer. An error ends the attempt.
	event(ev event, a *answer) error
	// answer reads an answer that is not streamed.
	answer(data []byte, a *answer) error
}

// wireOf returns the wire of a protocol that the plain engine speaks.
func wireOf(name string) (wire, bool) {
	if w, ok := wires()[name]; ok {
		return w, true
	}
	p, err := protocol.ByName(name)
	if err != nil || p.About().ProfileOf != (protocol.OpenAIChat{}).Name() {
		return nil, false
	}
	call := p.About().Stream
	for key, value := range call.Header {
		if scheme, ok := strings.CutSuffix(value, "{key}"); ok {
			return chatWire{path: call.Path, key: key, scheme: scheme}, true
		}
	}
	return nil, false
}

// wires returns the protocols that the plain engine speaks, by name. Other forms of Chat
// Completions differ from OpenAI's in what they say about themselves.
func wires() map[string]wire {
	return map[string]wire{
		"openai-chat": chatWire{path: "/v1/chat/completions", key: "Authorization", scheme: "Bearer "},
		// On this path Azure takes the deployment from the body.
		"azure-openai":       chatWire{path: "/openai/v1/chat/completions", key: "Api-Key"},
		"anthropic-messages": anthropicWire{},
		"gemini":             geminiWire{},
		"openai-responses":   responsesWire{},
	}
}

// errProvider is an error that a provider reports in a response of status 200.
var errProvider = errors.New("the provider says")

func says(what string) error { return fmt.Errorf("%w: %s", errProvider, what) }

// malformed returns the error of JSON that cannot be read.
func malformed(err error) error { return fmt.Errorf("read an event: %w", err) }
