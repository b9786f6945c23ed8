package failover

import (
	"net/http"

	"github.com/openai/openai-go/v3/option"
)

// newOpenRouter asks OpenRouter, which speaks Chat Completions under /api/v1. Its reasoning has a
// name of its own. What its upstream said is kept apart from what it says itself, see
// ReasonUpstreamRateLimit (https://openrouter.ai/docs/api-reference/errors).
func newOpenRouter(p Provider, h *http.Client, sdk SDK) (client, error) {
	return openAIChatAt("/api/v1/", p, h, sdk, option.WithAPIKey(p.APIKey)), nil
}
