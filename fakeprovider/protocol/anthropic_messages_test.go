package protocol_test

import (
	"encoding/json"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func FuzzAnthropicMessages(f *testing.F) {
	fuzzEncoder(f, protocol.AnthropicMessages{}, reading{text: anthropicText, piece: anthropicPiece})
}

func anthropicPiece(data []byte) (string, error) {
	var in struct {
		Delta struct {
			Thinking    string `json:"thinking"`
			PartialJSON string `json:"partial_json"`
			StopDetails struct {
				Explanation string `json:"explanation"`
			} `json:"stop_details"`
		} `json:"delta"`
	}
	err := json.Unmarshal(data, &in)
	return in.Delta.Thinking + in.Delta.PartialJSON + in.Delta.StopDetails.Explanation, err
}

func anthropicText(data []byte) (string, error) {
	var in struct {
		Delta struct {
			Text string `json:"text"`
		} `json:"delta"`
		Content []struct {
			Text string `json:"text"`
		} `json:"content"`
	}
	err := json.Unmarshal(data, &in)
	if len(in.Content) > 0 {
		return in.Content[0].Text, err
	}
	return in.Delta.Text, err
}

func TestGoldenOverload(t *testing.T) {
	t.Parallel()
	encoder := protocol.AnthropicMessages{}.Encoder(rig.Parsed(t, protocol.AnthropicMessages{}, true))
	data, err := encoder.Encode(fakeprovider.Frame{
		Kind: fakeprovider.FrameError, Problem: &fakeprovider.Problem{Status: 529},
	})
	if err != nil {
		t.Fatal(err)
	}
	rig.Golden(t, "anthropic-messages/error-event-529", data)
}

// TestAnthropicsRecordedLength compares with a recording's Content-Length, which only the right
// spaces yield.
func TestAnthropicsRecordedLength(t *testing.T) {
	t.Parallel()
	m := rig.Meta(false)
	m.Request.Model = "claude-does-not-exist"
	got := protocol.AnthropicMessages{}.Problem(fakeprovider.Problem{Status: 404}, m)
	if len(got.Body) != 136 {
		t.Errorf("Anthropic's 404 has %d bytes, want 136: %s", len(got.Body), got.Body)
	}
}
