package fakeprovider

import (
	"context"
	"fmt"
	"strings"
)

// End ends the exchange.
type End struct {
	// How is eof, cut, reset or hang. Required.
	How Ending `yaml:"how"`
}

var (
	_ Step      = End{}
	_ Validator = End{}
)

// Validate refuses an ending that does not exist.
func (s End) Validate() error {
	if s.How < EOF || s.How > Hang {
		return fmt.Errorf("end: how is not one of %s", strings.Join(EndingNames(), ", "))
	}
	return nil
}

// Play ends the exchange.
func (s End) Play(_ context.Context, x Exchange) error {
	return x.End(s.How)
}
