package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

func TestMalformedJSON(t *testing.T) {
	t.Parallel()
	shows(t, fault.MalformedJSON{},
		`{"content":" three-primary"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"Z33yKRNRVfIbC6"\n`,
	)
	bounds(t, fault.MalformedJSON{})
	undoes(t, fault.MalformedJSON{}, withBrace)
}

// withBrace puts the brace back.
func withBrace(_ *testing.T, got rig.Reply, healthy string) string {
	at := shared(got.Body, healthy)
	return got.Body[:at] + "}" + got.Body[at:]
}
