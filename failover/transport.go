package failover

import (
	"errors"
	"io"
	"net/http"
	"strconv"
)

// watchedTransport tells the attempt, found in the request's context, what happens on the connection. Seen from above
// an SDK, neither bytes nor headers nor its own retries are visible.
type watchedTransport struct{ next http.RoundTripper }

var _ http.RoundTripper = watchedTransport{}

// attemptKey is where an attempt stands in the context of its requests.
type attemptKey struct{}

// RoundTrip sends one request.
func (t watchedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	a, ok := req.Context().Value(attemptKey{}).(*attempt)
	if !ok {
		return t.next.RoundTrip(req)
	}
	if err := a.again(); err != nil {
		closeBody(req)
		return nil, err
	}
	a.sent()
	res, err := t.next.RoundTrip(req)
	if err != nil {
		a.broke = err
		return nil, err
	}
	a.gotHeaders(res)
	if res.StatusCode >= http.StatusBadRequest && !a.mayAgain() {
		res.Header = res.Header.Clone()
		res.Header.Set("X-Should-Retry", strconv.FormatBool(false)) // both SDKs listen to it, and report the status
	}
	res.Body = &watchedBody{ReadCloser: res.Body, attempt: a}
	return res, nil
}

// closeBody is what a RoundTripper does with every request.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close() // nothing was read
	}
}

// mayAgain says that the SDK may repeat the attempt's request: the provider's quota and the engine's budget have something left.
func (a *attempt) mayAgain() bool {
	return (a.quota == 0 || int(a.requests.Load()) < a.quota) && a.call.engine.retries.has()
}

// again pays for a request that the SDK repeats, or returns the error that the one before ended with.
func (a *attempt) again() error {
	if a.requests.Load() == 0 {
		return nil // the engine's own
	}
	if a.mayAgain() && a.call.engine.retries.take() {
		return nil
	}
	if a.broke != nil {
		return a.broke
	}
	return errNoRetries
}

// errNoRetries is what an SDK gets for a retry that is not granted.
var errNoRetries = errors.New("no retries are left")

type watchedBody struct {
	io.ReadCloser
	attempt *attempt
	// inLine says that the line is one whose first byte has been seen.
	inLine bool
}

// Read reports the bytes that it reads.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.attempt.gotBytes()
		if b.attempt.call.policy.Watch.Progress == ProgressEvent && b.hasEvent(p[:n]) {
			b.attempt.progress(ProgressEvent)
		}
	}
	return n, err
}

// hasEvent says whether a line of an event begins in these bytes: one that is neither blank nor a comment.
func (b *watchedBody) hasEvent(p []byte) bool {
	found := false
	for _, c := range p {
		switch {
		case c == '\n' || c == '\r':
			b.inLine = false
		case !b.inLine:
			b.inLine = true
			found = found || c != ':'
		}
	}
	return found
}
