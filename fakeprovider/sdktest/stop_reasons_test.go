package sdktest_test

import (
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// vendorsReasons returns the reasons in the vendors' documentation, by protocol. Each can be sent
// in the vendor's own word. TestGeminisReasons has Google's.
func vendorsReasons() map[string][]string {
	return map[string][]string{
		"openai-chat":      {"stop", "length", "tool_calls", "content_filter", "function_call"},
		"openai-responses": {"max_output_tokens", "content_filter"}, // why it is incomplete
		"anthropic-messages": {
			"end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal",
			"model_context_window_exceeded",
		},
	}
}

func TestSDKReadsEveryStopReason(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
				t.Helper()
				reasons := append([]string{"stop"}, vendorsReasons()[rig.Wire(p)]...)
				for _, reason := range reasons {
					server, client := serve(t, fakeprovider.Options{Protocol: p, OnRequest: rig.Script(
						fakeprovider.Text{Value: "So"}, fakeprovider.SendFrame{Kind: "finish", Text: reason},
						fakeprovider.SendFrame{Kind: "usage"}, fakeprovider.SendFrame{Kind: "done"},
					)})
					want := reason
					if reason == "stop" {
						want = rig.Stop(p, "stop")
					}
					for _, stream := range []bool{true, false} {
						if got := askSDK(t.Context(), p, server, client, stream); got.Err != nil || got.Stop != want ||
							got.Text != "So" {
							t.Errorf("%s, stream %t: got %+v", want, stream, got)
						}
					}
				}
			})
		})
	}
}

// Anthropic says at which of the client's sequences it stopped.
func TestTheSequenceThatStopped(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t,
			fakeprovider.Options{Protocol: protocol.AnthropicMessages{}, OnRequest: []fakeprovider.Fault{
				fakeprovider.Script{fakeprovider.SendFrame{Kind: "finish", Text: "stop_sequence"}},
				fakeprovider.Healthy{},
			}})
		sdk := anthropicClient(server, client)
		params := anthropicParams()
		params.StopSequences = []string{"\nEND", "END"}
		for _, want := range []string{"\nEND", ""} {
			got, err := sdk.Messages.New(t.Context(), params)
			if err != nil || got.StopSequence != want {
				t.Errorf("got %+v, %v, want %q", got, err, want)
			}
		}
	})
}

// A response in the background is queued before it is in progress.
func TestABackgroundResponseIsQueued(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.OpenAIResponses{}})
		sdk := openAIClient(server, client)
		params := responsesParams()
		params.Background = openai.Bool(true)
		events := sdk.Responses.NewStreaming(t.Context(), params)
		defer func() { _ = events.Close() }()
		for n, want := range []struct {
			kind   string
			status responses.ResponseStatus
		}{{"response.created", "queued"}, {"response.queued", "queued"}, {"response.in_progress", "in_progress"}} {
			if !events.Next() {
				t.Fatal(events.Err())
			}
			got := events.Current()
			if got.Type != want.kind || got.Response.Status != want.status || !got.Response.Background ||
				got.SequenceNumber != int64(n) {
				t.Errorf("event %d is %s", n, got.RawJSON())
			}
		}
		for events.Next() {
		}
		if events.Err() != nil {
			t.Error(events.Err())
		}
	})
}
