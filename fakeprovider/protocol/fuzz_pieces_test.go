package protocol_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// pieceOf reads what an event of any protocol carries besides text.
func pieceOf(data []byte) (string, error) {
	if string(data) == "[DONE]" {
		return "", nil
	}
	var in struct {
		Type    string `json:"type"`
		Choices []struct {
			Delta struct {
				Refusal   string `json:"refusal"`
				Reasoning string `json:"reasoning"`
				ToolCalls []struct {
					Function struct {
						Arguments string `json:"arguments"`
					} `json:"function"`
				} `json:"tool_calls"`
			} `json:"delta"`
		} `json:"choices"`
		Candidates []struct {
			Content struct {
				Parts []struct {
					Text string `json:"text"`
				} `json:"parts"`
			} `json:"content"`
		} `json:"candidates"`
		Delta json.RawMessage `json:"delta"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return "", err
	}
	if len(in.Choices) > 0 {
		delta := in.Choices[0].Delta
		if len(delta.ToolCalls) > 0 {
			return delta.ToolCalls[0].Function.Arguments, nil
		}
		return delta.Refusal + delta.Reasoning, nil
	}
	if len(in.Candidates) > 0 && len(in.Candidates[0].Content.Parts) > 0 {
		return in.Candidates[0].Content.Parts[0].Text, nil
	}
	if in.Delta == nil {
		return "", nil
	}
	if strings.HasPrefix(in.Type, "response.") {
		var piece string
		err := json.Unmarshal(in.Delta, &piece)
		return piece, err
	}
	var block struct {
		Thinking    string `json:"thinking"`
		PartialJSON string `json:"partial_json"`
		StopDetails struct {
			Explanation string `json:"explanation"`
		} `json:"stop_details"`
	}
	err := json.Unmarshal(in.Delta, &block)
	return block.Thinking + block.PartialJSON + block.StopDetails.Explanation, err
}

// FuzzPieces shows that reasoning, refusals and arguments survive too, and that no response which is not streamed is
// anything but JSON.
func FuzzPieces(f *testing.F) {
	for _, seed := range []string{"", "a", `{"city":"Łódź"}`, "\x00\u2028<&>", "\r\n\n\rdata: x\n\n", "\xff\xfe", `"\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := string([]rune(s)) // a U+FFFD for each byte that is not UTF-8
		for _, p := range protocol.All() {
			for _, frame := range []fakeprovider.Frame{rig.Thinking(s), rig.Refusal(s), rig.Call(fakeprovider.ToolCall{Name: s, ArgumentsPiece: s})} {
				if frame.Kind == fakeprovider.FrameThinking && rig.CannotThink()[p.Name()] || frame.Kind == fakeprovider.FrameRefusal && rig.CannotRefuse()[p.Name()] {
					continue
				}
				if frame.Kind == fakeprovider.FrameToolCall && s == "" {
					continue // a call without a name does not begin
				}
				for _, stream := range []bool{true, false} {
					encoder := p.Encoder(rig.Parsed(t, p, stream))
					body, err := encoder.Encode(frame)
					if err != nil {
						t.Fatal(err)
					}
					end, err := encoder.Encode(fakeprovider.Frame{Kind: fakeprovider.FrameFinish})
					switch {
					case err != nil && (stream || frame.Kind != fakeprovider.FrameToolCall || json.Valid([]byte(s))):
						t.Fatal(err)
					case !stream:
						if err == nil && !json.Valid(end) {
							t.Errorf("%s: %s is not JSON: %q", p.Name(), frame.Kind, end)
						}
						continue
					}
					if frame.Kind == fakeprovider.FrameToolCall && p.Name() == "gemini" {
						continue // which sends arguments that are no object as the reason of a malformed call
					}
					got, err := readBack(append(body, end...), true, pieceOf)
					if err != nil || got != want {
						t.Errorf("%s: %s is %q, want %q (%v)", p.Name(), frame.Kind, got, want, err)
					}
				}
			}
		}
	})
}
