package fault_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

// under is what an overlay is laid over where there is nothing else.
func under(o fakeprovider.Overlay) fakeprovider.Fault {
	if b, ok := o.(fakeprovider.Based); ok {
		return b.Base()
	}
	return fakeprovider.Healthy{}
}

// ours says whether a fault is about the stream of events or about what is said in it.
func ours(info fakeprovider.Info) bool {
	for _, id := range info.IDs {
		if id[0] == 'S' || id[0] == 'M' {
			return true
		}
	}
	return false
}

// A damage is a fault as it is laid over an answer, and how it is undone: what undo makes of the body has to be the healthy
// one. It fails the test itself where that cannot be said in bytes.
type damage struct {
	name  string
	fault fakeprovider.Overlay
	undo  func(t *testing.T, got rig.Reply, healthy string) string
}

// damages are all overlays with their defaults, and those whose parameters make others of them.
func damages(t *testing.T) []damage {
	t.Helper()
	var all []damage
	known := undos()
	for _, info := range fault.All() {
		o, ok := info.Default.(fakeprovider.Overlay)
		if !ok || !ours(info) {
			continue
		}
		undo, ok := known[info.Name]
		if !ok {
			t.Errorf("nothing says how %s is undone", info.Name)
			continue
		}
		delete(known, info.Name)
		all = append(all, damage{info.Name, o, undo})
	}
	for name := range known {
		t.Errorf("%s is no overlay", name)
	}
	return append(all,
		damage{"missing-finish, done", fault.MissingFinish{Done: true}, lacks},
		damage{"schema-drift, unknown-field", fault.SchemaDrift{How: fault.DriftUnknownField}, withoutUnknownFields},
		damage{"schema-drift, null-choices", fault.SchemaDrift{How: fault.DriftNullChoices}, withoutNullEvent},
		damage{"duplicated-events, the first", fault.DuplicatedEvents{After: 1}, inserted},
		damage{"cut-in-frame, reset", fault.CutInFrame{How: fakeprovider.Reset}, cutShort},
		damage{"cut-in-frame, in good order", fault.CutInFrame{How: fakeprovider.EOF}, cutShort},
	)
}

// TestOverlaysUnderEveryProtocol lays each overlay over a healthy answer in every protocol, streamed and not, takes the damage away
// again and wants the healthy bytes: no fault knows a protocol, and no protocol knows a fault. Where a protocol cannot have one,
// the run has to be unknown.
func TestOverlaysUnderEveryProtocol(t *testing.T) {
	t.Parallel()
	for _, d := range damages(t) {
		for _, p := range protocol.All() {
			for _, stream := range []bool{true, false} {
				t.Run(d.name+"/"+p.Name()+"/"+map[bool]string{true: "streamed", false: "whole"}[stream], func(t *testing.T) {
					t.Parallel()
					got := rig.ReplyOf(t, p, d.fault, stream)
					if why := fakeprovider.CannotSay(d.fault, p, rig.Parsed(t, p, stream).Request); why != nil {
						wantUnknown(t, got, why)
						return
					}
					healthy := rig.ReplyOf(t, p, under(d.fault), stream)
					if failed := rig.Texts(got.Events, timeline.HarnessFailed); len(failed) > 0 {
						t.Fatalf("the script could not be played: %s", failed)
					}
					if diff := cmp.Diff(healthy.Body, d.undo(t, got, healthy.Body)); diff != "" {
						t.Errorf("undone (-healthy +undone):\n%s", diff)
					}
				})
			}
		}
	}
}

// wantUnknown wants a response that was not given, and the reason on record.
func wantUnknown(t *testing.T, got rig.Reply, why error) {
	t.Helper()
	if !errors.Is(why, fakeprovider.ErrNoSuchFrame) {
		t.Errorf("%v is no ErrNoSuchFrame", why)
	}
	if got.Body != "" || !errors.Is(got.Err, io.EOF) {
		t.Errorf("it was answered all the same: %q, %v", got.Body, got.Err)
	}
	if failed := rig.Texts(got.Events, timeline.HarnessFailed); len(failed) == 0 || !strings.Contains(failed[0], why.Error()) {
		t.Errorf("recorded %q, want %q", failed, why)
	}
}

// TestEveryFaultInEveryProtocol plays whole responses in every protocol, streamed and not, to a client that looks at them for a minute.
func TestEveryFaultInEveryProtocol(t *testing.T) {
	t.Parallel()
	for _, info := range fault.All() {
		if _, overlay := info.Default.(fakeprovider.Overlay); overlay || !ours(info) {
			continue
		}
		for _, p := range protocol.All() {
			for _, stream := range []bool{true, false} {
				t.Run(info.Name+"/"+p.Name()+"/"+map[bool]string{true: "streamed", false: "whole"}[stream], func(t *testing.T) {
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
