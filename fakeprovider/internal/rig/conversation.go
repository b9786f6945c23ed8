package rig

import (
	"cmp"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// Frames is a step that sends them as they stand.
type Frames []fakeprovider.Frame

// Play sends the frames.
func (s Frames) Play(_ context.Context, x fakeprovider.Exchange) error {
	for _, f := range s {
		if err := x.Send(f); err != nil {
			return err
		}
	}
	return nil
}

// Text returns a piece of the answer.
func Text(s string) fakeprovider.Frame {
	return fakeprovider.Frame{Kind: fakeprovider.FrameText, Text: s}
}

// Thinking returns a piece of reasoning.
func Thinking(s string) fakeprovider.Frame {
	return fakeprovider.Frame{Kind: fakeprovider.FrameThinking, Text: s}
}

// Refusal returns a piece of a refusal.
func Refusal(s string) fakeprovider.Frame {
	return fakeprovider.Frame{Kind: fakeprovider.FrameRefusal, Text: s}
}

// Call returns a piece of a tool call.
func Call(t fakeprovider.ToolCall) fakeprovider.Frame {
	return fakeprovider.Frame{Kind: fakeprovider.FrameToolCall, Tool: &t}
}

// calls returns two calls. The pieces of the first one's arguments cut a word.
func calls() Frames {
	return Frames{
		Call(fakeprovider.ToolCall{ID: "call_1", Name: "get_capital"}),
		Call(fakeprovider.ToolCall{ArgumentsPiece: `{"`}),
		Call(fakeprovider.ToolCall{ArgumentsPiece: `country":"Côte d'Iv`}),
		Call(fakeprovider.ToolCall{ArgumentsPiece: `oire \"\\"}`}),
		Call(fakeprovider.ToolCall{Index: 1, ID: "call_2", Name: "get_time", ArgumentsPiece: `{}`}),
	}
}

// Conversation is an answer that is more than a text.
type Conversation struct {
	// Frames are sent in order, before a finish with Reason.
	Frames Frames
	Reason string
	// Want is what an SDK has to return.
	Want Answer
}

// Conversations returns answers that are more than a text, by name.
func Conversations() map[string]Conversation {
	toolCalls := []string{`call_1 get_capital{"country":"Côte d'Ivoire \"\\"}`, `call_2 get_time{}`}
	return map[string]Conversation{
		"tools": {calls(), "tool_calls", Answer{Calls: toolCalls, Out: 5}},
		"text-then-tools": {
			append(Frames{Text("Let me"), Text(" look.")}, calls()...), "tool_calls",
			Answer{Text: "Let me look.", Calls: toolCalls, Out: 7},
		},
		"thinking": {
			Frames{Thinking("The user"), Thinking(" waits."), Text("Hello")},
			"",
			Answer{Thinking: "The user waits.", Text: "Hello", Out: 3},
		},
		"thinking-then-tools": {
			append(Frames{Thinking("Hm.")}, calls()...), "tool_calls",
			Answer{Thinking: "Hm.", Calls: toolCalls, Out: 6},
		},
		"refusal": {
			Frames{Refusal("I can't help"), Refusal(" with that.")},
			"content_filter",
			Answer{Refusal: "I can't help with that.", Out: 2},
		},
		"refusal-after-text": {
			Frames{Text("Well, "), Refusal("no.")}, "content_filter", Answer{Text: "Well, ", Refusal: "no.", Out: 2},
		},
		"nothing": {nil, "content_filter", Answer{}},
	}
}

// Stop returns the vendor's word for a reason; an empty one is stop.
func Stop(p fakeprovider.Protocol, reason string) string {
	return p.About().Reasons[cmp.Or(reason, "stop")]
}

// Wire returns the name of the protocol whose clients read p: its own, or that of which it is a
// profile.
func Wire(p fakeprovider.Protocol) string { return cmp.Or(p.About().ProfileOf, p.Name()) }

// IsChat reports whether p is a form of Chat Completions. There a tool call opens the stream by
// itself, and pieces of calls come in any order.
func IsChat(p fakeprovider.Protocol) bool { return Wire(p) == protocol.OpenAIChat{}.Name() }

// CannotSay reports whether an answer has something that a protocol cannot say.
func CannotSay(p fakeprovider.Protocol, a Answer) bool {
	return a.Thinking != "" && p.About().Cannot(fakeprovider.FrameThinking) ||
		a.Refusal != "" && p.About().Cannot(fakeprovider.FrameRefusal)
}

// Answer is what an SDK makes of a response.
type Answer struct {
	Text, Stop        string
	Thinking, Refusal string
	Calls             []string // id, name and arguments
	In, Out           int64
	Err               error
}
