package caller

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An Error is an error that the engine reports: a status other than 200, or an error in an answer.
type Error struct {
	// Status is the HTTP status, or the one that an error in an answer names, 0 for none.
	Status int
	// Type is the vendor's word for it, such as "rate_limit_error", or "".
	Type string
	// Message is the message, or the beginning of a body without one.
	Message string
	// InAnswer says that the status of the response was 200.
	InAnswer bool
	// RetryAfter is the wait that it asks for, 0 for none. Final says that it wants no retry.
	RetryAfter time.Duration
	Final      bool
}

// Error returns "429 rate_limit_error: slow down".
func (e *Error) Error() string {
	var parts []string
	if e.InAnswer {
		parts = append(parts, "an error in the answer:")
	}
	if e.Status > 0 {
		parts = append(parts, strconv.Itoa(e.Status))
	}
	if e.Type != "" {
		parts = append(parts, e.Type)
	}
	return strings.TrimSuffix(strings.Join(parts, " "), ":") + ": " + e.Message
}

const (
	// maxBody bounds how much of an error's body is read, in bytes, and maxMessage what is kept.
	maxBody    = 64 << 10
	maxMessage = 512
)

// StatusError returns the error of a response with another status than 200. It reads the body.
func StatusError(res *http.Response) *Error {
	e, _ := statusError(res) // a part is enough
	return e
}

// statusError is StatusError. err is what kept the body from ending.
func statusError(res *http.Response) (e *Error, err error) {
	data, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	e = errorOf(data)
	e.Status, e.InAnswer = res.StatusCode, false
	e.RetryAfter, e.Final = retryAfter(res.Header), res.Header.Get("X-Should-Retry") == "false"
	if e.Message == "" {
		e.Message = http.StatusText(res.StatusCode)
	}
	return e, err //nolint:wrapcheck // the caller of this tells it
}

// errorOf reads an error as any of the vendors and gateways writes it: {"error": {…}},
// [{"error": {…}}], {"error": "…"}, {"message": "…"}, {"detail": "…"}, or no JSON at all.
func errorOf(data []byte) *Error {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil && len(list) > 0 {
		data = list[0]
	}
	var in struct {
		Error    json.RawMessage `json:"error"`
		Response struct {
			Error json.RawMessage `json:"error"`
		} `json:"response"`
	}
	_ = json.Unmarshal(data, &in) // no object is a text
	for _, inner := range []json.RawMessage{in.Error, in.Response.Error} {
		if says(inner) {
			data = inner
		}
	}
	var fields map[string]any
	if json.Unmarshal(data, &fields) != nil {
		var text string
		if json.Unmarshal(data, &text) != nil {
			text = string(data)
		}
		return &Error{InAnswer: true, Message: short(text)}
	}
	e := &Error{InAnswer: true}
	for _, name := range []string{"message", "detail", "msg"} {
		if text, ok := fields[name].(string); ok && e.Message == "" {
			e.Message = short(text)
		}
	}
	if e.Message == "" {
		e.Message = short(string(data))
	}
	for _, name := range []string{"type", "status", "code"} {
		text, isText := fields[name].(string)
		number, err := strconv.Atoi(text)
		switch code, isNumber := fields[name].(float64); {
		case isNumber:
			e.Status = int(code)
		case isText && err == nil:
			e.Status = number
		case isText && e.Type == "" && text != "error":
			e.Type = short(text)
		}
	}
	return e
}

// says reports whether an error field says something: null, false and nothing are none.
func says(field json.RawMessage) bool {
	switch string(field) {
	case "", "null", "false", "{}", `""`:
		return false
	}
	return true
}

// short returns the beginning of a text on one line.
func short(text string) string {
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "�")
	if len(text) > maxMessage {
		return strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return text
}

// retryAfter returns the wait that a response asks for. It returns 0 if there is none, and for
// nonsense.
func retryAfter(h http.Header) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 &&
		ms < float64(time.Hour/time.Millisecond) {
		return time.Duration(ms * float64(time.Millisecond))
	}
	value := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(value, 64); err == nil {
		if s > 0 && s < (24*time.Hour).Seconds() {
			return time.Duration(s * float64(time.Second))
		}
		return 0
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// A redacted error has the text of another one without its secrets.
type redacted struct {
	err  error
	text string
}

func (r *redacted) Error() string { return r.text }

func (r *redacted) Unwrap() error { return r.err }

// redact removes the key and the values of headers from a text, and bounds it.
func (c *Client) redact(text string) string {
	const most, secret = 2 * maxMessage, 6 // a shorter value would be found in any text
	if c.options.Key != "" {
		text = strings.ReplaceAll(text, c.options.Key, "[key]")
	}
	for name, value := range c.options.Header {
		if len(value) >= secret {
			text = strings.ReplaceAll(text, value, "["+name+"]")
		}
	}
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// malformed returns the error of JSON that cannot be read.
func malformed(err error) error { return fmt.Errorf("read the answer: %w", err) }
