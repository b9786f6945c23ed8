package fakeprovider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

const (
	// MaxBody is the largest request body that is read, in bytes. It is Anthropic's documented
	// limit, 32 MB.
	MaxBody = 32 << 20
	// bodyTimeout bounds how long a request may take to arrive, in real time. A vendor's edge is
	// no more patient.
	bodyTimeout = time.Minute
)

// readBody reads the whole request. It returns the vendor's 413 for a body over MaxBody, its 408
// for one that does not arrive in time, and its 400 for any other error.
func (p *Provider) readBody(w http.ResponseWriter, r *http.Request) ([]byte, *Problem) {
	rc := http.NewResponseController(w)
	// Not every ResponseWriter has deadlines; without one the read ends with the client.
	_ = rc.SetReadDeadline(time.Now().Add(bodyTimeout))
	// A provider that closes does not wait for the rest of the request.
	release := p.interruptOnClose(rc.SetReadDeadline)
	body, err := ReadAtMost(w, r, MaxBody)
	release()
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return body, nil
	case errors.As(err, &tooLarge):
		return nil, &Problem{Status: http.StatusRequestEntityTooLarge}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &Problem{Status: http.StatusRequestTimeout}
	default:
		return nil, &Problem{Status: http.StatusBadRequest}
	}
}

// interruptOnClose makes reads or writes with that deadline fail once the provider closes. After
// release has returned, the connection has no deadline and can be used again.
func (p *Provider) interruptOnClose(deadline func(time.Time) error) (release func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(p.ctx, func() {
		defer close(done)
		_ = deadline(time.Now()) // a writer without deadlines ends with the client
	})
	return func() {
		if !stop() {
			<-done
		}
		_ = deadline(time.Time{})
	}
}

// ReadAtMost reads a body of at most limit bytes. A larger body is a *http.MaxBytesError,
// returned without reading if Content-Length announces it.
func ReadAtMost(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body := http.MaxBytesReader(w, r.Body, limit)
	if r.ContentLength > limit {
		_ = body.Close()
		return nil, &http.MaxBytesError{Limit: limit}
	}
	return io.ReadAll(body)
}
