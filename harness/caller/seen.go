package caller

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/harness"
)

// frames tells what a stream consists of. Frames that speak to the caller are told once in a row,
// because what they say is told too.
type frames struct {
	see func(harness.Delta)
	// finishMarks says that the finish reason is the terminal mark.
	finishMarks, marked bool
	last, name          string
	told, spoke         bool
}

// maxName bounds the name of a frame and the text of a heartbeat, in bytes.
const maxName = 60

func (f *frames) tell(kind harness.DeltaKind, text string) {
	if len(text) > maxName {
		text = strings.ToValidUTF8(text[:maxName], "") + "…"
	}
	f.see(harness.Delta{Kind: kind, Text: text})
}

func (f *frames) comment(text string) { f.tell(harness.DeltaHeartbeat, ":"+text) }

// begin begins a frame. The pieces that it has come next, and then end.
func (f *frames) begin(ev event) {
	f.name, f.spoke = frameName(ev), false
	f.told = f.name != f.last || f.name == "ping"
	f.last = f.name
	switch {
	case f.name == "ping":
		f.tell(harness.DeltaHeartbeat, f.name)
	case f.told:
		f.tell(harness.DeltaFrame, f.name)
	}
}

func (f *frames) said(p Piece) {
	f.spoke = true
	if p.Kind == Mark || p.Kind == Finish && f.finishMarks && !f.marked {
		f.marked = true
		f.tell(harness.DeltaMark, "")
	}
}

func (f *frames) end() {
	if !f.told && !f.spoke {
		f.tell(harness.DeltaFrame, f.name)
	}
}

// frameName returns the kind of a frame in the protocol's words: its type, the name of its event,
// "[DONE]", "error", or "chunk" for frames of a protocol that has one kind.
func frameName(ev event) string {
	var in struct {
		Type  string          `json:"type"`
		Error json.RawMessage `json:"error"`
	}
	err := json.Unmarshal([]byte(ev.data), &in)
	switch {
	case ev.data == "[DONE]":
		return ev.data
	case in.Type != "":
		return in.Type
	case says(in.Error):
		return "error"
	case ev.name != "":
		return ev.name
	case err != nil:
		return "no JSON"
	}
	return "chunk"
}

const (
	// maxHeaders bounds how many headers of a response are told, and maxHeader each value, in
	// bytes.
	maxHeaders = 16
	maxHeader  = 120
)

// headers returns the status of a response and the headers that matter to a caller: what it is,
// when to come again, the limits, the request's id, and what the gateway adds. None of them is a
// secret.
func (c *Client) headers(res *http.Response) string {
	lines := []string{strconv.Itoa(res.StatusCode)}
	for _, name := range slices.Sorted(maps.Keys(res.Header)) {
		value := c.redact(strings.Join(res.Header[name], ", "))
		if name = strings.ToLower(name); !matters(name) || len(lines) > maxHeaders {
			continue
		}
		if len(value) > maxHeader {
			value = strings.ToValidUTF8(value[:maxHeader], "") + "…"
		}
		lines = append(lines, name+": "+value)
	}
	return strings.Join(lines, "\n")
}

// matters reports whether a header, in lower case, matters to a caller and holds no secret.
func matters(name string) bool {
	for _, secret := range []string{"auth", "cookie", "api-key", "secret", "password"} {
		if strings.Contains(name, secret) {
			return false
		}
	}
	return name == "content-type" || name == "request-id" || name == "retry-after" || name == "retry-after-ms" ||
		strings.HasPrefix(name, "x-") || strings.HasPrefix(name, "ratelimit") || strings.Contains(name, "-ratelimit-")
}
