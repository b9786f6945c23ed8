package failover_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/failover"
)

// redirects sends the request somewhere else.
func redirects(status int, to func(x *exchange) string) script {
	return func(x *exchange) {
		x.w.Header().Set("Location", to(x))
		x.w.WriteHeader(status)
	}
}

// A redirect to another origin is an error that names it, and nobody there sees the key; nor is a
// POST made a GET.
func TestRedirectsLeadHomeOrNowhere(t *testing.T) {
	t.Parallel()
	elsewhere := func(x *exchange) string { return "http://secondary.test" + x.r.URL.RequestURI() }
	home := func(x *exchange) string { return x.r.URL.RequestURI() }
	for _, row := range []struct {
		status int
		to     func(*exchange) string
		says   string
	}{
		{http.StatusTemporaryRedirect, elsewhere, "it leads to another origin, http://secondary.test"},
		{http.StatusPermanentRedirect, elsewhere, "it leads to another origin, http://secondary.test"},
		{http.StatusMovedPermanently, home, "it makes a GET of the POST"},
		{http.StatusTemporaryRedirect, home, ""},
	} {
		for _, protocol := range failover.Protocols() {
			for _, streamed := range []bool{true, false} {
				meets := func(x *exchange) {
					if text := fmt.Sprint(x.r.Header); strings.Contains(text, "primary") {
						t.Errorf("%s, %d: the next provider has seen %s", protocol, row.status, text)
					}
					answers(x)
				}
				primary := provider{
					name: "primary", protocol: protocol, keys: []string{"key-of-primary"},
					scripts: sequence{redirects(row.status, row.to), answers},
				}
				chain := []provider{primary, openai("secondary", meets)}
				within(t, policy(t, "recommended"), chain, func(l *lab) {
					r := l.ask(l.t.Context(), failover.Request{Prompt: "say hello", Stream: streamed})
					if row.says == "" {
						if r.err != nil || r.raw != "hello from primary" || l.count("primary") != 2 {
							t.Errorf("%s, %d home: got %q, error %v", protocol, row.status, r.raw, r.err)
						}
						return
					}
					if r.err != nil || r.raw != "hello from secondary" || l.count("primary") != 1 ||
						l.count("secondary") != 1 {
						t.Errorf("%s, %d: got %q, error %v, requests %v", protocol, row.status, r.raw, r.err, l.hits)
					}
				})
				if row.says == "" {
					continue
				}
				primary.scripts = primary.scripts[:1]
				within(t, policy(t, "recommended"), []provider{primary}, func(l *lab) {
					f := l.ask(l.t.Context(), failover.Request{Prompt: "say hello", Stream: streamed}).attempts(t)[0]
					if f.Kind != failover.FailureHTTPStatus || f.Status != row.status ||
						!strings.Contains(f.Message, row.says) {
						t.Errorf("%s, %d: got %+v", protocol, row.status, *f)
					}
				})
			}
		}
	}
}
