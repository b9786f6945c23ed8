package fault

import (
	"cmp"
	"context"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RedirectDowngrade redirects with a status after which most clients send a GET without the
// prompt. The vendor refuses the GET, and answers a client that repeats its POST.
type RedirectDowngrade struct {
	// Status is 301, 302 or 303. Default 301.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RedirectDowngrade{}
	_ fakeprovider.Step      = RedirectDowngrade{}
	_ fakeprovider.Validator = RedirectDowngrade{}
)

// Info describes the fault.
func (RedirectDowngrade) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H19"}, Name: "redirect-downgrade", Title: "A redirect turns the POST into a GET",
		Why: "RFC 9110 §15.4.2 lets clients do it and nearly all do: the prompt is gone and the vendor answers 405 " +
			"or 404, which sends its reader looking for a wrong path.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Name the redirect in an error, and ask the next provider.",
		},
		Issues: []string{
			"https://github.com/psf/requests/issues/5494", "https://github.com/reactiveui/refit/issues/1620",
		},
		Default: RedirectDowngrade{Status: http.StatusMovedPermanently},
	}
}

// Validate refuses other statuses.
func (p RedirectDowngrade) Validate() error {
	return statusAmong("redirect-downgrade", p.Status, 301, 302, 303)
}

// Script returns the fault itself, as a step, because the target depends on the address that the
// client used.
func (p RedirectDowngrade) Script() fakeprovider.Script { return fakeprovider.Script{p} }

// Play redirects the client, or answers one that it has redirected.
func (p RedirectDowngrade) Play(ctx context.Context, x fakeprovider.Exchange) error {
	if wasRedirected(x.Asked().HTTP) {
		return fakeprovider.Healthy{}.Script().Play(ctx, x)
	}
	to := ownURL(x.Asked().HTTP)
	mark(to)
	return redirect(x, cmp.Or(p.Status, http.StatusMovedPermanently), to)
}
