package fault_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestTLSAlert(t *testing.T) {
	t.Parallel()
	shows(t, fault.TLSAlert{},
		"= handshake: remote error: tls: handshake failure",
		"plain: request: remote error: tls: handshake failure",
	)
	bounds(t, fault.TLSAlert{})
}

func TestTLSAlerts(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, alert := range fault.TLSAlerts() {
		synctest.Test(t, func(t *testing.T) {
			end := rig.VirtualSite(t, fault.TLSAlert{Alert: alert}, protocol.OpenAIChat{}, true).Observe(t).End
			if !strings.HasPrefix(end, "handshake: remote error: tls: ") || seen[end] != "" {
				t.Errorf("%s: %q, as %s", alert, end, seen[end])
			}
			seen[end] = alert
		})
	}
}
