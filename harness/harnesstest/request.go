package harnesstest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/harness"
)

// ask sends the request to the provider.
func (l link) ask(ctx context.Context, req harness.Request) (*http.Response, error) {
	url, header, body := l.wire.request(l.upstream, req)
	data, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.upstream.URL+url, bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	res, err := l.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	return res, nil
}

// A statusError is a response with another status than 200.
type statusError struct {
	status     int
	retryAfter time.Duration
	// final says that the provider wants no retry.
	final bool
	text  string
}

// Error returns the status and the beginning of the body.
func (e *statusError) Error() string { return fmt.Sprintf("status %d: %s", e.status, e.text) }

// statusOverloaded is Anthropic's status for an overload.
const statusOverloaded = 529

// limited reports whether the provider has too much to do.
func (e *statusError) limited() bool {
	return e.status == http.StatusTooManyRequests || e.status == statusOverloaded
}

// refusal returns the error of a response with another status than 200.
func refusal(res *http.Response) error {
	const enough = 512
	text, _ := io.ReadAll(io.LimitReader(res.Body, enough)) // a part is enough
	return &statusError{
		status: res.StatusCode, retryAfter: retryAfter(res.Header), final: res.Header.Get("X-Should-Retry") == "false",
		text: strings.Join(strings.Fields(string(text)), " "),
	}
}

// retryAfter returns the wait that a provider asks for. It returns 0 if there is none, and for
// nonsense.
func retryAfter(h http.Header) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < float64(time.Hour/time.Millisecond) {
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
