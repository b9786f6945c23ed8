package sdktest_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

// The SDKs read the steps that send more than a text.
func TestSDKReadsWhatStepsSay(t *testing.T) {
	t.Parallel()
	const arguments = `{"country":"Côte d'Ivoire \"\\"}`
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
				t.Helper()
				for _, stream := range []bool{true, false} {
					steps := fakeprovider.Script{
						fakeprovider.Text{Value: "Let me look."},
						fakeprovider.CallTool{
							Name: "get_capital", ID: "call_1", Arguments: arguments, Pieces: 7, ITL: time.Second,
						},
						fakeprovider.CallTool{Name: "get_time", ID: "call_2"},
						fakeprovider.Finish{Reason: "tool_calls"},
					}
					want := rig.Answer{
						Text: "Let me look.", Calls: []string{"call_1 get_capital" + arguments, "call_2 get_time{}"},
						Stop: rig.Stop(p, "tool_calls"),
					}
					if !p.About().Cannot(fakeprovider.FrameThinking) {
						steps = append(fakeprovider.Script{
							fakeprovider.Think{Value: "The user waits.", ITL: time.Second},
						}, steps...)
						want.Thinking = "The user waits."
					}
					server, client := serve(t, fakeprovider.Options{
						Protocol: p, OnRequest: []fakeprovider.Fault{steps},
					})
					got := askSDK(t.Context(), p, server, client, stream)
					got.In, got.Out = 0, 0 // see TestSDKReadsAConversation
					if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(rig.Answer{})); diff != "" {
						t.Errorf("stream %t (-want +got):\n%s", stream, diff)
					}
					if p.About().Cannot(fakeprovider.FrameRefusal) {
						continue
					}
					server.OnRequest(fakeprovider.Script{
						fakeprovider.Refuse{Value: "I can't help with that.", ITL: time.Second},
						fakeprovider.Finish{Reason: "content_filter"},
					})
					got = askSDK(t.Context(), p, server, client, stream)
					if got.Err != nil || got.Refusal != "I can't help with that." || got.Text != "" ||
						got.Stop != rig.Stop(p, "content_filter") {
						t.Errorf("stream %t: a refusal reads as %+v", stream, got)
					}
				}
			})
		})
	}
}

func TestPiecesOfACall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		step fakeprovider.CallTool
		want []string
	}{
		{fakeprovider.CallTool{Name: "f"}, []string{"f", "{}"}},
		{fakeprovider.CallTool{Name: "f", Pieces: 9}, []string{"f", "{", "}"}},
		{fakeprovider.CallTool{Name: "f", Arguments: `{"a": "äöü"}`}, []string{"f", `{"a`, `": `, `"äö`, `ü"}`}},
		{fakeprovider.CallTool{Name: "f", Arguments: `{"a": 12345}`, Pieces: 2}, []string{"f", `{"a": `, `12345}`}},
		{fakeprovider.CallTool{Name: "f", Arguments: `{"a": 123}`, Pieces: 3}, []string{"f", `{"a`, `": `, `123}`}},
	}
	for _, test := range tests {
		got, _ := rig.Played(t, timeline.ToolCallSent, test.step)
		if !gocmp.Equal(got, test.want) {
			t.Errorf("%+v: got %q, want %q", test.step, got, test.want)
		}
		test.step.ITL = time.Second
		_, times := rig.Played(t, timeline.ToolCallSent, test.step)
		for i, at := range times {
			if at != time.Duration(i)*time.Second {
				t.Errorf("%+v: piece %d left after %s", test.step, i, at)
			}
		}
	}
}
