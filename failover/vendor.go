package failover

import (
	"context"
	"maps"
	"net/http"
	"slices"
)

// Protocols returns the protocols that the engine speaks, sorted.
func Protocols() []string { return slices.Sorted(maps.Keys(clients())) }

// clients returns the constructor of each protocol's client.
func clients() map[string]newClient {
	return map[string]newClient{
		OpenAIChat:        newOpenAIChat,
		OpenAIResponses:   newOpenAIResponses,
		AnthropicMessages: newAnthropicMessages,
		Gemini:            newGemini,
		OpenRouter:        newOpenRouter,
		AzureOpenAI:       newAzureOpenAI,
	}
}

// newClient makes a client, or returns ErrConfig.
type newClient func(p Provider, h *http.Client, sdk SDK) (client, error)

// A client asks one provider through its vendor's SDK. It is safe for concurrent use.
type client interface {
	// open sends a question and returns the response. A failed request is a stream without events.
	open(ctx context.Context, q question) stream
	// explain fills in what the SDK's error says, and reports whether the provider itself sent the
	// error. f.responded is the response's status.
	explain(err error, f *AttemptError) bool
}
