package protocol_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tmaxmax/go-sse"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// textOf reads the text of one event or of a whole body.
type textOf func(data []byte) (string, error)

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

// fuzzEncoder shows that any text survives, streamed in two pieces and whole. What is not UTF-8 becomes U+FFFD, because
// JSON cannot carry it.
func fuzzEncoder(f *testing.F, p fakeprovider.Protocol, read textOf) {
	f.Helper()
	for _, seed := range []string{"", "a", "Grüße \u65e5 🎉", "\x00\x01\x7f\u2028\u2029", "<b>&\"\\/", "\r\n\n\rdata: x\n\n", "\xff\xfe", "\U0010ffff\ufeff"} {
		f.Add(seed, 1)
	}
	f.Add(strings.Repeat("\u65e5", 1<<20/3), 17)
	f.Fuzz(func(t *testing.T, text string, at int) {
		want := string([]rune(text)) // a U+FFFD for each byte that is not UTF-8
		cut := max(0, min(at, len(text)))
		for cut > 0 && cut < len(text) && !utf8.RuneStart(text[cut]) {
			cut--
		}
		if !utf8.ValidString(text) {
			cut = len(text) // in two pieces its odd bytes could be counted differently
		}
		for _, stream := range []bool{true, false} {
			encoder := p.Encoder(rig.Parsed(t, p, stream))
			var body []byte
			for _, frame := range []fakeprovider.Frame{
				{Kind: fakeprovider.FrameStart},
				{Kind: fakeprovider.FrameText, Text: text[:cut]},
				{Kind: fakeprovider.FrameHeartbeat},
				{Kind: fakeprovider.FrameText, Text: text[cut:]},
				{Kind: fakeprovider.FrameFinish},
				{Kind: fakeprovider.FrameUsage},
				{Kind: fakeprovider.FrameDone},
			} {
				data, err := encoder.Encode(frame)
				if err != nil {
					t.Fatal(err)
				}
				body = append(body, data...)
			}
			got, err := readBack(body, stream, read)
			if err != nil {
				t.Fatalf("stream %t: %v in %.200q", stream, err, body)
			}
			if got != want {
				t.Errorf("stream %t: got %.200q, want %.200q", stream, got, want)
			}
		}
	})
}

func readBack(body []byte, stream bool, read textOf) (string, error) {
	if !stream {
		return read(body)
	}
	var all strings.Builder
	for event, err := range sse.Read(bytes.NewReader(body), &sse.ReadConfig{MaxEventSize: 16 << 20}) {
		if err != nil {
			return "", err
		}
		text, err := read([]byte(event.Data))
		if err != nil {
			return "", err
		}
		all.WriteString(text)
	}
	return all.String(), nil
}

func FuzzOpenAIChat(f *testing.F) { fuzzEncoder(f, protocol.OpenAIChat{}, openAIText) }

func FuzzOpenAIResponses(f *testing.F) {
	fuzzEncoder(f, protocol.OpenAIResponses{}, responsesText)
}

func FuzzOpenRouter(f *testing.F) { fuzzEncoder(f, protocol.OpenRouter{}, openAIText) }

func FuzzAzureOpenAI(f *testing.F) { fuzzEncoder(f, protocol.AzureOpenAI{}, openAIText) }

func FuzzGemini(f *testing.F) { fuzzEncoder(f, protocol.Gemini{}, geminiText) }

func FuzzAnthropicMessages(f *testing.F) {
	fuzzEncoder(f, protocol.AnthropicMessages{}, anthropicText)
}
