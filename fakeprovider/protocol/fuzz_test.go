package protocol_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tmaxmax/go-sse"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

// textOf returns the text of one event or of a whole body.
type textOf func(data []byte) (string, error)

// A reading says how a vendor's events and bodies are read back.
type reading struct {
	// text returns the answer's text. piece returns the reasoning, the refusal or the arguments of
	// a streamed event.
	text, piece textOf
	// objects says that only arguments that are a JSON object are sent as they are.
	objects bool
}

// fuzzEncoder checks that any text survives, streamed in two pieces and whole. What is not UTF-8
// becomes U+FFFD, because JSON cannot carry it.
func fuzzEncoder(f *testing.F, p fakeprovider.Protocol, read reading) {
	f.Helper()
	for _, seed := range []string{
		"", "a", "Grüße \u65e5 🎉", "\x00\x01\x7f\u2028\u2029", "<b>&\"\\/", "\r\n\n\rdata: x\n\n", "\xff\xfe",
		"\U0010ffff\ufeff", `{"city":"Łódź"}`, `"\`,
	} {
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
			got, err := readBack(body, stream, read.text)
			if err != nil {
				t.Fatalf("stream %t: %v in %.200q", stream, err, body)
			}
			if got != want {
				t.Errorf("stream %t: got %.200q, want %.200q", stream, got, want)
			}
			checkPieces(t, p, stream, text, read)
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
