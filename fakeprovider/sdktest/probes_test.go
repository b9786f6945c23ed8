package sdktest_test

import (
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"google.golang.org/genai"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestSDKReadsTheProbes(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.OpenAIChat{}})
		openAI := openAIClient(server, client)
		list, err := openAI.Models.List(t.Context())
		if err != nil || len(list.Data) != 1 || list.Data[0].ID != "gpt-4o" {
			t.Errorf("got %+v, %v", list, err)
		}
		one, err := openAI.Models.Get(t.Context(), "some-model")
		if err != nil || one.ID != "some-model" || one.Object != "model" || one.Created == 0 {
			t.Errorf("got %+v, %v", one, err)
		}
	})
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.AnthropicMessages{}})
		sdk := anthropicClient(server, client)
		one, err := sdk.Models.Get(t.Context(), "claude-opus-4-6", anthropic.ModelGetParams{})
		if err != nil || one.ID != "claude-opus-4-6" || one.CreatedAt.IsZero() {
			t.Errorf("got %+v, %v", one, err)
		}
		count, err := sdk.Messages.CountTokens(t.Context(), anthropic.MessageCountTokensParams{
			Model: "claude-opus-4-6", Messages: anthropicParams().Messages,
		})
		if err != nil || count.InputTokens != 2 { // of "say hello"
			t.Errorf("got %+v, %v", count, err)
		}
	})
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}})
		sdk, err := geminiClient(t.Context(), server, client)
		if err != nil {
			t.Fatal(err)
		}
		one, err := sdk.Models.Get(t.Context(), "gemini-3-flash", nil)
		if err != nil || one.Name != "models/gemini-3-flash" || one.InputTokenLimit == 0 {
			t.Errorf("got %+v, %v", one, err)
		}
		count, err := sdk.Models.CountTokens(t.Context(), "gemini-3-flash", genai.Text("say hello"), nil)
		if err != nil || count.TotalTokens != 2 {
			t.Errorf("got %+v, %v", count, err)
		}
	})
}
