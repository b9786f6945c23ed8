package failover

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
)

// watchedTransport tells the attempt, found in the request's context, what happens on the
// connection. The SDK hides bytes, headers and its own retries from its callers.
type watchedTransport struct{ next http.RoundTripper }

var _ http.RoundTripper = watchedTransport{}

// attemptKey is the context key of an attempt, in its requests.
type attemptKey struct{}

// RoundTrip sends one request.
func (t watchedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	a, ok := req.Context().Value(attemptKey{}).(*attempt)
	if !ok {
		return t.next.RoundTrip(req)
	}
	if !a.again() {
		closeBody(req)
		return a.refuse(req)
	}
	a.sent()
	res, err := t.next.RoundTrip(req)
	if err != nil {
		a.last, a.lastErr = nil, err
		return nil, err
	}
	a.gotHeaders(res)
	body := &watchedBody{ReadCloser: res.Body, attempt: a, left: -1}
	if !a.call.req.Stream || res.StatusCode >= http.StatusMultipleChoices { // the SDK reads it into memory
		body.left = maxBody
	}
	res.Body = body
	if media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); media == "text/event-stream" &&
		!a.call.policy.SDK.AsIs {
		res.Body = &lineEnds{ReadCloser: res.Body}
	}
	if res.StatusCode >= http.StatusBadRequest && a.call.policy.SDK.retries(a.member.Protocol) > 0 && !a.mayAgain() {
		a.keep(res)
		return a.refuse(req)
	}
	return res, nil
}

// maxErrorBody is how much of an error's body is kept, in bytes; all vendors' are far below it.
const maxErrorBody = 1 << 20

// keep stores a failed response in memory, as the last one of the attempt. It marks the response as
// not to be retried, which OpenAI's and Anthropic's SDKs obey. Other SDKs get the same response for
// every retry.
func (a *attempt) keep(res *http.Response) {
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody)) // a part is better than nothing
	_ = res.Body.Close()                                          // as above
	last := *res
	last.Header = res.Header.Clone()
	last.Header.Set("X-Should-Retry", strconv.FormatBool(false))
	a.last, a.lastBody, a.lastErr = &last, body, nil
}

// refuse answers a retry of the SDK that is not granted with the result of its last request.
func (a *attempt) refuse(req *http.Request) (*http.Response, error) {
	switch {
	case a.last != nil:
		res := *a.last
		res.Request, res.Body = req, io.NopCloser(bytes.NewReader(a.lastBody))
		return &res, nil
	case a.lastErr != nil:
		return nil, a.lastErr
	}
	return nil, errNoRetries
}

// closeBody closes the request's body, as every RoundTripper must.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close() // nothing was read
	}
}

// mayAgain reports whether the SDK may repeat the attempt's request: the provider's quota and the
// engine's retry budget have something left.
func (a *attempt) mayAgain() bool {
	return (a.quota == 0 || int(a.requests.Load()) < a.quota) && a.call.engine.retryBudget.has()
}

// again reports whether a request may be sent, and pays for one that the SDK repeats.
func (a *attempt) again() bool {
	return a.requests.Load() == 0 || (a.mayAgain() && a.call.engine.retryBudget.take())
}

// errNoRetries reports to an SDK that a retry is not granted.
var errNoRetries = errors.New("no retries are left")

// maxBody bounds a body that is not streamed, in bytes. Answers are far smaller, even with
// pictures. Without a bound, a provider that never stops would fill the memory before any timeout
// fires.
const maxBody = 64 << 20

// watchedBody reports the bytes of a body to its attempt.
type watchedBody struct {
	io.ReadCloser
	attempt *attempt
	// left is how many bytes may still be read; negative means any number.
	left int
	// inLine reports that the first byte of the current line has been seen.
	inLine bool
}

// Read reports the bytes that it reads.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left >= 0 {
		if b.left -= n; b.left < 0 {
			b.left = 0
			return 0, fmt.Errorf("%w: the body has more than %d MiB", errParse, maxBody>>20)
		}
	}
	if n > 0 {
		b.attempt.gotBytes()
		if b.attempt.call.policy.Watch.Progress == ProgressEvent && b.hasEvent(p[:n]) {
			b.attempt.progress(ProgressEvent)
		}
	}
	return n, err
}

// hasEvent reports whether a line of an event begins in these bytes: one that is neither blank nor
// a comment.
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
