package fakeprovider_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// frames is a step that sends them as they stand.
type frames []fakeprovider.Frame

func (s frames) Play(_ context.Context, x fakeprovider.Exchange) error {
	for _, f := range s {
		if err := x.Send(f); err != nil {
			return err
		}
	}
	return nil
}

func text(s string) fakeprovider.Frame {
	return fakeprovider.Frame{Kind: fakeprovider.FrameText, Text: s}
}

func thinking(s string) fakeprovider.Frame {
	return fakeprovider.Frame{Kind: fakeprovider.FrameThinking, Text: s}
}

func refusal(s string) fakeprovider.Frame {
	return fakeprovider.Frame{Kind: fakeprovider.FrameRefusal, Text: s}
}

func call(t fakeprovider.ToolCall) fakeprovider.Frame {
	return fakeprovider.Frame{Kind: fakeprovider.FrameToolCall, Tool: &t}
}

// calls are two calls, the first one's arguments in pieces that cut a word.
func calls() frames {
	return frames{
		call(fakeprovider.ToolCall{ID: "call_1", Name: "get_capital"}),
		call(fakeprovider.ToolCall{ArgumentsPiece: `{"`}),
		call(fakeprovider.ToolCall{ArgumentsPiece: `country":"Côte d'Iv`}),
		call(fakeprovider.ToolCall{ArgumentsPiece: `oire \"\\"}`}),
		call(fakeprovider.ToolCall{Index: 1, ID: "call_2", Name: "get_time", ArgumentsPiece: `{}`}),
	}
}

// conversations are the answers that are more than a text, and what a client has to make of them.
func conversations() map[string]struct {
	frames frames
	reason string
	want   answer
} {
	toolCalls := []string{`call_1 get_capital{"country":"Côte d'Ivoire \"\\"}`, `call_2 get_time{}`}
	return map[string]struct {
		frames frames
		reason string
		want   answer
	}{
		"tools":               {calls(), "tool_calls", answer{calls: toolCalls, out: 5}},
		"text-then-tools":     {append(frames{text("Let me"), text(" look.")}, calls()...), "tool_calls", answer{text: "Let me look.", calls: toolCalls, out: 7}},
		"thinking":            {frames{thinking("The user"), thinking(" waits."), text("Hello")}, "", answer{thinking: "The user waits.", text: "Hello", out: 3}},
		"thinking-then-tools": {append(frames{thinking("Hm.")}, calls()...), "tool_calls", answer{thinking: "Hm.", calls: toolCalls, out: 6}},
		"refusal":             {frames{refusal("I can't help"), refusal(" with that.")}, "content_filter", answer{refusal: "I can't help with that.", out: 2}},
		"refusal-after-text":  {frames{text("Well, "), refusal("no.")}, "content_filter", answer{text: "Well, ", refusal: "no.", out: 2}},
		"nothing":             {nil, "content_filter", answer{}},
	}
}

// stops are the protocols' words for a reason.
func stops() map[string]map[string]string {
	all := map[string]map[string]string{
		"gemini":             {"": "STOP", "stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY", "tool_calls": "STOP"},
		"openai-chat":        {"": "stop", "stop": "stop", "length": "length", "content_filter": "content_filter", "tool_calls": "tool_calls"},
		"openai-responses":   {"": "completed", "stop": "completed", "length": "max_output_tokens", "content_filter": "content_filter", "tool_calls": "completed"},
		"anthropic-messages": {"": "end_turn", "stop": "end_turn", "length": "max_tokens", "content_filter": "refusal", "tool_calls": "tool_use"},
	}
	all["openrouter"], all["azure-openai"] = all["openai-chat"], all["openai-chat"]
	return all
}

// cannotThink are the protocols that keep their reasoning to themselves.
func cannotThink() map[string]bool { return map[string]bool{"openai-chat": true, "azure-openai": true} }

// cannotRefuse are the protocols whose refusals have no words of their own.
func cannotRefuse() map[string]bool { return map[string]bool{"gemini": true} }

// chats are the profiles of Chat Completions. There a call opens the stream by itself, and pieces of calls are free to come in
// any order.
func chats() map[string]bool {
	return map[string]bool{"openai-chat": true, "openrouter": true, "azure-openai": true}
}

// cannotSay says whether an answer has something that a protocol has no words for.
func cannotSay(p fakeprovider.Protocol, a answer) bool {
	return a.thinking != "" && cannotThink()[p.Name()] || a.refusal != "" && cannotRefuse()[p.Name()]
}

func TestSDKReadsAConversation(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		for name, c := range conversations() {
			if cannotSay(p, c.want) {
				continue
			}
			t.Run(p.Name()+"/"+name, func(t *testing.T) {
				everywhere(t, func(t *testing.T, serve serving) {
					for _, stream := range []bool{true, false} {
						server, client := serve(t, fakeprovider.Options{
							Protocol: p, OnRequest: script(c.frames, fakeprovider.Finish{Reason: c.reason}),
						})
						want := c.want
						want.in, want.stop = 2, stops()[p.Name()][c.reason]
						got := askSDK(t.Context(), p, server, client, stream)
						if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(answer{})); diff != "" {
							t.Errorf("stream %t (-want +got):\n%s", stream, diff)
						}
					}
				})
			})
		}
	}
}

// A piece that no vendor could send is an error of the script, not bytes that look like one.
func TestWhatCannotBeSaid(t *testing.T) {
	t.Parallel()
	orphan := call(fakeprovider.ToolCall{Index: 3, ArgumentsPiece: "{}"})
	for _, p := range protocol.All() {
		for _, stream := range []bool{true, false} {
			bad := frames{{Kind: fakeprovider.FrameToolCall}, {Kind: 99}}
			if !stream || !chats()[p.Name()] {
				bad = append(bad, orphan)
			}
			if cannotThink()[p.Name()] {
				bad = append(bad, thinking("hm"))
			}
			if cannotRefuse()[p.Name()] {
				bad = append(bad, refusal("no"))
			}
			if stream {
				bad = append(bad, fakeprovider.Frame{Kind: fakeprovider.FrameError, Problem: &fakeprovider.Problem{Shape: "round"}})
			}
			for _, f := range bad {
				data, err := p.Encoder(parsed(t, p, stream)).Encode(f)
				if !errors.Is(err, fakeprovider.ErrNoSuchFrame) {
					t.Errorf("%s, stream %t: %s encodes to %q, %v", p.Name(), stream, f.Kind, data, err)
				}
			}
		}
	}
	anthropicWhole := protocol.AnthropicMessages{}.Encoder(meta(false))
	for _, f := range []fakeprovider.Frame{call(fakeprovider.ToolCall{Name: "f", ArgumentsPiece: "{"}), {Kind: fakeprovider.FrameFinish}} {
		_, err := anthropicWhole.Encode(f)
		if want := f.Kind == fakeprovider.FrameFinish; errors.Is(err, fakeprovider.ErrNoSuchFrame) != want {
			t.Errorf("%s: %v, want an error: %t", f.Kind, err, want)
		}
	}
}

func TestGoldenConversations(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		for name, c := range conversations() {
			if cannotSay(p, c.want) {
				continue
			}
			for _, stream := range []bool{true, false} {
				encoder := p.Encoder(parsed(t, p, stream))
				var got []byte
				all := append(frames{}, c.frames...)
				if name != "tools" || !chats()[p.Name()] {
					all = append(frames{{Kind: fakeprovider.FrameStart}}, all...)
				}
				all = append(all, fakeprovider.Frame{Kind: fakeprovider.FrameFinish, Text: c.reason},
					fakeprovider.Frame{Kind: fakeprovider.FrameUsage}, fakeprovider.Frame{Kind: fakeprovider.FrameDone})
				for _, f := range all {
					data, err := encoder.Encode(f)
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, data...)
				}
				golden(t, p.Name()+"/"+map[bool]string{true: "stream-", false: "whole-"}[stream]+name, got)
				if !stream && !json.Valid(got) {
					t.Errorf("%s/%s is not JSON: %s", p.Name(), name, got)
				}
			}
		}
	}
}

func TestGoldenShapes(t *testing.T) {
	t.Parallel()
	problems := []fakeprovider.Problem{
		{Status: 500},
		{Status: 429, Code: "insufficient_quota"},
		{Status: 429, Header: map[string][]string{"Retry-After": {"33"}}},
		{Status: 400, Code: "context_length_exceeded"},
	}
	p := protocol.OpenAIResponses{}
	for _, shape := range fakeprovider.Shapes() {
		var got []byte
		for _, problem := range problems {
			problem.Shape = shape
			encoder := p.Encoder(parsed(t, p, true))
			for _, f := range (frames{{Kind: fakeprovider.FrameStart}, {Kind: fakeprovider.FrameError, Problem: &problem}}) {
				data, err := encoder.Encode(f)
				if err != nil {
					t.Fatal(err)
				}
				if f.Kind == fakeprovider.FrameError {
					got = append(got, data...)
				}
			}
		}
		golden(t, p.Name()+"/error-event-"+shape, got)
	}
}

// A vendor that says a refusal or the role together with something else still has said it.
func TestWhatIsRecordedOfAConversation(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		for _, stream := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				said := frames{call(fakeprovider.ToolCall{Name: "f", ArgumentsPiece: "{"}), call(fakeprovider.ToolCall{ArgumentsPiece: "}"})}
				want := []string{"tool-call-sent f{", "tool-call-sent }"}
				if !cannotRefuse()[p.Name()] {
					said, want = append(said, refusal("No.")), append(want, "refusal-sent No.")
				}
				want = append(want, "finish-sent stop")
				if stream && !chats()[p.Name()] && p.Name() != "gemini" { // whose start has no bytes
					want = append([]string{"frame-sent start"}, want...)
				}
				server, client := serveInMemory(t, fakeprovider.Options{
					Name: "primary", Protocol: p, OnRequest: script(said, fakeprovider.Finish{}),
				})
				if _, _, err := exchange(t, client, ask(t.Context(), t, server.URL()+path(p), stream)); err != nil {
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
