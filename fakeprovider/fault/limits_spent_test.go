package fault_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestLimitsSpent(t *testing.T) {
	t.Parallel()
	shows(t, fault.LimitsSpent{},
		`| x-ratelimit-remaining-requests: 0\r\n`,
		`| x-ratelimit-remaining-tokens: 0\r\n`,
		"plain: 200 OK",
	)
	bounds(t, fault.LimitsSpent{}, "RetryAfter")
	also(t, fault.LimitsSpent{RetryAfter: "33"}, "HTTP/1.1 200 ", `Retry-After: 33\r\n`, `remaining-tokens: 0\r\n`,
		"data: [DONE]")
	undoesRaw(t, fault.LimitsSpent{}, wholeBody)
}

// TestLimitsSpentLeavesNothing wants no header of the vendor's that says that something remains.
func TestLimitsSpentLeavesNothing(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for _, p := range protocol.All() {
		resp, _, err := response(t, rawOf(t, fault.LimitsSpent{}, p, true))
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range resp.Header {
			if !strings.Contains(name, "Remaining") {
				continue
			}
			found[p.Name()]++
			if values[0] != "0" {
				t.Errorf("%s: %s: %s", p.Name(), name, values[0])
			}
		}
	}
	for _, name := range []string{"openai-chat", "openai-responses", "anthropic-messages", "azure-openai"} {
		if found[name] == 0 {
			t.Errorf("%s says nothing of what remains", name)
		}
	}
}
