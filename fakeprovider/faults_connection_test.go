package fakeprovider_test

import "testing"

// connectionFaults are the rows C1 to C17.
var connectionFaults = map[string][]string{
	"refused": {"= dial: connect: connection refused", "plain: request: connect: connection refused"},
}

// observeFrames is a client that knows no more of HTTP/2 than its frames.
func (s *site) observeFrames(t *testing.T) observation {
	t.Helper()
	t.Fatal("no fault needs HTTP/2 yet")
	return observation{}
}
