package protocol_test

import (
	"encoding/json"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

// checkPieces checks that reasoning, refusals and arguments survive too, and that a response that
// is not streamed is JSON whatever it carries.
func checkPieces(t *testing.T, p fakeprovider.Protocol, stream bool, s string, read reading) {
	t.Helper()
	want := string([]rune(s)) // a U+FFFD for each byte that is not UTF-8
	for _, frame := range []fakeprovider.Frame{
		rig.Thinking(s), rig.Refusal(s), rig.Call(fakeprovider.ToolCall{Name: s, ArgumentsPiece: s}),
	} {
		call := frame.Kind == fakeprovider.FrameToolCall
		if p.About().Cannot(frame.Kind) || call && s == "" { // a call without a name does not begin
			continue
		}
		encoder := p.Encoder(rig.Parsed(t, p, stream))
		body, err := encoder.Encode(frame)
		if err != nil {
			t.Fatal(err)
		}
		end, err := encoder.Encode(fakeprovider.Frame{Kind: fakeprovider.FrameFinish})
		switch {
		case err != nil && (stream || !call || json.Valid([]byte(s))):
			t.Fatal(err)
		case !stream:
			if err == nil && !json.Valid(end) {
				t.Errorf("%s is not JSON: %q", frame.Kind, end)
			}
			continue
		case call && read.objects:
			continue
		}
		got, err := readBack(append(body, end...), true, read.piece)
		if err != nil || got != want {
			t.Errorf("%s is %q, want %q (%v)", frame.Kind, got, want, err)
		}
	}
}
