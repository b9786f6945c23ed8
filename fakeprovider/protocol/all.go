package protocol

import (
	"fmt"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// All returns every protocol, in the order in which `list protocols` shows them.
func All() []fakeprovider.Protocol {
	return []fakeprovider.Protocol{
		OpenAIChat{},
		OpenAIResponses{},
		AnthropicMessages{},
		Gemini{},
		OpenRouter{},
		AzureOpenAI{},
	}
}

// ByName returns the protocol of that name, or fakeprovider.ErrNoSuchProtocol.
func ByName(name string) (fakeprovider.Protocol, error) {
	for _, p := range All() {
		if p.Name() == name {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%w: %q", fakeprovider.ErrNoSuchProtocol, name)
}
