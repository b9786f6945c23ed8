package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestTLSBadRecord(t *testing.T) {
	t.Parallel()
	shows(t, fault.TLSBadRecord{},
		"200 OK",
		`"content":" five-primary"`,
		"= read: local error: tls: bad record MAC",
		"then read: local error: tls: bad record MAC",
	)
	bounds(t, fault.TLSBadRecord{})
}
