package timeline

import (
	"strconv"
	"strings"
	"time"
)

// Wire is what the caller of one call got over HTTP.
type Wire struct {
	// Status is that of the response, 0 if none came. Headers are those that matter to a caller, in
	// lower case.
	Status  int
	Headers map[string]string
	// Frames are the kinds of the frames in order, once for each run of equal ones. AfterMark
	// counts those behind the terminal mark.
	Frames    []string
	AfterMark int
	// Heartbeats counts comments and pings.
	Heartbeats int
	// Marked says that the terminal mark came.
	Marked bool
	// Ended is how the response ended, "clean" if well, and "" if that was not seen.
	Ended string
	// Quiet is the longest time without a byte, from the request to the end of the call, as far as
	// it was told: of frames in a row that speak, each piece counts.
	Quiet time.Duration
	// Events are the indices in Timeline.Events of the headers and of the end.
	Events []int
}

// Wire returns what the caller of call n got over HTTP, from 1. ok is false if it was not called
// so, as an engine in this process is not.
func (t Timeline) Wire(n int) (w Wire, ok bool) {
	last := time.Duration(0)
	for _, i := range t.client(n) {
		e := t.Events[i]
		if !ok && e.Kind != RequestSent {
			continue
		}
		if !ok {
			ok, last = true, e.At
		}
		w.Quiet, last = max(w.Quiet, e.At-last, e.Gap), e.Until
		if w.see(e) {
			w.Events = append(w.Events, i)
		}
		switch e.Kind { //nolint:exhaustive // the kinds that end a call
		case CallAnswered, CallFailed, CallCut, CallHungUp, CallPanicked, CallBlocked:
			return w, ok
		}
	}
	return w, ok
}

// see adds one event. It reports whether that is evidence.
func (w *Wire) see(e Event) bool {
	switch e.Kind { //nolint:exhaustive // the kinds of a wire
	case HeadersReceived:
		lines := strings.Split(e.Text, "\n")
		w.Status, _ = strconv.Atoi(lines[0]) // 0 is none
		w.Headers = map[string]string{}
		for _, line := range lines[1:] {
			name, value, _ := strings.Cut(line, ": ")
			w.Headers[name] = value
		}
		return true
	case HeartbeatReceived:
		w.Heartbeats += e.Count
	case FrameReceived:
		if w.Marked {
			w.AfterMark += e.Count
		}
		if k := len(w.Frames); k == 0 || w.Frames[k-1] != e.Text {
			w.Frames = append(w.Frames, e.Text)
		}
	case MarkReceived:
		w.Marked = true
	case BodyEnded:
		w.Ended = e.Text
		return true
	}
	return false
}
