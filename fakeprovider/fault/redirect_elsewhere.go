package fault

import (
	"cmp"
	"context"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RedirectElsewhere redirects the request to another origin: the same provider by another name,
// localhost for 127.0.0.1, else the host with a dot at its end. There it is answered, if the
// credentials come along.
type RedirectElsewhere struct {
	// Status is 301, 302, 307 or 308; with the first two most clients go on with a GET. Default
	// 307.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = RedirectElsewhere{}
	_ fakeprovider.Step      = RedirectElsewhere{}
	_ fakeprovider.Validator = RedirectElsewhere{}
)

// Info describes the fault.
func (RedirectElsewhere) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H19"}, Name: "redirect-elsewhere",
		Title: "A redirect leads to another origin, and the credentials stay behind",
		Why: "HTTP clients drop Authorization on the way to another host, and say nothing: what comes back is a 401 " +
			"for a key that is right. A key in a header of the vendor's own goes along, to whoever is at the " +
			"other end.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Lose no credential silently: name the redirect in an error, or ask the next provider.",
		},
		Issues: []string{
			"https://github.com/tiylabs/tiygate/issues/26", "https://github.com/pgadmin-org/pgadmin4/issues/10420",
			"https://github.com/AnswerDotAI/fastcore/pull/779",
		},
		Default: RedirectElsewhere{Status: http.StatusTemporaryRedirect},
	}
}

// Validate refuses other statuses.
func (p RedirectElsewhere) Validate() error {
	return statusAmong("redirect-elsewhere", p.Status, 301, 302, 307, 308)
}

// Script returns the fault itself, as a step, because the target depends on the address that the
// client used.
func (p RedirectElsewhere) Script() fakeprovider.Script { return fakeprovider.Script{p} }

// Play redirects the client, or answers one that it has redirected.
func (p RedirectElsewhere) Play(ctx context.Context, x fakeprovider.Exchange) error {
	if wasRedirected(x.Asked().HTTP) {
		return fakeprovider.Healthy{}.Script().Play(ctx, x)
	}
	to := ownURL(x.Asked().HTTP)
	var err error
	if to.Host, err = otherName(to.Host); err != nil {
		return err
	}
	mark(to)
	return redirect(x, cmp.Or(p.Status, http.StatusTemporaryRedirect), to)
}
