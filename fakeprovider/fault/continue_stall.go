package fault

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ContinueStall sends 1xx responses without end, and never the response.
type ContinueStall struct {
	// Every is the time between them, the first being sent at once. Default 10s.
	Every time.Duration `yaml:"every"`
	// Status is 100, 102 or 103. Default 100.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = ContinueStall{}
	_ fakeprovider.Paced     = ContinueStall{}
	_ fakeprovider.Step      = ContinueStall{}
	_ fakeprovider.Validator = ContinueStall{}
)

// Info describes the fault.
func (ContinueStall) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H23"}, Name: "continue-stall", Title: "100 Continue again and again, and never a response",
		Why: "Each of them is a head in good order, so a read timeout never fires, and clients read them in a loop " +
			"without end.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline for the final headers that no 1xx moves, then ask the next provider.",
		},
		Issues: []string{"https://github.com/ruby/net-http/pull/319", "https://github.com/golang/go/issues/65035"},
		HTTP1:  true, Default: ContinueStall{Every: defaultHeartbeat, Status: http.StatusContinue},
	}
}

// Validate refuses a negative time and other statuses.
func (p ContinueStall) Validate() error {
	return errors.Join(notNegative("continue-stall", "every", p.Every),
		statusAmong("continue-stall", p.Status, 100, 102, 103))
}

// Pace returns the pause between responses.
func (p ContinueStall) Pace() time.Duration { return cmp.Or(p.Every, defaultHeartbeat) }

// WithPace returns the fault with pauses of d at most.
func (p ContinueStall) WithPace(d time.Duration) fakeprovider.Fault {
	p.Every = min(p.Pace(), d)
	return p
}

// Script returns the fault itself, as a step.
func (p ContinueStall) Script() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sends 1xx responses until the client goes away.
func (p ContinueStall) Play(ctx context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	for {
		if err := wire.Write(interim(cmp.Or(p.Status, http.StatusContinue))); err != nil {
			return err
		}
		if err := x.Wait(ctx, cmp.Or(p.Every, defaultHeartbeat)); err != nil {
			return err
		}
	}
}
