package failover

import (
	"io"
	"net/http"
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
	a.sent()
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	a.gotHeaders(res)
	res.Body = &watchedBody{ReadCloser: res.Body, attempt: a}
	return res, nil
}

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
