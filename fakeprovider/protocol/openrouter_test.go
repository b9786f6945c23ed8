package protocol_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func FuzzOpenRouter(f *testing.F) { fuzzEncoder(f, protocol.OpenRouter{}, readChat()) }

func TestOpenRoutersGoldens(t *testing.T) {
	t.Parallel()
	encoder := protocol.OpenRouter{}.Encoder(rig.Parsed(t, protocol.OpenRouter{}, true))
	for name, f := range map[string]fakeprovider.Frame{
		"stream-error-502": {Kind: fakeprovider.FrameError, Problem: &fakeprovider.Problem{Status: 502}},
		"stream-reasoning": {Kind: fakeprovider.FrameThinking, Text: "Let me see."},
	} {
		data, err := encoder.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		rig.Golden(t, "openrouter/"+name, data)
	}
}
