package fault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Informational sends responses before the response.
type Informational struct {
	// Status is 100, 102 or 103. Default 103, early hints.
	Status int `yaml:"status"`
	// Times is how many there are, up to 1000. Default 1.
	Times int `yaml:"times"`
}

var (
	_ fakeprovider.Overlay   = Informational{}
	_ fakeprovider.Step      = Informational{}
	_ fakeprovider.Validator = Informational{}
)

// Info describes the fault.
func (Informational) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H23"}, Name: "informational", Title: "A 103 comes before the response",
		Why: "RFC 9110 §15.2 lets servers send any number of 1xx first. Clients that stop at the first head take it " +
			"for the response, and the real one for its body.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Skip it, and take the answer that follows.",
		},
		Issues: []string{
			"https://github.com/snoyberg/http-client/issues/521", "https://github.com/golang/go/issues/17739",
		},
		HTTP1: true, Default: Informational{Status: http.StatusEarlyHints, Times: 1},
	}
}

// Validate refuses other statuses, and too many.
func (p Informational) Validate() error {
	return errors.Join(statusAmong("informational", p.Status, 100, 102, 103),
		within("informational", "times", p.Times, 1, 1000))
}

// Script sends interim responses before a healthy answer.
func (p Informational) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p Informational) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sends the interim responses.
func (p Informational) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	for range cmp.Or(p.Times, 1) {
		if err := wire.Write(interim(cmp.Or(p.Status, http.StatusEarlyHints))); err != nil {
			return err
		}
	}
	return nil
}

// interim returns an interim response.
func interim(status int) []byte {
	hints := ""
	if status == http.StatusEarlyHints {
		hints = "Link: </v1/models>; rel=preload\r\n"
	}
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\n%s\r\n", status, http.StatusText(status), hints)
}
