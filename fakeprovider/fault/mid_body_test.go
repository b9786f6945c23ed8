package fault_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestResetMidBody(t *testing.T) {
	t.Parallel()
	shows(t, fault.ResetMidBody{},
		`"content":" five-primary"`,
		"= read: read: connection reset by peer",
		"plain: 200 OK",
		"then read: read: connection reset by peer",
	)
	bounds(t, fault.ResetMidBody{})
}

func TestEarlyEnd(t *testing.T) {
	t.Parallel()
	shows(t, fault.EarlyEnd{}, `"content":" five-primary"`, "| 0\\r\\n\n| \\r\\n", "plain: 200 OK", "whole")
	bounds(t, fault.EarlyEnd{})
}

// What breaks off in the middle of a body that is not streamed sends half of it, and has not
// declared it complete.
func TestHalfOfAWholeBody(t *testing.T) {
	t.Parallel()
	for _, protocol := range protocol.All() {
		synctest.Test(t, func(t *testing.T) {
			whole := rig.VirtualSite(t, fakeprovider.Healthy{}, protocol, false).Observe(t).BytesRead()
			_, whole, _ = bytes.Cut(whole, []byte("\r\n\r\n"))
			for _, fault := range []fakeprovider.Fault{fault.EarlyEnd{}, fault.ResetMidBody{}} {
				s := rig.VirtualSiteOf(t, fakeprovider.Options{
					Name: "primary", Protocol: protocol, OnRequest: []fakeprovider.Fault{fault}, Seed: 1,
					FixedIDs: true,
				})
				s.Stream = false
				client, closeIdle := s.Client()
				resp, body, err := rig.Exchange(t, client, s.Request(t))
				closeIdle()
				if resp == nil || !strings.Contains(string(whole), body) || len(body) == 0 ||
					len(body) > len(whole)*2/3 {
					t.Errorf("%s, %T: %v, %d of %d bytes", protocol.Name(), fault, err, len(body), len(whole))
				}
				kinds := rig.Lane(s.Recorder().Events(), timeline.ProviderLane("primary", 1, 1))
				if slices.Contains(kinds, timeline.FinishSent) {
					t.Errorf("%s, %T: half of an answer counts as finished: %v", protocol.Name(), fault, kinds)
				}
				s.Close()
			}
		})
	}
}
