package protocol

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// TestGeminisRecordedChunk encodes a recorded stream whose last chunk had the whole answer.
// Frames come one by one, so no script sends such a chunk. Recorded by
// https://github.com/simonw/llm-gemini.
func TestGeminisRecordedChunk(t *testing.T) {
	t.Parallel()
	text := "The capital of France is **Paris**."
	e := &geminiEncoder{
		form: geminiSSE, id: "ezh8aaKTCYSnqtsP-qXkqQI", tokens: 8, thoughts: 16,
		meta: fakeprovider.Meta{
			Request: fakeprovider.Request{Model: "gemini-2.5-flash", Stream: true, InputTokens: 15},
		},
	}
	got, err := e.chunk(geminiCandidate{
		Content: &geminiContent{Parts: []geminiPart{{Text: &text}}, Role: "model"}, FinishReason: geminiReason("stop"),
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `data: {"candidates": [{"content": {"parts": [{"text": "The capital of France is **Paris**."}],"role": "model"},` +
		`"finishReason": "STOP","index": 0}],"usageMetadata": {"promptTokenCount": 15,"candidatesTokenCount": 8,"totalTokenCount": 39,` +
		`"promptTokensDetails": [{"modality": "TEXT","tokenCount": 15}],"thoughtsTokenCount": 16},"modelVersion": "gemini-2.5-flash",` +
		`"responseId": "ezh8aaKTCYSnqtsP-qXkqQI"}` + "\r\n\r\n"
	if string(got) != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
