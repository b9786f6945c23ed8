package targets

import (
	"errors"

	"github.com/chaosrun/chaosrun/harness"
)

// A pool starts the engines of one variant.
type pool struct {
	target   *Target
	label    string
	settings map[string]string
	options  Options
}

// build is the Factory of the variant.
func (p *pool) build(lab harness.Lab) harness.Target {
	if reason := p.target.express(lab.Upstreams()); reason != "" {
		return harness.Skip{Reason: reason}
	}
	return harness.CannotLook{Reason: errors.New("not implemented").Error()}
}

// version returns the version of the engine, "" if it cannot be found out.
func (p *pool) version() string { return "" }
