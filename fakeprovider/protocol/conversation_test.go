package protocol_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// TestWhatCannotBeSaid checks that a piece that no vendor could send is an error of the script,
// not bytes that look like one.
func TestWhatCannotBeSaid(t *testing.T) {
	t.Parallel()
	orphan := rig.Call(fakeprovider.ToolCall{Index: 3, ArgumentsPiece: "{}"})
	for _, p := range protocol.All() {
		for _, stream := range []bool{true, false} {
			bad := rig.Frames{{Kind: fakeprovider.FrameToolCall}, {Kind: 99}}
			if !stream || !rig.IsChat(p) {
				bad = append(bad, orphan)
			}
			if p.About().Cannot(fakeprovider.FrameThinking) {
				bad = append(bad, rig.Thinking("hm"))
			}
			if p.About().Cannot(fakeprovider.FrameRefusal) {
				bad = append(bad, rig.Refusal("no"))
			}
			if stream {
				bad = append(bad, fakeprovider.Frame{
					Kind: fakeprovider.FrameError, Problem: &fakeprovider.Problem{Shape: "round"},
				})
			}
			for _, f := range bad {
				data, err := p.Encoder(rig.Parsed(t, p, stream)).Encode(f)
				if !errors.Is(err, fakeprovider.ErrNoSuchFrame) {
					t.Errorf("%s, stream %t: %s encodes to %q, %v", p.Name(), stream, f.Kind, data, err)
				}
			}
		}
	}
	anthropicWhole := protocol.AnthropicMessages{}.Encoder(rig.Meta(false))
	for _, f := range []fakeprovider.Frame{
		rig.Call(fakeprovider.ToolCall{Name: "f", ArgumentsPiece: "{"}), {Kind: fakeprovider.FrameFinish},
	} {
		_, err := anthropicWhole.Encode(f)
		if want := f.Kind == fakeprovider.FrameFinish; errors.Is(err, fakeprovider.ErrNoSuchFrame) != want {
			t.Errorf("%s: %v, want an error: %t", f.Kind, err, want)
		}
	}
}

func TestGoldenConversations(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		for name, c := range rig.Conversations() {
			if rig.CannotSay(p, c.Want) {
				continue
			}
			for _, stream := range []bool{true, false} {
				encoder := p.Encoder(rig.Parsed(t, p, stream))
				var got []byte
				all := append(rig.Frames{}, c.Frames...)
				if name != "tools" || !rig.IsChat(p) {
					all = append(rig.Frames{{Kind: fakeprovider.FrameStart}}, all...)
				}
				all = append(all, fakeprovider.Frame{Kind: fakeprovider.FrameFinish, Text: c.Reason},
					fakeprovider.Frame{Kind: fakeprovider.FrameUsage}, fakeprovider.Frame{Kind: fakeprovider.FrameDone})
				for _, f := range all {
					data, err := encoder.Encode(f)
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, data...)
				}
				rig.Golden(t, p.Name()+"/"+map[bool]string{true: "stream-", false: "whole-"}[stream]+name, got)
				if !stream && !json.Valid(got) {
					t.Errorf("%s/%s is not JSON: %s", p.Name(), name, got)
				}
			}
		}
	}
}

// TestWhatIsRecordedOfAConversation checks that a refusal or a role that a vendor sends together
// with something else is recorded.
func TestWhatIsRecordedOfAConversation(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		for _, stream := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				said := rig.Frames{
					rig.Call(fakeprovider.ToolCall{Name: "f", ArgumentsPiece: "{"}),
					rig.Call(fakeprovider.ToolCall{ArgumentsPiece: "}"}),
				}
				want := []string{"tool-call-sent f{", "tool-call-sent }"}
				if !p.About().Cannot(fakeprovider.FrameRefusal) {
					said, want = append(said, rig.Refusal("No.")), append(want, "refusal-sent No.")
				}
				want = append(want, "finish-sent stop")
				if stream && !rig.IsChat(p) && opens(t, p) {
					want = append([]string{"frame-sent start"}, want...)
				}
				server, client := rig.ServeInMemory(t, fakeprovider.Options{
					Name: "primary", Protocol: p, OnRequest: rig.Script(said, fakeprovider.Finish{}),
				})
				_, _, err := rig.Exchange(t, client, rig.AskOf(t.Context(), t, server.URL(), p, stream))
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, e := range server.Recorder().Events()[2:] { // the request, the head
					got = append(got, e.Kind.String()+" "+e.Text)
				}
				if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
					t.Errorf("%s, stream %t: got %q, want %q first", p.Name(), stream, got, want)
				}
			})
		}
	}
}

// opens reports whether a frame that opens a stream has bytes.
func opens(t *testing.T, p fakeprovider.Protocol) bool {
	t.Helper()
	data, err := p.Encoder(rig.Parsed(t, p, true)).Encode(fakeprovider.Frame{Kind: fakeprovider.FrameStart})
	if err != nil {
		t.Fatal(err)
	}
	return len(data) > 0
}
