package fakeprovider

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

const (
	// maxBody is the largest request that is read: the limit that Anthropic documents, 32 MB.
	maxBody = 32 << 20
	// bodyTimeout is how long a request may take to arrive, in real time. A vendor's edge is no more patient.
	bodyTimeout = time.Minute
)

// readBody reads the whole request. One that is too large is the vendor's 413, one that never comes its 408.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *Problem) {
	rc := http.NewResponseController(w)
	// Not every ResponseWriter has deadlines; without one the read ends with the client.
	_ = rc.SetReadDeadline(time.Now().Add(bodyTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	_ = rc.SetReadDeadline(time.Time{})
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
