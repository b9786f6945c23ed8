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
	// maxBody is the largest request that is read: the limit that Anthropic documents, 32 MB.
	MaxBody = 32 << 20
	// bodyTimeout is how long a request may take to arrive, in real time. A vendor's edge is no more patient.
	bodyTimeout = time.Minute
)

// readBody reads the whole request. One that is too large is the vendor's 413, one that never comes its 408.
func (p *Provider) readBody(w http.ResponseWriter, r *http.Request) ([]byte, *Problem) {
	rc := http.NewResponseController(w)
	// Not every ResponseWriter has deadlines; without one the read ends with the client.
	_ = rc.SetReadDeadline(time.Now().Add(bodyTimeout))
	// Nor does a provider that closes wait for the rest of it.
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

// cutShort makes what waits for a connection give up when the provider closes. The connection may be used again, with
// no deadline, once release has returned.
func (p *Provider) interruptOnClose(deadline func(time.Time) error) (release func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(p.ctx, func() {
		defer close(done)
		_ = deadline(time.Now()) // without deadlines it ends with the client
	})
	return func() {
		if !stop() {
			<-done
		}
		_ = deadline(time.Time{})
	}
}

// readAtMost reads a body of at most limit bytes; a larger one is a *http.MaxBytesError, at once where its length was announced.
func ReadAtMost(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body := http.MaxBytesReader(w, r.Body, limit)
	if r.ContentLength > limit {
		_ = body.Close()
		return nil, &http.MaxBytesError{Limit: limit}
	}
	return io.ReadAll(body)
}
