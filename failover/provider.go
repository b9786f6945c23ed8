package failover

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
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
	// OpenRouter is [OpenAIChat] as OpenRouter serves it, under /api/v1.
	OpenRouter = "openrouter"
	// AzureOpenAI is [OpenAIChat] as Azure serves it, under /openai/deployments/{model}.
	AzureOpenAI = "azure-openai"
)

// family returns the protocol that a vendor's profile belongs to. A policy's setting for that
// protocol also applies to its profiles, unless the policy names them.
func family(protocol string) string {
	if protocol == OpenRouter || protocol == AzureOpenAI {
		return OpenAIChat
	}
	return protocol
}

// A Provider describes one service that can answer.
type Provider struct {
	// Name identifies the provider in decisions, errors and answers. It is unique within a chain.
	Name string
	// Protocol is one of Protocols.
	Protocol string
	// BaseURL is the origin, such as "https://api.openai.com". The protocol adds the path.
	BaseURL string
	// APIKey is the key in use first.
	APIKey string
	// APIKeys are further keys, of the same account or others, used when the one before is refused,
	// see [Handling.RotateAt]. Default: none.
	APIKeys []string
	// Model is the model's name at the provider; for [AzureOpenAI] it is the deployment's.
	Model string
	// APIVersion is [AzureOpenAI]'s api-version; "v1" selects the path without one. Default:
	// 2024-10-21. Other protocols ignore it.
	APIVersion string
	// NoPrefill leaves out an assistant's message at the end of the conversation, because the model
	// refuses it. Default: false; the engine knows some models that refuse it.
	NoPrefill bool
	// Remote says that an address on this machine represents a remote one, so that [Watch.Local]
	// does not apply. Default: false.
	Remote bool
	// HTTPClient carries the requests. Default: nil, one of the engine's own. It should have no
	// Timeout, which would be a limit unknown to the policy. If it has no CheckRedirect, redirects
	// to other origins are failures, see [SDK.AsIs].
	HTTPClient *http.Client
}

// bareModel returns a model's name in lower case, without the path before it that gateways want.
func bareModel(model string) string {
	return strings.ToLower(model[strings.LastIndexByte(model, '/')+1:])
}

// member is a provider of the chain, with a client for each key and what the engine knows of it.
type member struct {
	Provider
	clients []client
	pool    *pool
	health  *health
	// prefills reports that the model continues an assistant's message.
	prefills bool
}

func newMember(p Provider, policy Policy) (member, error) {
	build, ok := clients()[p.Protocol]
	if !ok {
		return member{}, fmt.Errorf("%w: provider %q: unknown protocol %q", ErrConfig, p.Name, p.Protocol)
	}
	origin, err := url.Parse(p.BaseURL)
	if err != nil || origin.Host == "" {
		return member{}, fmt.Errorf("%w: provider %q: base URL %q is not an origin such as https://api.openai.com",
			ErrConfig, p.Name, p.BaseURL)
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
