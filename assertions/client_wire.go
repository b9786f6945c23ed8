package assertions

import (
	"cmp"
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// ClientWire expects what a gateway's client gets over HTTP: a client is an SDK, and stumbles over
// what is fine to read for people. What is not set is not looked at, and neither are calls whose
// caller hung up. Skipped for engines that are not called over HTTP.
type ClientWire struct {
	// Status is the status of the response.
	Status int `yaml:"status"`
	// ContentType is the media type of the response, without its parameters.
	ContentType string `yaml:"content_type"`
	// TerminalMark requires the protocol's last word at the end of a stream: [DONE], message_stop,
	// response.completed, and for Gemini a finish reason.
	TerminalMark bool `yaml:"terminal_mark"`
	// Clean requires that the response ends by itself, and is not broken off.
	Clean bool `yaml:"clean"`
	// Ordered requires the frames in the order in which an SDK takes them, each opened before it
	// goes on, and none behind the terminal mark.
	Ordered bool `yaml:"ordered"`
	// Heartbeats bounds the number of comments and pings.
	Heartbeats Range `yaml:"heartbeats"`
	// Quiet is the longest time without any byte, after which a client or a load balancer gives up.
	Quiet time.Duration `yaml:"quiet"`
	// RetryAfter requires a header that says when to come again.
	RetryAfter bool `yaml:"retry_after"`
	// Call is the number of the call that is judged, from 1. 0 judges every call.
	Call int `yaml:"call"`
}

var _ Seeing = ClientWire{}

// Name returns "client_wire".
func (ClientWire) Name() string { return "client_wire" }

// Title returns what the expectation is, in one line.
func (ClientWire) Title() string {
	return "What a gateway's client gets over HTTP: status, headers, order and end of the stream, silence"
}

// Args returns the arguments that are set.
func (e ClientWire) Args() map[string]any {
	args := map[string]any{}
	set := func(name string, isSet bool, value any) {
		if isSet {
			args[name] = value
		}
	}
	set("status", e.Status != 0, e.Status)
	set("content_type", e.ContentType != "", e.ContentType)
	set("terminal_mark", e.TerminalMark, true)
	set("clean", e.Clean, true)
	set("ordered", e.Ordered, true)
	if e.Heartbeats != (Range{}) {
		set("heartbeats", true, Attempts{"heartbeats": e.Heartbeats}.Args()["heartbeats"])
	}
	set("quiet_s", e.Quiet != 0, timeline.Seconds(e.Quiet))
	set("retry_after", e.RetryAfter, true)
	set("call", e.Call != 0, e.Call)
	return args
}

// Validate refuses an expectation of nothing, and what no response can have.
func (e ClientWire) Validate() error {
	const first, last = 100, 599
	args := e.Args()
	delete(args, "call")
	least, most := e.Heartbeats.Min, e.Heartbeats.Max
	switch {
	case len(args) == 0:
		return errors.New("client_wire expects nothing: give it a `status`, `terminal_mark: true` or another argument")
	case e.Status != 0 && (e.Status < first || e.Status > last):
		return fmt.Errorf("no such status: %d", e.Status)
	case e.Quiet < 0:
		return fmt.Errorf("quiet cannot be negative: %s", e.Quiet)
	case e.Call < 0:
		return fmt.Errorf("call cannot be negative: %d", e.Call)
	case least != nil && *least < 0, most != nil && *most < 0:
		return errors.New("a number of heartbeats cannot be negative")
	case least != nil && most != nil && *least > *most:
		return fmt.Errorf("heartbeats: min %d is above max %d", *least, *most)
	}
	return nil
}

// Mentions returns the call that is judged.
func (e ClientWire) Mentions() []Mention {
	if e.Call == 0 {
		return nil
	}
	return []Mention{{Argument: "call", Call: e.Call}}
}

// Unseen returns a reason if the caller was not seen.
func (ClientWire) Unseen(r timeline.Run) string { return callerUnseen(r) }

// Judge judges every call; the worst decides.
func (e ClientWire) Judge(t timeline.Timeline) Finding {
	worst := Finding{
		Verdict: Unknown, Message: "no call was made over HTTP to its end, so nobody saw what a client gets",
	}
	seen := false
	for n := 1; ; n++ {
		client, ok := t.Client(n)
		if !ok {
			return worst
		}
		if e.Call != 0 && e.Call != n || client.Ending == timeline.CallHungUp {
			continue
		}
		wire, ok := t.Wire(n)
		if !ok {
			if client.Ending != timeline.CallPanicked && !seen {
				worst = Finding{Verdict: Skipped, Message: "the engine is not called over HTTP"}
			}
			continue
		}
		streamed := n > len(t.Run.Calls) || t.Run.Calls[n-1].Stream
		if f := e.judgeCall(t, client, wire, streamed); !seen || worse(f, worst) {
			worst, seen = f, true
		}
	}
}

// judgeCall collects what is wrong with one response.
func (e ClientWire) judgeCall(t timeline.Timeline, c timeline.Client, w timeline.Wire, streamed bool) Finding {
	f := Finding{Verdict: Passed, Events: compact(append([]int{c.Started, c.Ended}, w.Events...)...)}
	wrong := e.wrong(w, streamed)
	if w.Status == 0 {
		wrong = []string{"no response came"}
	}
	if e.Quiet != 0 {
		f.Limit, f.Got = timeline.Seconds(e.Quiet), timeline.Seconds(w.Quiet)
		if w.Quiet > e.Quiet {
			wrong = append(wrong, fmt.Sprintf("not a byte for %s, limit %s", since(0, w.Quiet), e.Quiet))
		}
	}
	f.Message = fmt.Sprintf("the client of call %d got what it has to: status %d, %s", c.Call, w.Status,
		cmp.Or(w.Headers["content-type"], "no content type"))
	if len(wrong) > 0 {
		f.Verdict = Failed
		f.Message = fmt.Sprintf("the client of call %d: %s", c.Call, strings.Join(wrong, "; "))
	}
	if cut := c.Ending == timeline.CallCut; f.Verdict == Passed && cut && (e.Clean || e.TerminalMark) {
		f.Verdict, f.Message = Unknown, "the call was cut before its response was over"
	}
	if len(wrong) > 1 || len(wrong) == 1 && w.Quiet <= e.Quiet || e.Quiet == 0 {
		return f // it does not hang on the clock
	}
	return doubt(t, c.Call, f)
}

// wrong returns what is wrong with a response, in the order of the arguments.
func (e ClientWire) wrong(w timeline.Wire, streamed bool) (all []string) {
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	add(e.Status != 0 && w.Status != e.Status, "status %d, expected %d", w.Status, e.Status)
	got := w.Headers["content-type"]
	media, _, _ := mime.ParseMediaType(got) // "" is none
	add(e.ContentType != "" && media != e.ContentType, "content type %q, expected %s", got, e.ContentType)
	add(e.TerminalMark && streamed && !w.Marked, "the stream has no terminal mark")
	add(e.Clean && w.Ended != "" && w.Ended != "clean", "the response did not end well: %s", w.Ended)
	if e.Ordered && streamed {
		disorder := disorder(w)
		add(disorder != "", "%s", disorder)
	}
	least, most := e.Heartbeats.Min, e.Heartbeats.Max
	add(least != nil && w.Heartbeats < *least || most != nil && w.Heartbeats > *most, "%d heartbeats, expected %s",
		w.Heartbeats, e.Heartbeats)
	add(e.RetryAfter && w.Headers["retry-after"]+w.Headers["retry-after-ms"] == "", "no Retry-After")
	return all
}

// disorder returns what is wrong with the order of the frames, or "". Anthropic's and OpenAI's
// Responses say what comes first, which their SDKs rely on; the others do not.
func disorder(w timeline.Wire) string {
	if w.AfterMark > 0 && len(w.Frames) > 0 && w.Frames[len(w.Frames)-1] != "chunk" {
		return fmt.Sprintf("frames behind the terminal mark: %d, the last is %s", w.AfterMark,
			w.Frames[len(w.Frames)-1])
	}
	started, open := false, false
	for i, name := range w.Frames {
		first := name == "message_start" || name == "response.created"
		message := strings.HasPrefix(name, "message_") || strings.HasPrefix(name, "content_block_") ||
			strings.HasPrefix(name, "response.")
		switch {
		case first && started:
			return "a second " + name + " in one stream"
		case message && !first && !started && name != "response.queued":
			return fmt.Sprintf("%s is frame %d, and nothing has opened the message", name, i+1)
		case name == "content_block_start" && open:
			return "a content block begins inside of another one"
		case (name == "content_block_delta" || name == "content_block_stop") && !open:
			return name + " outside of a content block"
		case name == "message_delta" && open:
			return "message_delta inside of a content block"
		}
		started = started || first
		open = name == "content_block_start" || open && name != "content_block_stop"
	}
	return ""
}

// Advise tells what to change about the first thing that is wrong with the response.
func (e ClientWire) Advise(t timeline.Timeline, f Finding) string {
	c, ok := callOf(t, f)
	w, seen := t.Wire(c.Call)
	if !ok || !seen || w.Status == 0 {
		return "answer every request with a response, if only with an error"
	}
	streamed := c.Call > len(t.Run.Calls) || t.Run.Calls[c.Call-1].Stream
	for _, one := range []struct {
		only    ClientWire
		advised string
	}{
		{ClientWire{Status: e.Status}, fmt.Sprintf("answer with the status %d", e.Status)},
		{ClientWire{ContentType: e.ContentType}, "answer with the content type " + e.ContentType},
		{ClientWire{TerminalMark: e.TerminalMark}, "end a stream with the terminal mark of its protocol"},
		{ClientWire{Clean: e.Clean}, "end a response properly, with an event of the error if there is one"},
		{ClientWire{Ordered: e.Ordered}, "send the frames in the order in which the protocol's SDK takes them"},
		{ClientWire{Heartbeats: e.Heartbeats}, "send " + e.Heartbeats.String() + " heartbeats in a response"},
		{ClientWire{RetryAfter: e.RetryAfter}, "say in Retry-After when to come again"},
	} {
		if len(one.only.wrong(w, streamed)) > 0 {
			return one.advised
		}
	}
	return "send heartbeats while there is no content, so that no client gives up"
}
