package sdktest_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestPrefill(t *testing.T) {
	t.Parallel()
	const refused = "This model does not support assistant message prefill. The conversation must end with a user " +
		"message."
	tests := []struct{ model, prefill, refused string }{
		{"claude-opus-4-6", "{", refused},
		{"claude-sonnet-4-6-20260219", "{", refused},
		{"claude-sonnet-5", "{", refused},
		{"claude-fable-5-1", "{", refused},
		{"us.anthropic.claude-opus-4-6-v1", "{", refused},
		{"anthropic/claude-opus-4.7", "{", refused},
		{"claude-opus-4-10", "{", refused},
		{"claude-sonnet-4-5-20250929", "{", ""},
		{"claude-opus-4-20250514", "{", ""},
		{"claude-sonnet-4", "{", ""},
		{"claude-3-5-sonnet-20241022", "{", ""},
		{"claude-3-haiku-20240307", "{", ""},
		{"claude-instant", "{", ""},
		{"some-model", "{", ""},
		{"claude-sonnet-4-5", "Sure: ", "messages: final assistant content cannot end with trailing whitespace"},
		{"claude-opus-4-6", "Sure: ", refused},
	}
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.AnthropicMessages{}})
		sdk := anthropicClient(server, client)
		for _, test := range tests {
			params := anthropicParams()
			params.Model = test.model
			params.Messages = append(params.Messages,
				anthropic.NewAssistantMessage(anthropic.NewTextBlock(test.prefill)))
			_, err := sdk.Messages.New(t.Context(), params)
			var refusal *anthropic.Error
			if test.refused == "" {
				if err != nil {
					t.Errorf("%s, %q: %v", test.model, test.prefill, err)
				}
				continue
			}
			// compact, as the recorded ones
			want := `{"type":"error","error":{"type":"invalid_request_error","message":"` + test.refused +
				`"},"request_id":"`
			if !errors.As(err, &refusal) || refusal.StatusCode != http.StatusBadRequest ||
				len(refusal.RawJSON()) < len(want) || refusal.RawJSON()[:len(want)] != want {
				t.Errorf("%s, %q: got %v, want a 400 with %s", test.model, test.prefill, err, want)
			}
		}
		// A conversation that ends in a tool call, or in the user's words, has no prefill.
		params := anthropicParams()
		params.Model = "claude-opus-4-6"
		if _, err := sdk.Messages.New(t.Context(), params); err != nil {
			t.Error(err)
		}
		params.Messages = append(params.Messages,
			anthropic.NewAssistantMessage(anthropic.NewToolUseBlock("toolu_1", map[string]any{}, "f")))
		if _, err := sdk.Messages.New(t.Context(), params); err != nil {
			t.Error(err)
		}
	})
}
