package protocol_test

import (
	"encoding/json"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func FuzzOpenAIChat(f *testing.F) { fuzzEncoder(f, protocol.OpenAIChat{}, readChat()) }

// readChat reads Chat Completions, in any of its forms.
func readChat() reading { return reading{text: openAIText, piece: openAIPiece} }

func openAIPiece(data []byte) (string, error) {
	if string(data) == "[DONE]" {
		return "", nil
	}
	var in struct {
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
	}
	err := json.Unmarshal(data, &in)
	if err != nil || len(in.Choices) == 0 {
		return "", err
	}
	delta := in.Choices[0].Delta
	if len(delta.ToolCalls) > 0 {
		return delta.ToolCalls[0].Function.Arguments, nil
	}
	return delta.Refusal + delta.Reasoning, nil
}

func openAIText(data []byte) (string, error) {
	if string(data) == "[DONE]" {
		return "", nil
	}
	var in struct {
		Choices []struct {
			Delta struct {
				Content string `json:"content"`
			} `json:"delta"`
			Message struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
	}
	err := json.Unmarshal(data, &in)
	if len(in.Choices) == 0 {
		return "", err
	}
	return in.Choices[0].Delta.Content + in.Choices[0].Message.Content, err
}
