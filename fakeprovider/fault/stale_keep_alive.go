package fault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// StaleKeepAlive answers on a new connection, and breaks a reused one.
type StaleKeepAlive struct {
	// Idle is how long the connection has to have idled to be stale. Default 0s: each that is used
	// again. Users saw theirs reset after 337 to 355 s
	// (https://github.com/anthropics/claude-code/issues/67091).
	Idle time.Duration `yaml:"idle"`
	// How is reset or cut. Default reset: a server that has closed the connection answers what
	// comes on it like that.
	How fakeprovider.Ending `yaml:"how"`
}

var (
	_ fakeprovider.Fault     = StaleKeepAlive{}
	_ fakeprovider.Step      = StaleKeepAlive{}
	_ fakeprovider.Validator = StaleKeepAlive{}
)

// Info describes the fault.
func (StaleKeepAlive) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C10"}, Name: "stale-keep-alive", Title: "A connection that is used again turns out to be closed",
		Why: "The first call after a pause fails, the next one works, and nothing is wrong with the provider. " +
			"net/http repeats by itself only requests that are idempotent, which a completion is not, unless it has " +
			"an Idempotency-Key.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Retry once at once on a fresh connection, without a fallback or a cooldown.",
		},
		Issues: []string{
			"https://github.com/anthropics/claude-code/issues/67091",
			"https://github.com/anthropics/claude-code/issues/89608",
		},
		Default: StaleKeepAlive{How: fakeprovider.Reset},
	}
}

// Validate refuses a negative time, and endings other than reset and cut.
func (p StaleKeepAlive) Validate() error {
	err := notNegative("stale-keep-alive", "idle", p.Idle)
	if how := cmp.Or(p.How, fakeprovider.Reset); how != fakeprovider.Reset && how != fakeprovider.Cut {
		return errors.Join(err, fmt.Errorf("stale-keep-alive: how is %s, want reset or cut", how))
	}
	return err
}

// Script breaks the connection or answers.
func (p StaleKeepAlive) Script() fakeprovider.Script {
	return append(fakeprovider.Script{p}, fakeprovider.Healthy{}.Script()...)
}

// Play breaks the connection if it is stale.
func (p StaleKeepAlive) Play(_ context.Context, x fakeprovider.Exchange) error {
	if r := x.Asked().Request; !r.Reused || r.Idle < p.Idle {
		return nil
	}
	return x.End(cmp.Or(p.How, fakeprovider.Reset))
}

// Words returns the words that scenario files may use.
func (StaleKeepAlive) Words() map[string][]string {
	return map[string][]string{"how": {fakeprovider.Reset.String(), fakeprovider.Cut.String()}}
}
