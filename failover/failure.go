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

// A FailureKind says how an attempt ended; a [Reason] says what that means. The names come from the
// reported engine's Python HTTP stack, because its retry lists use them.
type FailureKind string

const (
	// FailureHTTPStatus is an answer with a status of 400 or more, or a redirect that is not
	// followed.
	FailureHTTPStatus FailureKind = "http_status"
	// FailureAPIConnectionError is a connection that ended before the response's headers.
	FailureAPIConnectionError FailureKind = "api_connection_error"
	// FailureAPITimeoutError is a deadline that passed before the response's headers.
	FailureAPITimeoutError FailureKind = "api_timeout_error"
	// FailureReadError is a connection that was reset below the body.
	FailureReadError FailureKind = "read_error"
	// FailureReadTimeout is a body that brought no byte in time.
	FailureReadTimeout FailureKind = "read_timeout"
	// FailureRemoteProtocolError is a connection closed in the middle of the body.
	FailureRemoteProtocolError FailureKind = "remote_protocol_error"
	// FailureStreamError is an error that the provider put into the stream.
	FailureStreamError FailureKind = "stream_error"
	// FailureStreamConnectionError is a [FailureStreamError] whose text tells of a lost connection.
	FailureStreamConnectionError FailureKind = "stream_connection_error"
	// FailureStreamParseError is an event that violates the protocol.
	FailureStreamParseError FailureKind = "stream_parse_error"
	// FailureTruncated is a clean end of the body, after content, without the protocol's last
	// event.
	FailureTruncated FailureKind = "truncated"
	// FailureEmpty is an answer that ended as the protocol says, without any content.
	FailureEmpty FailureKind = "empty"
	// FailureEmptyStream is an end of the body without content and without the protocol's last
	// event.
	FailureEmptyStream FailureKind = "empty_stream"
	// FailureFiltered is a prompt that the provider's safety filter blocked, or an answer that it
	// ended, see [Stream.FailFiltered].
	FailureFiltered FailureKind = "filtered"
	// FailureGivenUp is an answer whose finish reason says that the provider gave it up, see
	// [Stream.AcceptGivenUp].
	FailureGivenUp FailureKind = "given_up"
	// FailureInvalidToolCall is an answer with a tool call whose arguments are incomplete, or
	// whose tool was not offered.
	FailureInvalidToolCall FailureKind = "invalid_tool_call"
	// FailureTooSlow is a stream whose content comes too slowly, see [Watch.Throughput].
	FailureTooSlow FailureKind = "too_slow"
	// FailureFirstContentTimeout is an attempt without content by the time [Watch.FirstContent].
	FailureFirstContentTimeout FailureKind = "first_content_timeout"
	// FailureAttemptTimeout is an attempt that outlived its own deadline, or its provider's time.
	FailureAttemptTimeout FailureKind = "attempt_timeout"
	// FailureCallTimeout is an answer that was not streamed and did not come in time, see
	// [Watch.StaleCall].
	FailureCallTimeout FailureKind = "call_timeout"
	// FailureCircuitOpen is an attempt that was not made, see Breaker.
	FailureCircuitOpen FailureKind = "circuit_open"
	// FailureAbandoned is an attempt that ended with its call: by the call's deadline, the caller,
	// or Close. The provider did not fail, and no policy names it.
	FailureAbandoned FailureKind = "abandoned"
)

// failureKinds returns every FailureKind that a policy can name: nothing follows FailureAbandoned.
func failureKinds() []FailureKind {
	return []FailureKind{
		FailureHTTPStatus, FailureAPIConnectionError, FailureAPITimeoutError, FailureReadError, FailureReadTimeout,
		FailureRemoteProtocolError, FailureStreamError,
		FailureStreamConnectionError, FailureStreamParseError, FailureTruncated, FailureEmpty, FailureEmptyStream,
		FailureFiltered, FailureGivenUp, FailureInvalidToolCall, FailureTooSlow, FailureFirstContentTimeout,
		FailureAttemptTimeout, FailureCallTimeout, FailureCircuitOpen,
	}
}

// UnmarshalText reads a kind by its name. An unknown name is an error that suggests a near one.
func (k *FailureKind) UnmarshalText(text []byte) error {
	return readWord(k, text, "failure", failureKinds())
}

// readWord sets a word, or returns an error if it is unknown.
func readWord[T ~string](word *T, text []byte, what string, known []T) error {
	if !slices.Contains(known, T(text)) {
		return errors.New(unknownWord(what, string(text), known))
	}
	*word = T(text)
	return nil
}

// unknownWord returns an error text for an unknown word, with the known one that was probably
// meant.
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
	// Status is the HTTP status; 0 if there was none.
	Status int
	// Code is the error code or type that the provider gave, and Message its text.
	Code, Message string
	// RetryAfter, RetryAfterMS and ShouldRetry are the headers Retry-After, Retry-After-Ms and
	// X-Should-Retry, as received.
	RetryAfter, RetryAfterMS, ShouldRetry string
	// RetryDelay is the wait in the error's body, in seconds as in "58s": Google's RetryInfo, or
	// the resets_in_seconds of OpenAI's Codex.
	RetryDelay string
	// Headers reports that the response's headers had arrived, Content that the caller had
	// received something.
	Headers, Content bool
	// Took is how long the attempt lasted.
	Took time.Duration
	// Err is the error of the SDK or of the watchdog; it may be nil.
	Err error

	began time.Time
	key   int // of the provider's, that was used
	// upstream is the error of a gateway's own upstream.
	upstream string
	// quota names the quotas that are used up, if the error does.
	quota string
	// responded is the response's status, also of a stream; 0 if there was none. calls reports that
	// pieces of tool calls had arrived. inCall reports that the stream broke in tool calls after
	// text.
	responded     int
	calls, inCall bool
	// connected reports that there was a connection to send the request on. spent reports that the
	// answer had all its tokens and was none, so that the same request ends alike.
	connected, spent bool
	// asks is the wait that the provider asked for, if it was too long to wait for.
	asks time.Duration
}

// Error returns the attempt in one line.
func (e *AttemptError) Error() string {
	text := fmt.Sprintf("%s, attempt %d: %s", e.Provider, e.Attempt, e.summary())
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.asks > 0 {
		text += fmt.Sprintf("; it asks to be asked again in %s", e.asks.Round(time.Second))
	}
	return text
}

// Unwrap returns the cause.
func (e *AttemptError) Unwrap() error { return e.Err }

// readHints records what a response's headers say about the next request.
func (e *AttemptError) readHints(h *http.Header) {
	if h == nil {
		return
	}
	e.RetryAfter, e.RetryAfterMS, e.ShouldRetry = h.Get("Retry-After"), h.Get("Retry-After-Ms"), h.Get("X-Should-Retry")
}

// summary returns the status or kind, and the provider's code.
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

// lostConnection returns the words by which a gateway reports, within a stream, that its upstream
// is gone.
func lostConnection() []string {
	return []string{
		"connection lost", "connection reset", "connection closed", "connection terminated", "network error",
		"network connection", "terminated", "peer closed", "broken pipe", "upstream connect error",
	}
}

// streamError fills in an error that came within the stream.
func (e *AttemptError) streamError(body []byte) {
	e.Kind = FailureStreamError
	e.readError(body)
	if mentions(strings.ToLower(e.Message), lostConnection()) {
		e.Kind = FailureStreamConnectionError
	}
}

// errorOf returns the error under that key of a body, or nil.
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

// transportError fills in how the connection failed.
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
