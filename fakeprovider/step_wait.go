package fakeprovider

import (
	"context"
	"fmt"
	"time"
)

// Wait lets scenario time pass and sends nothing.
type Wait struct {
	// For is the time to wait, 0 or more.
	For time.Duration `yaml:"for"`
}

var (
	_ Step      = Wait{}
	_ Validator = Wait{}
)

// Validate refuses a negative time.
func (s Wait) Validate() error {
	if s.For < 0 {
		return fmt.Errorf("wait: %s is negative", s.For)
	}
	return nil
}

// Play waits.
func (s Wait) Play(ctx context.Context, x Exchange) error {
	return x.Wait(ctx, s.For)
}
