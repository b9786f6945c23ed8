package rig

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
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

// calls are two calls, the first one's arguments in pieces that cut a word.
func calls() Frames {
	return Frames{
		Call(fakeprovider.ToolCall{ID: "call_1", Name: "get_capital"}),
		Call(fakeprovider.ToolCall{ArgumentsPiece: `{"`}),
		Call(fakeprovider.ToolCall{ArgumentsPiece: `country":"Côte d'Iv`}),
		Call(fakeprovider.ToolCall{ArgumentsPiece: `oire \"\\"}`}),
		Call(fakeprovider.ToolCall{Index: 1, ID: "call_2", Name: "get_time", ArgumentsPiece: `{}`}),
	}
}

// Conversation is an answer of more than a text, and what a client has to make of it.
type Conversation struct {
	// Frames are sent in order, before a finish with Reason.
	Frames Frames
	Reason string
	// Want is what an SDK has to return.
	Want Answer
}

// Conversations are the answers that are more than a text, and what a client has to make of them.
func Conversations() map[string]Conversation {
	toolCalls := []string{`call_1 get_capital{"country":"Côte d'Ivoire \"\\"}`, `call_2 get_time{}`}
	return map[string]Conversation{
		"tools":               {calls(), "tool_calls", Answer{Calls: toolCalls, Out: 5}},
		"text-then-tools":     {append(Frames{Text("Let me"), Text(" look.")}, calls()...), "tool_calls", Answer{Text: "Let me look.", Calls: toolCalls, Out: 7}},
		"thinking":            {Frames{Thinking("The user"), Thinking(" waits."), Text("Hello")}, "", Answer{Thinking: "The user waits.", Text: "Hello", Out: 3}},
		"thinking-then-tools": {append(Frames{Thinking("Hm.")}, calls()...), "tool_calls", Answer{Thinking: "Hm.", Calls: toolCalls, Out: 6}},
		"refusal":             {Frames{Refusal("I can't help"), Refusal(" with that.")}, "content_filter", Answer{Refusal: "I can't help with that.", Out: 2}},
		"refusal-after-text":  {Frames{Text("Well, "), Refusal("no.")}, "content_filter", Answer{Text: "Well, ", Refusal: "no.", Out: 2}},
		"nothing":             {nil, "content_filter", Answer{}},
	}
}

// Stops are the protocols' words for a reason.
func Stops() map[string]map[string]string {
	all := map[string]map[string]string{
		"gemini":             {"": "STOP", "stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY", "tool_calls": "STOP"},
		"openai-chat":        {"": "stop", "stop": "stop", "length": "length", "content_filter": "content_filter", "tool_calls": "tool_calls"},
		"openai-responses":   {"": "completed", "stop": "completed", "length": "max_output_tokens", "content_filter": "content_filter", "tool_calls": "completed"},
		"anthropic-messages": {"": "end_turn", "stop": "end_turn", "length": "max_tokens", "content_filter": "refusal", "tool_calls": "tool_use"},
	}
	all["openrouter"], all["azure-openai"] = all["openai-chat"], all["openai-chat"]
	return all
}

// CannotThink are the protocols that keep their reasoning to themselves.
func CannotThink() map[string]bool { return map[string]bool{"openai-chat": true, "azure-openai": true} }

// CannotRefuse are the protocols whose refusals have no words of their own.
func CannotRefuse() map[string]bool { return map[string]bool{"gemini": true} }

// Chats are the profiles of Chat Completions. There a call opens the stream by itself, and pieces of calls are free to come in
// any order.
func Chats() map[string]bool {
	return map[string]bool{"openai-chat": true, "openrouter": true, "azure-openai": true}
}

// CannotSay says whether an answer has something that a protocol has no words for.
func CannotSay(p fakeprovider.Protocol, a Answer) bool {
	return a.Thinking != "" && CannotThink()[p.Name()] || a.Refusal != "" && CannotRefuse()[p.Name()]
}

// Answer is what an SDK makes of a response.
type Answer struct {
	Text, Stop        string
	Thinking, Refusal string
	Calls             []string // id, name and arguments
	In, Out           int64
	Err               error
}
