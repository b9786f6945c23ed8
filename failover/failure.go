package failover

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// A FailureKind says how an attempt ended, before anybody asks what it means. The names are those of the Python HTTP
// stack that the reported engine runs on, because its retry lists are written in them.
type FailureKind string

const (
	// HTTPStatus is an answer with a status of 400 or more.
	FailureHTTPStatus FailureKind = "http_status"
	// APIConnectionError is a connection that ended before the response's headers.
	FailureAPIConnectionError FailureKind = "api_connection_error"
	// APITimeoutError is a deadline that passed before the response's headers.
	FailureAPITimeoutError FailureKind = "api_timeout_error"
	// ReadError is a connection that was reset below the body.
	FailureReadError FailureKind = "read_error"
	// ReadTimeout is a body of which no byte came in time.
	FailureReadTimeout FailureKind = "read_timeout"
	// RemoteProtocolError is a connection closed in the middle of the body.
	FailureRemoteProtocolError FailureKind = "remote_protocol_error"
	// StreamError is an error that the provider put into the stream.
	FailureStreamError FailureKind = "stream_error"
	// StreamConnectionError is a StreamError whose text tells of a lost connection.
	FailureStreamConnectionError FailureKind = "stream_connection_error"
	// StreamParseError is an event that is not what the protocol says.
	FailureStreamParseError FailureKind = "stream_parse_error"
	// Truncated is a clean end of the body, after content, without the protocol's last event.
	FailureTruncated FailureKind = "truncated"
	// Empty is an answer that ended as the protocol says, without any content.
	FailureEmpty FailureKind = "empty"
	// EmptyStream is an end of the body without content and without the protocol's last event.
	FailureEmptyStream FailureKind = "empty_stream"
	// Filtered is a prompt that the provider's safety filter blocked, or an answer that it ended, see Stream.FailFiltered.
	FailureFiltered FailureKind = "filtered"
	// InvalidToolCall is an answer that ended as the protocol says, with a tool call whose arguments did not arrive whole, or of a tool that was not
	// offered.
	FailureInvalidToolCall FailureKind = "invalid_tool_call"
	// TooSlow is a stream whose content comes too slowly, see Watch.Throughput.
	FailureTooSlow FailureKind = "too_slow"
	// FirstContentTimeout is a first content that did not come in time.
	FailureFirstContentTimeout FailureKind = "first_content_timeout"
	// AttemptTimeout is an attempt that outlived its own deadline.
	FailureAttemptTimeout FailureKind = "attempt_timeout"
	// CallTimeout is an answer that was not streamed and did not come in time, see Watch.StaleCall.
	FailureCallTimeout FailureKind = "call_timeout"
	// CircuitOpen is an attempt that was not made, see Breaker.
	FailureCircuitOpen FailureKind = "circuit_open"
	// Abandoned is an attempt that ended with its call: by the call's deadline, the caller, or Close. It is no failure of the provider, and no policy names it.
	FailureAbandoned FailureKind = "abandoned"
)

// failureKinds is every FailureKind that a policy can name: after Abandoned nothing follows.
func failureKinds() []FailureKind {
	return []FailureKind{
		FailureHTTPStatus, FailureAPIConnectionError, FailureAPITimeoutError, FailureReadError, FailureReadTimeout, FailureRemoteProtocolError, FailureStreamError,
		FailureStreamConnectionError, FailureStreamParseError, FailureTruncated, FailureEmpty, FailureEmptyStream, FailureFiltered, FailureInvalidToolCall, FailureTooSlow, FailureFirstContentTimeout,
		FailureAttemptTimeout, FailureCallTimeout, FailureCircuitOpen,
	}
}

// UnmarshalText reads a kind by its name.
func (k *FailureKind) UnmarshalText(text []byte) error {
	return readWord(k, text, "failure", failureKinds())
}

// readWord sets a word if it is a known one.
func readWord[T ~string](word *T, text []byte, what string, known []T) error {
	if !slices.Contains(known, T(text)) {
		return errors.New(unknownWord(what, string(text), known))
	}
	*word = T(text)
	return nil
}

// unknownWord says that a word is not a known one, and which was probably meant.
func unknownWord[T ~string](what, word string, known []T) string {
	texts := make([]string, len(known))
	for i, k := range known {
		texts[i] = string(k)
	}
	if near := strictyaml.Nearest(word, texts); near != "" {
		return fmt.Sprintf("unknown %s %q (did you mean %q?)", what, word, near)
	}
	return fmt.Sprintf("unknown %s %q: there is %s", what, word, strings.Join(texts, ", "))
}

// An AttemptError is one failed attempt.
type AttemptError struct {
	// Provider is the name of the provider that was asked.
	Provider string
	// Attempt counts the provider's requests within the call, from 1.
	Attempt int
	// Kind says how the attempt ended, Reason what that means.
	Kind   FailureKind
	Reason Reason
	// Status is the HTTP status; 0 where there was none.
	Status int
	// Code is the error code or type that the provider gave, Message its text.
	Code, Message string
	// RetryAfter and RetryAfterMS are those headers (the latter is Retry-After-Ms) and ShouldRetry is X-Should-Retry, as
	// they came.
	RetryAfter, RetryAfterMS, ShouldRetry string
	// RetryDelay is the wait that stands in the error itself, in seconds as in "58s": Google's RetryInfo, or the resets_in_seconds of OpenAI's
	// Codex.
	RetryDelay string
	// Headers says that the response's headers had arrived, Content that the caller had been given something.
	Headers, Content bool
	// Took is how long the attempt lasted.
	Took time.Duration
	// Err is what the SDK or the watchdog said; it may be nil.
	Err error

	key int // of the provider's, that was used
	// upstream is what a gateway says that its own upstream said.
	upstream string
	// quota names the quotas that are used up, where the error says.
	quota string
	// responded is the response's status, that of a stream too; 0 where there was none. calls says that there were pieces of tool calls.
	responded int
	calls     bool
	// connected says that there was a connection to send the request on.
	connected bool
}

// Error tells the attempt in one line.
func (e *AttemptError) Error() string {
	text := fmt.Sprintf("%s, attempt %d: %s", e.Provider, e.Attempt, e.summary())
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// Unwrap returns the cause.
func (e *AttemptError) Unwrap() error { return e.Err }

// wish takes over what a response's headers say about the next request.
func (e *AttemptError) readHints(h *http.Header) {
	if h == nil {
		return
	}
	e.RetryAfter, e.RetryAfterMS, e.ShouldRetry = h.Get("Retry-After"), h.Get("Retry-After-Ms"), h.Get("X-Should-Retry")
}

func (e *AttemptError) summary() string {
	switch {
	case e.Status != 0 && e.Code != "":
		return fmt.Sprintf("status %d (%s)", e.Status, e.Code)
	case e.Status != 0:
		return fmt.Sprintf("status %d", e.Status)
	case e.Code != "":
		return fmt.Sprintf("%s (%s)", e.Kind, e.Code)
	}
	return string(e.Kind)
}

// lostConnection are words by which a gateway tells, within a stream, that its own upstream is gone.
func lostConnection() []string {
	return []string{
		"connection lost", "connection reset", "connection closed", "connection terminated", "network error",
		"network connection", "terminated", "peer closed", "broken pipe", "upstream connect error",
	}
}

// streamError fills in an error that stood in the stream.
func (e *AttemptError) streamError(body []byte) {
	e.Kind = FailureStreamError
	e.readError(body)
	text := strings.ToLower(e.Message)
	if slices.ContainsFunc(lostConnection(), func(part string) bool { return strings.Contains(text, part) }) {
		e.Kind = FailureStreamConnectionError
	}
}

// errorOf returns the error under that key of a body, or nothing.
func errorOf(body []byte) []byte {
	var object struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &object) != nil {
		return nil
	}
	return object.Error
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// transportError fills in what the connection did.
func (e *AttemptError) transportError(err error) {
	var timeout net.Error
	late := errors.As(err, &timeout) && timeout.Timeout()
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case !e.Headers && late:
		e.Kind = FailureAPITimeoutError
	case !e.Headers:
		e.Kind = FailureAPIConnectionError
	case late:
		e.Kind = FailureReadTimeout
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Kind = FailureRemoteProtocolError
	case errors.As(err, &syntax), errors.As(err, &mismatch), errors.Is(err, bufio.ErrTooLong), errors.Is(err, errParse):
		e.Kind = FailureStreamParseError
	default:
		e.Kind = FailureReadError
	}
	e.Message = err.Error()
}
