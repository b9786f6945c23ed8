package fault_test

import (
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

// ours reports whether a fault is about the stream of events or about what is said in it.
func ours(info fakeprovider.Info) bool {
	return slices.ContainsFunc(info.IDs, func(id string) bool { return id[0] == 'S' || id[0] == 'M' })
}

// TestEveryFaultInEveryProtocol plays whole responses in every protocol, streamed and not, to a
// client that looks at them for a minute.
func TestEveryFaultInEveryProtocol(t *testing.T) {
	t.Parallel()
	for _, info := range fault.All() {
		if _, overlay := info.Default.(fakeprovider.Overlay); overlay || !ours(info) {
			continue
		}
		for _, p := range protocol.All() {
			for _, stream := range []bool{true, false} {
				t.Run(info.Name+"/"+p.Name()+"/"+map[bool]string{true: "streamed", false: "whole"}[stream],
					func(t *testing.T) {
						t.Parallel()
						var o rig.Observation
						var events []timeline.Event
						synctest.Test(t, func(t *testing.T) {
							s := rig.VirtualSite(t, info.Default, p, stream)
							o = s.Observe(t)
							events = s.Recorder().Events()
						})
						failed := rig.Texts(events, timeline.HarnessFailed)
						why := fakeprovider.CannotSay(info.Default, p, rig.Parsed(t, p, stream).Request)
						switch {
						case why == nil && len(failed) > 0:
							t.Errorf("it could not be played, and CannotSay did not say so: %s", failed)
						case why == nil && len(o.Arrivals) == 0 && stream: // a body may well be late
							t.Error("nothing arrived")
						case why != nil && (len(failed) == 0 || !strings.Contains(failed[0], why.Error())):
							t.Errorf("recorded %q, want %q", failed, why)
						case why != nil && len(o.Arrivals) > 0:
							t.Errorf("it was answered all the same: %s", o.Text(false))
						}
					})
			}
		}
	}
}
