package failover

import (
	"fmt"
	"net/http"
)

// A redirectError is a redirect that is not followed.
type redirectError struct {
	status int
	why    string
}

// Error returns the reason.
func (e *redirectError) Error() string { return "a redirect is not followed: " + e.why }

// maxRedirects is net/http's own bound (https://pkg.go.dev/net/http#Client).
const maxRedirects = 10

// followSameOrigin follows redirects within the first request's origin only. On the way to another
// host net/http drops a key in Authorization, so that a valid key is refused. It would send a key
// in a vendor's own header to any host.
func followSameOrigin(req *http.Request, via []*http.Request) error {
	first := via[0]
	e := &redirectError{}
	if req.Response != nil {
		e.status = req.Response.StatusCode
	}
	switch {
	case req.URL.Scheme != first.URL.Scheme || req.URL.Host != first.URL.Host:
		e.why = fmt.Sprintf("it leads to another origin, %s://%s, where the key is not to go", req.URL.Scheme,
			req.URL.Host)
	case req.Method != first.Method:
		e.why = fmt.Sprintf("it makes a %s of the %s, without the prompt", req.Method, first.Method)
	case len(via) >= maxRedirects:
		e.why = fmt.Sprintf("it is redirect number %d", len(via))
	default:
		return nil
	}
	return e
}
