package sdktest_test

import (
	"testing"
	"testing/synctest"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/timeline"
)

// The timeline does not depend on whether the provider notices that the client hung up after the
// terminal frame, as clients do.
func TestAClientThatHangsUpAtTheEndWasAnswered(t *testing.T) {
	t.Parallel()
	for range 300 {
		synctest.Test(t, func(t *testing.T) {
			server, client := rig.ServeInMemory(t, fakeprovider.Options{Name: "primary"})
			if got := askOpenAI(t.Context(), openAIClient(server, client), true); got.Err != nil {
				t.Fatal(got.Err)
			}
			synctest.Wait()
			if got := rig.LastKind(server); got != timeline.ResponseEnded {
				t.Fatalf("the lane ends with %s", got)
			}
		})
	}
}
