package failover

import (
	"net/http"

	"github.com/openai/openai-go/v3/option"
)

// newOpenRouter makes a client for OpenRouter, which speaks Chat Completions under /api/v1. Its
// reasoning has a field of its own. Its upstream's error is kept apart from its own, see
// ReasonUpstreamRateLimit (https://openrouter.ai/docs/api-reference/errors).
func newOpenRouter(p Provider, h *http.Client, sdk SDK) (client, error) {
	return openAIChatAt("/api/v1/", p, h, sdk, option.WithAPIKey(p.APIKey)), nil
}
