package rig

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/timeline"
)

// Step is a Step made of a function.
type Step func(context.Context, fakeprovider.Exchange) error

// Play calls the function.
func (s Step) Play(ctx context.Context, x fakeprovider.Exchange) error { return s(ctx, x) }

// Sent plays steps and returns the tokens that left, with their times after the first.
func Sent(t *testing.T, steps ...fakeprovider.Step) (tokens []string, times []time.Duration) {
	t.Helper()
	return Played(t, timeline.TextSent, steps...)
}

// Played plays steps and returns what left of one kind, with the times after the first.
func Played(t *testing.T, kind timeline.Kind, steps ...fakeprovider.Step) (tokens []string, times []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, client := ServeInMemory(t, fakeprovider.Options{Name: "primary", OnRequest: Script(steps...)})
		//nolint:bodyclose // Exchange has closed it
		_, _, err := Exchange(t, client, Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true))
		if err != nil {
			t.Fatal(err)
		}
		var first time.Duration
		for _, e := range server.Recorder().Events() {
			if e.Kind == kind {
				if len(tokens) == 0 {
					first = e.At
				}
				tokens, times = append(tokens, e.Text), append(times, e.At-first)
			}
		}
	})
	return tokens, times
}

// IsComment reports whether a step sends a comment.
func IsComment(s fakeprovider.Step) bool {
	switch s.(type) {
	case fakeprovider.Heartbeat, fakeprovider.Comment:
		return true
	default:
		return false
	}
}

// Send is a step that sends frames.
func Send(frames ...fakeprovider.Frame) fakeprovider.Step {
	return Step(func(_ context.Context, x fakeprovider.Exchange) error {
		for _, f := range frames {
			if err := x.Send(f); err != nil {
				return err
			}
		}
		return nil
	})
}

// ToolFrames returns a thought and two calls. The second has no arguments.
func ToolFrames() []fakeprovider.Frame {
	call := func(index int, id, name, arguments string) fakeprovider.Frame {
		return fakeprovider.Frame{
			Kind: fakeprovider.FrameToolCall,
			Tool: &fakeprovider.ToolCall{Index: index, ID: id, Name: name, ArgumentsPiece: arguments},
		}
	}
	return []fakeprovider.Frame{
		{Kind: fakeprovider.FrameThinking, Text: "Look it "},
		{Kind: fakeprovider.FrameThinking, Text: "up."},
		call(0, "call_1", "get_capital", ""), call(0, "", "", `{"country": "a:\"}`), call(0, "", "", `b", "n": [1]}`),
		call(0, "", "", " "),
		call(1, "call_2", "get_time", ""),
	}
}

// LastKind returns the kind of the last event of the first attempt.
func LastKind(s *fakeprovider.Server) timeline.Kind {
	kinds := Lane(s.Recorder().Events(), FirstAttempt)
	return kinds[len(kinds)-1]
}

// FirstAttempt is the lane of the first request of a provider called primary.
const FirstAttempt = "provider/primary/call-1/attempt-1"
