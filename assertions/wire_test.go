package assertions_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// An SDK stumbles over frames in the wrong order, whichever they are.
func TestOrderOfFrames(t *testing.T) {
	e := assertions.ClientWire{Ordered: true}
	const fine = "the client of call 1 got what it has to: status 200, text/event-stream; charset=utf-8"
	for _, tt := range []struct {
		name   string
		frames []string // "" is the mark
		want   string   // "" is in order
	}{
		{"none", nil, ""},
		{"the mark alone", []string{""}, ""},
		{"a queue before the beginning", []string{"response.queued", "response.created", "response.completed", ""}, ""},
		{"a ping anywhere", []string{
			"ping", "message_start", "ping", "content_block_start", "ping",
			"content_block_stop",
		}, ""},
		{"two blocks", []string{
			"message_start", "content_block_start", "content_block_stop", "content_block_start",
			"content_block_delta", "content_block_stop", "message_delta", "message_stop", "",
		}, ""},
		{
			"a second answer",
			[]string{"response.created", "response.completed", "response.created"},
			"a second response.created in one stream",
		},
		{
			"an end without a beginning",
			[]string{"ping", "message_stop"},
			"message_stop is frame 2, and nothing has opened the message",
		},
		{
			"a block without a beginning",
			[]string{"content_block_start"},
			"content_block_start is frame 1, and nothing has opened the message",
		},
		{"a block closed twice", []string{
			"message_start", "content_block_start", "content_block_stop", "ping",
			"content_block_stop",
		}, "content_block_stop outside of a content block"},
		{"a delta behind its block", []string{
			"message_start", "content_block_start", "content_block_stop",
			"content_block_delta",
		}, "content_block_delta outside of a content block"},
		{
			"an end within a block",
			[]string{"message_start", "content_block_start", "message_delta"},
			"message_delta inside of a content block",
		},
		{
			"one frame behind the mark",
			[]string{"chunk", "", "ping"},
			"frames behind the terminal mark: 1, the last is ping",
		},
		{"two behind it", []string{"", "ping", "error"}, "frames behind the terminal mark: 2, the last is error"},
		{"usage behind it", []string{"chunk", "", "chunk"}, ""},
	} {
		if tt.want == "" {
			says(t, tt.name, e, framed(tt.frames...), assertions.Passed, fine)
			continue
		}
		says(t, tt.name, e, framed(tt.frames...), assertions.Failed, "the client of call 1: "+tt.want)
		plain := framed(tt.frames...)
		plain.Run.Calls[0].Stream = false
		says(t, tt.name+", not streamed", e, plain, assertions.Passed, fine)
	}
}

// One response is judged by all that is asked for, and the message names each of it.
func TestWhatAClientGets(t *testing.T) {
	headers := func(text string) timeline.Event { return at(1, client, timeline.HeadersReceived, text) }
	beats := func(n int) timeline.Timeline {
		events := []timeline.Event{headers("200")}
		for range n {
			events = append(events, at(2, client, timeline.HeartbeatReceived, ":"))
		}
		return onWire(timeline.CallAnswered, events...)
	}
	between := assertions.ClientWire{Heartbeats: assertions.Range{Min: new(2), Max: new(3)}}
	for n, want := range map[int]assertions.Verdict{
		1: assertions.Failed, 2: assertions.Passed, 3: assertions.Passed, 4: assertions.Failed,
	} {
		if f := between.Judge(beats(n)); f.Verdict != want {
			t.Errorf("%d heartbeats: %s: %s", n, f.Verdict, f.Message)
		}
	}
	all := assertions.ClientWire{
		Status: 200, ContentType: "a/b", TerminalMark: true, Clean: true, Ordered: true, RetryAfter: true,
		Heartbeats: assertions.Range{Min: new(1)}, Quiet: time.Second,
	}
	broken := onWire(timeline.CallFailed, headers("500"), at(2, client, timeline.FrameReceived, "message_stop"),
		at(3, client, timeline.BodyEnded, "EOF"))
	f := says(t, "all of it", all, broken, assertions.Failed,
		`the client of call 1: status 500, expected 200; content type "", expected a/b; the stream has no `+
			`terminal mark; the response did not end well: EOF; message_stop is frame 1, `+
			`and nothing has opened the message; 0 heartbeats, expected at least 1; no Retry-After; `+
			`not a byte for 6s, limit 1s`)
	if diff := cmp.Diff(f.Events, []int{0, 5, 2, 4}); diff != "" || f.Got != timeline.Seconds(6*time.Second) {
		t.Errorf("got %v, evidence (-got +want):\n%s", f.Got, diff)
	}
	const got = "the client of call 1 got what it has to: status 429, no content type"
	for _, header := range []string{"retry-after: 5", "retry-after-ms: 5"} {
		says(t, header, assertions.ClientWire{RetryAfter: true}, onWire(timeline.CallFailed, headers("429\n"+header)),
			assertions.Passed, got)
	}
	says(t, "an end that was not seen", assertions.ClientWire{Clean: true},
		onWire(timeline.CallFailed, headers("429")), assertions.Passed, got)
	plain := onWire(timeline.CallFailed, headers("429"))
	plain.Run.Calls[0].Stream = false
	says(t, "no mark without a stream", assertions.ClientWire{TerminalMark: true}, plain, assertions.Passed, got)
	undeclared := onWire(timeline.CallFailed, headers("429"))
	undeclared.Run.Calls = nil
	says(t, "a call that is not declared is a stream", assertions.ClientWire{TerminalMark: true}, undeclared,
		assertions.Failed, "the client of call 1: the stream has no terminal mark")
}

// What was cut before its end cannot be judged by its end, but by all else.
func TestWhatAClientGetsOfACutCall(t *testing.T) {
	cut := onWire(timeline.CallCut, at(1, client, timeline.HeadersReceived, "200"))
	marked := onWire(timeline.CallCut, at(1, client, timeline.HeadersReceived, "200"),
		at(1, client, timeline.MarkReceived, ""))
	const unknown = "the call was cut before its response was over"
	says(t, "clean", assertions.ClientWire{Clean: true}, cut, assertions.Unknown, unknown)
	says(t, "a mark", assertions.ClientWire{TerminalMark: true}, marked, assertions.Unknown, unknown)
	says(t, "the status", assertions.ClientWire{Status: 200}, cut, assertions.Passed,
		"the client of call 1 got what it has to: status 200, no content type")
	says(t, "a wrong status", assertions.ClientWire{Status: 500, Clean: true}, cut, assertions.Failed,
		"the client of call 1: status 200, expected 500")
}

// A silence near its limit is in doubt on a clock that is not exact, unless something else is
// wrong.
func TestQuietInDoubt(t *testing.T) {
	quiet := func(limit float64) assertions.ClientWire {
		return assertions.ClientWire{Quiet: time.Duration(limit * float64(time.Second))}
	}
	tl := late(onWire(timeline.CallAnswered, at(1, client, timeline.HeadersReceived, "200")), time.Second)
	for limit, want := range map[float64]assertions.Verdict{
		6: assertions.Failed, 7.5: assertions.Unknown, 8: assertions.Unknown, 8.5: assertions.Unknown,
		10: assertions.Passed,
	} {
		if f := quiet(limit).Judge(tl); f.Verdict != want {
			t.Errorf("limit %v: %s: %s", limit, f.Verdict, f.Message)
		}
		e := quiet(limit)
		e.Status = 500
		if f := e.Judge(tl); f.Verdict != assertions.Failed {
			t.Errorf("limit %v beside a wrong status: %s: %s", limit, f.Verdict, f.Message)
		}
	}
	if f := quiet(8).Judge(onWire(timeline.CallAnswered,
		at(1, client, timeline.HeadersReceived, "200"))); f.Verdict != assertions.Passed {
		t.Errorf("at the limit, on an exact clock: %s: %s", f.Verdict, f.Message)
	}
	says(t, "without a limit", assertions.ClientWire{Status: 500}, tl, assertions.Failed,
		"the client of call 1: status 200, expected 500")
}

// Of many clients the worst counts, one by its number, and none whose caller left.
func TestWhichClientCounts(t *testing.T) {
	clients := func(statuses ...string) timeline.Timeline {
		var events []timeline.Event
		for i, status := range statuses {
			lane, s := timeline.ClientLane(i+1), float64(10*i)
			events = append(events, at(s, lane, timeline.CallStarted, ""))
			switch status {
			case "panic":
				events = append(events, at(s+1, lane, timeline.CallPanicked, ""))
				continue
			case "here":
				events = append(events, at(s+1, lane, timeline.CallAnswered, ""))
				continue
			case "left":
				events = append(events, at(s, lane, timeline.RequestSent, ""), at(s+1, lane, timeline.CallHungUp, ""))
				continue
			}
			events = append(events, at(s, lane, timeline.RequestSent, ""),
				at(s, lane, timeline.HeadersReceived, status),
				at(s+1, lane, timeline.CallAnswered, ""))
		}
		return run(events...)
	}
	fine := func(n string) string {
		return "the client of call " + n + " got what it has to: status 200, no content type"
	}
	wrong := func(n string) string { return "the client of call " + n + ": status 500, expected 200" }
	const skipped = "the engine is not called over HTTP"
	const none = "no call was made over HTTP to its end, so nobody saw what a client gets"
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		call int
		want assertions.Verdict
		says string
	}{
		{"the first", clients("200", "200"), 0, assertions.Passed, fine("1")},
		{"the wrong one", clients("200", "500", "200"), 0, assertions.Failed, wrong("2")},
		{"the wrong one, first", clients("500", "200"), 0, assertions.Failed, wrong("1")},
		{"by its number", clients("500", "200", "500"), 2, assertions.Passed, fine("2")},
		{"not by another number", clients("200", "500"), 1, assertions.Passed, fine("1")},
		{"one that left", clients("left", "200"), 0, assertions.Passed, fine("2")},
		{"nobody else", clients("left"), 0, assertions.Unknown, none},
		{"not over HTTP", clients("here", "here"), 0, assertions.Skipped, skipped},
		{"one over HTTP", clients("here", "200"), 0, assertions.Passed, fine("2")},
		{"one over HTTP, before", clients("200", "here"), 0, assertions.Passed, fine("1")},
		{"a panic before any request", clients("panic"), 0, assertions.Unknown, none},
		{"a panic beside one", clients("200", "panic"), 0, assertions.Passed, fine("1")},
	} {
		says(t, tt.name, assertions.ClientWire{Status: 200, Call: tt.call}, tt.run, tt.want, tt.says)
	}
}

// Doubt is for times that were decided, on the clock whose error it is.
func TestWhatIsNoDoubt(t *testing.T) {
	unknown := late(cut(5), time.Hour)
	says(t, "unknown anyway", assertions.TimeToFallback{Max: 6 * time.Second}, unknown, assertions.Unknown,
		"fallback did not happen before the call was cut after 5s, which is before the limit of 6s")
	never := late(failed(), time.Hour)
	says(t, "no time", assertions.TimeToFallback{Max: 3 * time.Second}, never, assertions.Failed,
		"fallback never happened in a call of 3s (it returned: unexpected EOF), limit 3s")
	fast := clocked(fellBack(10), "x20", time.Hour)
	if f := (assertions.TimeToFallback{Max: 11 * time.Second}).Judge(fast); f.Verdict != assertions.Passed {
		t.Errorf("the processor time of fast time: %s: %s", f.Verdict, f.Message)
	}
	both := distorted(fellBack(10), 2*time.Second, 2*time.Second)
	f := assertions.TimeToFallback{Max: 11 * time.Second}.Judge(both)
	if want := "on the clock x20 the harness was late by up to 2s"; f.Verdict != assertions.Unknown ||
		f.Message[len(f.Message)-len(want):] != want {
		t.Errorf("as distorted as late: %s: %s", f.Verdict, f.Message)
	}
}
