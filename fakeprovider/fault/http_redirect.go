package fault

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// redirected marks the address that a redirect leads to, in its query.
const redirected = "redirected"

// ErrNoOtherName reports a provider whose address has no second name: an IP address other than
// 127.0.0.1.
var ErrNoOtherName = errors.New("fakeprovider: the host has no other name")

// ownURL returns the address of the request, as its client wrote it.
func ownURL(r *http.Request) *url.URL {
	u := *r.URL
	u.Scheme, u.Host = "http", r.Host
	if r.TLS != nil {
		u.Scheme = "https"
	}
	return &u
}

// wasRedirected reports whether a redirect led here.
func wasRedirected(r *http.Request) bool { return r.URL.Query().Has(redirected) }

// mark marks an address as the target of a redirect.
func mark(u *url.URL) {
	query := u.Query()
	query.Set(redirected, "1")
	u.RawQuery = query.Encode()
}

// otherName returns another name of the same host, which makes it another origin: localhost for
// 127.0.0.1, else the name with a dot at its end.
func otherName(host string) (string, error) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	rooted, isRooted := strings.CutSuffix(name, ".")
	switch {
	case name == "127.0.0.1":
		name = "localhost"
	case net.ParseIP(name) != nil:
		return "", fmt.Errorf("%w: %s", ErrNoOtherName, name)
	case isRooted:
		name = rooted
	default:
		name += "."
	}
	if port == "" {
		return name, nil
	}
	return net.JoinHostPort(name, port), nil
}

// redirect sends the client elsewhere, with nginx's page.
func redirect(x fakeprovider.Exchange, status int, to *url.URL) error {
	page := sse.ErrorPage(status, "nginx")
	h := http.Header{
		"Location": {to.String()}, "Content-Type": {"text/html"}, "Content-Length": {strconv.Itoa(len(page))},
	}
	if err := x.Head(status, h); err != nil {
		return err
	}
	return x.Bytes(page)
}
