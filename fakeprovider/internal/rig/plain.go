package rig

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Plain returns what net/http makes of the fault: the redirects that it follows, the status, the
// length of the body, trailers, and errors.
func (s *Site) Plain(t *testing.T) string {
	t.Helper()
	client, closeIdle := s.Client()
	defer closeIdle()
	ctx, cancel := context.WithTimeout(t.Context(), s.real(s.Look))
	defer cancel()
	for range s.requests() - 1 {
		_, body, err := Exchange(t, client, s.Request(t).WithContext(ctx)) //nolint:bodyclose // Exchange has closed it
		if err != nil || !strings.Contains(body, "[DONE]") {
			t.Fatalf("a request before the last: %v, %q", err, body)
		}
	}
	hops := &hopping{RoundTripper: client.Transport}
	client.Transport = hops
	resp, err := client.Do(s.Request(t).WithContext(ctx))
	followed := s.nameless(hops.text())
	if err != nil {
		return followed + s.said("request", err)
	}
	defer func() { _ = resp.Body.Close() }()
	n, err := io.Copy(io.Discard, resp.Body)
	switch {
	case err == nil:
		return fmt.Sprintf("%s%s, %d bytes of body, whole%s", followed, resp.Status, n, trailers(resp))
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("%s%s, a body that does not end", followed, resp.Status)
	}
	return fmt.Sprintf("%s%s, %d bytes of body, then %s", followed, resp.Status, n, s.said("read", err))
}

// trailers returns those of a response that was read to its end.
func trailers(resp *http.Response) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(resp.Trailer)) {
		text.WriteString(", " + name + ": " + resp.Trailer.Get(name))
	}
	return text.String()
}

// hopping records the redirects that a client follows.
type hopping struct {
	http.RoundTripper

	hops []string
}

// RoundTrip records where a redirect leads to, and what got lost on the way.
func (h *hopping) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Response != nil {
		hop := fmt.Sprintf("%d to %s %s", r.Response.StatusCode, r.Method, r.URL)
		if r.Header.Get("Authorization") == "" {
			hop += " without Authorization"
		}
		h.hops = append(h.hops, hop)
	}
	return h.RoundTripper.RoundTrip(r)
}

// text returns the first redirect, and how many there are.
func (h *hopping) text() string {
	switch len(h.hops) {
	case 0:
		return ""
	case 1:
		return h.hops[0] + "; "
	}
	return fmt.Sprintf("%s, the first of %d; ", h.hops[0], len(h.hops))
}
