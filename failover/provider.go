package failover

import (
	"fmt"
	"net/http"
	"net/url"
)

const (
	// OpenAIChat is the protocol of POST /v1/chat/completions.
	OpenAIChat = "openai-chat"
	// OpenAIResponses is the protocol of POST /v1/responses.
	OpenAIResponses = "openai-responses"
	// AnthropicMessages is the protocol of POST /v1/messages.
	AnthropicMessages = "anthropic-messages"
	// Gemini is the protocol of POST /v1beta/models/{model}:streamGenerateContent.
	Gemini = "gemini"
	// OpenRouter is OpenAIChat as OpenRouter serves it, under /api/v1.
	OpenRouter = "openrouter"
	// AzureOpenAI is OpenAIChat as Azure serves it, under /openai/deployments/{model}.
	AzureOpenAI = "azure-openai"
)

// family returns the protocol that a vendor's profile is one of. What a policy says of that protocol holds for its profiles too, unless it
// names them.
func family(protocol string) string {
	if protocol == OpenRouter || protocol == AzureOpenAI {
		return OpenAIChat
	}
	return protocol
}

// A Provider is one place that can answer.
type Provider struct {
	// Name is what decisions, errors and answers call it; unique within a chain.
	Name string
	// Protocol is one of Protocols.
	Protocol string
	// BaseURL is the origin, as in "https://api.openai.com"; the path is the protocol's.
	BaseURL string
	APIKey  string
	// APIKeys are further keys of the same account or others, used when the one before is refused, see Handling.RotateAt.
	APIKeys []string
	// Model is its name at the provider; for AzureOpenAI that of the deployment.
	Model string
	// APIVersion is AzureOpenAI's api-version; "v1" is the path that has none. Default: 2024-10-21. Other protocols have no use for it.
	APIVersion string
	// NoPrefill says that the model takes no message of the assistant's at the end of the conversation: one is then left out. Models that
	// are known to refuse it need not be told of.
	NoPrefill bool
	// Remote says that an address on this machine stands in for one that is not, so that Watch.Local does not apply.
	Remote bool
	// HTTPClient carries the requests; nil means one of the engine's own. It should have no Timeout: that would be one more
	// retry-relevant limit, unknown to the policy. Where it has no CheckRedirect, redirects to other origins are failures, see SDK.AsIs.
	HTTPClient *http.Client
}

// member is a provider with what asks it, one client for each key, and with what is known of it.
type member struct {
	Provider
	clients []client
	pool    *pool
	health  *health
	// prefills says that the model goes on from what the assistant has said.
	prefills bool
}

func newMember(p Provider, policy Policy) (member, error) {
	build, ok := clients()[p.Protocol]
	if !ok {
		return member{}, fmt.Errorf("%w: provider %q: unknown protocol %q", ErrConfig, p.Name, p.Protocol)
	}
	origin, err := url.Parse(p.BaseURL)
	if err != nil || origin.Host == "" {
		return member{}, fmt.Errorf("%w: provider %q: base URL %q is no origin", ErrConfig, p.Name, p.BaseURL)
	}
	h := *p.HTTPClient
	if h.Transport == nil {
		h.Transport = http.DefaultTransport
	}
	h.Transport = watchedTransport{h.Transport}
	if h.CheckRedirect == nil && !policy.SDK.AsIs {
		h.CheckRedirect = followSameOrigin
	}
	m := member{Provider: p, pool: newPool(p), health: &health{memory: policy.Memory}, prefills: p.takesPrefill()}
	for _, key := range m.pool.keys {
		p.APIKey = key
		c, err := build(p, &h, policy.SDK)
		if err != nil {
			return member{}, err
		}
		m.clients = append(m.clients, c)
	}
	return m, nil
}
