package fault

import (
	"cmp"
	"context"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RedirectLoop redirects every request to its own address.
type RedirectLoop struct {
	// Status is 301, 302, 307 or 308; with the first two most clients go on with a GET, which the
	// vendor refuses. Default 307.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RedirectLoop{}
	_ fakeprovider.Step      = RedirectLoop{}
	_ fakeprovider.Validator = RedirectLoop{}
)

// Info describes the fault.
func (RedirectLoop) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H19"}, Name: "redirect-loop", Title: "A redirect leads to itself",
		Why: "Each hop sends the whole prompt again; net/http stops after ten, others never. Retries multiply it.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Return an error after a few hops: do not retry, and ask the next provider.",
		},
		Issues: []string{
			"https://github.com/LLM-Red-Team/kimi-free-api/issues/49", "https://github.com/Kong/insomnia/issues/414",
		},
		Default: RedirectLoop{Status: http.StatusTemporaryRedirect},
	}
}

// Validate refuses other statuses.
func (p RedirectLoop) Validate() error {
	return statusAmong("redirect-loop", p.Status, 301, 302, 307, 308)
}

// Script returns the fault itself, as a step, because the target depends on the address that the
// client used.
func (p RedirectLoop) Script() fakeprovider.Script { return fakeprovider.Script{p} }

// Play redirects.
func (p RedirectLoop) Play(_ context.Context, x fakeprovider.Exchange) error {
	return redirect(x, cmp.Or(p.Status, http.StatusTemporaryRedirect), ownURL(x.Asked().HTTP))
}
