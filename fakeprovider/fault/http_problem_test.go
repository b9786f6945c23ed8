package fault_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// standsAlone wants the header of a fault and no other that speaks of a wait, whatever the vendor
// sends by itself.
func standsAlone(t *testing.T, fault fakeprovider.Fault, want string) {
	t.Helper()
	for _, p := range protocol.All() {
		t.Run(want+" "+p.Name(), func(t *testing.T) {
			t.Parallel()
			var got []string
			for line := range strings.Lines(asking{}.seenOf(t, fault, p)) {
				if line = strings.TrimPrefix(line, "| "); strings.HasPrefix(strings.ToLower(line), "retry-after") {
					got = append(got, strings.TrimSuffix(line, `\r\n`+"\n"))
				}
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("got %q", got)
			}
		})
	}
}
