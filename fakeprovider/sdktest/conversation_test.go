package sdktest_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestSDKReadsAConversation(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		for name, c := range rig.Conversations() {
			if rig.CannotSay(p, c.Want) {
				continue
			}
			t.Run(p.Name()+"/"+name, func(t *testing.T) {
				rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
					t.Helper()
					for _, stream := range []bool{true, false} {
						server, client := serve(t, fakeprovider.Options{
							Protocol: p, OnRequest: rig.Script(c.Frames, fakeprovider.Finish{Reason: c.Reason}),
						})
						want := c.Want
						want.In, want.Stop = 2, rig.Stop(p, c.Reason)
						got := askSDK(t.Context(), p, server, client, stream)
						if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(rig.Answer{})); diff != "" {
							t.Errorf("stream %t (-want +got):\n%s", stream, diff)
						}
					}
				})
			})
		}
	}
}
