package fakeprovider

import (
	"context"
	"fmt"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// Respond sends status and headers at once. A script that does not begin with it sends a 200 and
// the vendor's headers together with its first frame.
type Respond struct {
	// Status is 200 to 599. Default 200.
	Status int `yaml:"status"`
	// Headers replace the vendor's, whatever their case. An empty value removes one.
	Headers map[string]string `yaml:"headers"`
}

var (
	_ Step      = Respond{}
	_ Validator = Respond{}
)

// Validate refuses a status that does not end a response, and headers that HTTP does not have.
func (s Respond) Validate() error {
	if s.Status != 0 && (s.Status < 200 || s.Status > 599) {
		return fmt.Errorf("respond: status is %d, want 200 to 599", s.Status)
	}
	return checkHeaders("respond", s.Headers)
}

// Play sends the head.
func (s Respond) Play(_ context.Context, x Exchange) error {
	status := s.Status
	if status == 0 {
		status = http.StatusOK
	}
	return x.Head(status, sse.Header(s.Headers))
}
