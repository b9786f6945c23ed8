package fakeprovider_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tmaxmax/go-sse"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// textOf reads the text of one event or of a whole body.
type textOf func(data []byte) (string, error)

func openAIText(data []byte) (string, error) {
	if string(data) == "[DONE]" {
		return "", nil
	}
	var in struct {
		Choices []struct{ Delta, Message struct{ Content string } }
	}
	err := json.Unmarshal(data, &in)
	if len(in.Choices) == 0 {
		return "", err
	}
	return in.Choices[0].Delta.Content + in.Choices[0].Message.Content, err
}

func anthropicText(data []byte) (string, error) {
	var in struct {
		Delta   struct{ Text string }
		Content []struct{ Text string }
	}
	err := json.Unmarshal(data, &in)
	if len(in.Content) > 0 {
		return in.Content[0].Text, err
	}
	return in.Delta.Text, err
}

// fuzzEncoder shows that any text survives, streamed in two pieces and whole. What is not UTF-8 becomes U+FFFD, because
// JSON cannot carry it.
func fuzzEncoder(f *testing.F, p fakeprovider.Protocol, read textOf) {
	f.Helper()
	for _, seed := range []string{"", "a", "Grüße 世界 🎉", "\x00\x01\x7f\u2028\u2029", "<b>&\"\\/", "\r\n\n\rdata: x\n\n", "\xff\xfe", "\U0010ffff\ufeff"} {
		f.Add(seed, 1)
	}
	f.Add(strings.Repeat("世", 1<<20/3), 17)
	f.Fuzz(func(t *testing.T, text string, at int) {
		want := strings.ToValidUTF8(text, "\ufffd")
		if strings.Contains(want, "\ufffd") || !utf8.ValidString(text) {
			// encoding/json replaces byte by byte and ToValidUTF8 run by run: the same text in the end, but for the count.
			want = string([]rune(text))
		}
		cut := len(text)
		if at > 0 {
			cut = min(at, len(text))
		}
		for cut > 0 && cut < len(text) && !utf8.RuneStart(text[cut]) {
			cut--
		}
		if !utf8.ValidString(text) {
			cut = len(text)
		}
		for _, stream := range []bool{true, false} {
			encoder := p.Encoder(parsed(t, p, stream))
			var body []byte
			for _, frame := range []fakeprovider.Frame{
				{Kind: fakeprovider.FrameStart}, {Kind: fakeprovider.FrameText, Text: text[:cut]}, {Kind: fakeprovider.FrameHeartbeat},
				{Kind: fakeprovider.FrameText, Text: text[cut:]}, {Kind: fakeprovider.FrameFinish}, {Kind: fakeprovider.FrameUsage}, {Kind: fakeprovider.FrameDone},
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

func FuzzOpenAIChat(f *testing.F) { fuzzEncoder(f, fakeprovider.OpenAIChat{}, openAIText) }

func FuzzAnthropicMessages(f *testing.F) {
	fuzzEncoder(f, fakeprovider.AnthropicMessages{}, anthropicText)
}
