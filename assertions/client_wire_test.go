package assertions_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// onWire is a streamed call over HTTP, with these events between its request and its end.
func onWire(ending timeline.Kind, events ...timeline.Event) timeline.Timeline {
	all := []timeline.Event{
		at(0, client, timeline.CallStarted, "hi"), at(0, client, timeline.RequestSent, "POST /v1/messages"),
	}
	all = append(append(all, events...), at(9, client, ending, ""))
	t := run(all...)
	t.Run.Calls = []timeline.Call{{Stream: true}}
	return t
}

// framed is a stream of these frames, one a second.
func framed(names ...string) timeline.Timeline {
	events := []timeline.Event{
		at(0, client, timeline.HeadersReceived, "200\ncontent-type: text/event-stream; charset=utf-8"),
	}
	for i, name := range names {
		kind := timeline.FrameReceived
		if name == "" {
			kind = timeline.MarkReceived
		}
		events = append(events, at(float64(i+1)/2, client, kind, name))
	}
	return onWire(timeline.CallAnswered, append(events, at(8, client, timeline.BodyEnded, "clean"))...)
}

func TestClientWire(t *testing.T) {
	number := func(n int) *int { return &n }
	ordered, marked := assertions.ClientWire{Ordered: true}, assertions.ClientWire{TerminalMark: true, Clean: true}
	status := assertions.ClientWire{Status: 200, ContentType: "text/event-stream"}
	whole := framed("message_start", "content_block_start", "content_block_delta", "content_block_stop",
		"message_delta", "message_stop", "")
	busy := onWire(timeline.CallFailed, at(1, client, timeline.HeadersReceived, "429\nretry-after: 5"),
		at(1, client, timeline.BodyEnded, "clean"))
	judges(t,
		row{
			"status and type", whole, status, assertions.Passed,
			"the client of call 1 got what it has to: status 200, text/event-stream",
		},
		row{
			"another status and type", busy, status, assertions.Failed,
			`status 429, expected 200; content type "", expected text/event-stream`,
		},
		row{"no response", onWire(timeline.CallFailed), status, assertions.Failed, "no response came"},
		row{"Retry-After", busy, assertions.ClientWire{RetryAfter: true}, assertions.Passed, ""},
		row{"no Retry-After", whole, assertions.ClientWire{RetryAfter: true}, assertions.Failed, "no Retry-After"},
		row{"the mark", whole, marked, assertions.Passed, ""},
		row{"no mark", framed("chunk"), marked, assertions.Failed, "the stream has no terminal mark"},
		row{
			"broken off",
			onWire(timeline.CallFailed, at(1, client, timeline.HeadersReceived, "200"),
				at(2, client, timeline.BodyEnded, "unexpected EOF")),
			assertions.ClientWire{Clean: true},
			assertions.Failed, "did not end well: unexpected EOF",
		},
		row{
			"cut", onWire(timeline.CallCut, at(1, client, timeline.HeadersReceived, "200")),
			assertions.ClientWire{Clean: true},
			assertions.Unknown, "cut before",
		},
		row{"in order", whole, ordered, assertions.Passed, ""},
		row{
			"Responses in order", framed("response.created", "response.output_text.delta", "response.completed", ""),
			ordered, assertions.Passed, "",
		},
		row{"Gemini's usage behind its finish", framed("chunk", "", "chunk"), ordered, assertions.Passed, ""},
		row{
			"behind the mark", framed("chunk", "[DONE]", "", "chunk", "[DONE]"), ordered, assertions.Failed,
			"frames behind the terminal mark: 2, the last is [DONE]",
		},
		row{
			"two answers", framed("message_start", "content_block_start", "message_start"), ordered, assertions.Failed,
			"a second message_start",
		},
		row{
			"not opened", framed("response.output_text.delta"), ordered, assertions.Failed,
			"response.output_text.delta is frame 1, and nothing has opened the message",
		},
		row{
			"no block", framed("message_start", "content_block_delta"), ordered, assertions.Failed,
			"content_block_delta outside of a content block",
		},
		row{
			"a block in a block",
			framed("message_start", "content_block_start", "content_block_delta", "content_block_start"), ordered,
			assertions.Failed, "inside of another",
		},
		row{
			"a block not closed", framed("message_start", "content_block_start", "message_delta"), ordered,
			assertions.Failed, "message_delta inside of a content block",
		},
		row{"quiet", whole, assertions.ClientWire{Quiet: 4500 * time.Millisecond}, assertions.Passed, ""},
		row{
			"too quiet", whole,
			assertions.ClientWire{Quiet: 4400 * time.Millisecond},
			assertions.Failed,
			"not a byte for 4.5s, limit 4.4s",
		},
		row{
			"heartbeats", whole,
			assertions.ClientWire{Heartbeats: assertions.Range{Max: number(0)}},
			assertions.Passed,
			"",
		},
		row{
			"no heartbeats", whole,
			assertions.ClientWire{Heartbeats: assertions.Range{Min: number(1)}},
			assertions.Failed, "0 heartbeats, expected at least 1",
		},
		row{"not over HTTP", healthy(), status, assertions.Skipped, "not called over HTTP"},
		row{
			"hung up", onWire(timeline.CallHungUp), status, assertions.Unknown, "no call was made over HTTP to its end",
		},
		row{"another call", whole, assertions.ClientWire{Status: 200, Call: 2}, assertions.Unknown, "no call"},
	)
	for _, bad := range []assertions.ClientWire{
		{},
		{Call: 1},
		{Status: 42},
		{Status: 600},
		{Status: 200, Quiet: -1},
		{Status: 200, Call: -1},
		{Heartbeats: assertions.Range{Min: number(-1)}},
		{Heartbeats: assertions.Range{Min: number(2), Max: number(1)}},
	} {
		if bad.Validate() == nil {
			t.Errorf("%+v is valid", bad)
		}
	}
	if err := status.Validate(); err != nil {
		t.Error(err)
	}
	if status.Unseen(timeline.Run{CallerUnseen: true}) == "" {
		t.Error("a caller that is not seen gets nothing")
	}
}
