package protocol_test

import (
	"encoding/json"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func FuzzOpenAIResponses(f *testing.F) {
	fuzzEncoder(f, protocol.OpenAIResponses{}, reading{text: responsesText, piece: responsesPiece})
}

func responsesPiece(data []byte) (string, error) {
	var in struct {
		Delta string `json:"delta"`
	}
	err := json.Unmarshal(data, &in)
	return in.Delta, err
}

func responsesText(data []byte) (string, error) {
	var in struct {
		Type   string `json:"type"`
		Delta  string `json:"delta"`
		Output []struct {
			Content []struct {
				Text string `json:"text"`
			} `json:"content"`
		} `json:"output"`
	}
	err := json.Unmarshal(data, &in)
	switch {
	case in.Type == "response.output_text.delta":
		return in.Delta, err
	case len(in.Output) > 0 && len(in.Output[0].Content) > 0:
		return in.Output[0].Content[0].Text, err
	}
	return "", err
}

func TestGoldenShapes(t *testing.T) {
	t.Parallel()
	problems := []fakeprovider.Problem{
		{Status: 500},
		{Status: 429, Code: "insufficient_quota"},
		{Status: 429, Header: map[string][]string{"Retry-After": {"33"}}},
		{Status: 400, Code: "context_length_exceeded"},
	}
	p := protocol.OpenAIResponses{}
	for _, shape := range fakeprovider.Shapes() {
		var got []byte
		for _, problem := range problems {
			problem.Shape = shape
			encoder := p.Encoder(rig.Parsed(t, p, true))
			for _, f := range (rig.Frames{
				{Kind: fakeprovider.FrameStart}, {Kind: fakeprovider.FrameError, Problem: &problem},
			}) {
				data, err := encoder.Encode(f)
				if err != nil {
					t.Fatal(err)
				}
				if f.Kind == fakeprovider.FrameError {
					got = append(got, data...)
				}
			}
		}
		rig.Golden(t, p.Name()+"/error-event-"+shape, got)
	}
}

// TestOpenAIResponsesRecordedLength compares with a recording's Content-Length, which only the
// right indentation yields.
func TestOpenAIResponsesRecordedLength(t *testing.T) {
	t.Parallel()
	got := protocol.OpenAIResponses{}.Problem(fakeprovider.Problem{Status: 400}, rig.Meta(false))
	if len(got.Body) != 236 {
		t.Errorf("OpenAI's 400 at Responses has %d bytes, want 236: %s", len(got.Body), got.Body)
	}
}
