package failover

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// What Google's SDK is given of a stream, however the bytes arrive.
func TestGeminiBody(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"data: {}\r\n\r\ndata: {}\r\n\r\n":           "data: {}\r\n\r\ndata: {}\r\n\r\n",
		": ping\r\n\r\ndata: {}\r\n\r\n":             "data: {}\r\n\r\n",
		": ping\n\n: pong\n\ndata: {}\n\n: ping\n\n": "data: {}\n\n",
		":\n\n": "",
		"event: x\r\nid: 1\r\nretry: 5\r\ndata: {}\r\n\r\n": "data: {}\r\n\r\n",
		"data: {}\r\n: within\r\n\r\n":                      "data: {}\r\n\r\n",
		"data: {\"a\": \": no comment\"}\n\n":               "data: {\"a\": \": no comment\"}\n\n",
		"data: {}\n\n{\n  \"error\": {\n    \"id\": 1\n  }\n}\n": "data: {}\n\n{\n  \"error\": {\n    \"id\": 1\n" +
			"  }\n}\n",
		"{\n  \"error\": {}\n}":                            "{\n  \"error\": {}\n}",
		"data: {\ndata:  \"a\": 1\ndata:}\n\ndata: {}\n\n": "data: {\n   \"a\": 1\n }\n\ndata: {}\n\n",
		"data: {\n: within\nid: 1\ndata:}\n\n":             "data: {\n }\n\n",
		"data:\ndata:\n\n":                                 "data:\n \n\n",
		"{\ndata: }\n\n":                                   "{\ndata: }\n\n",
		"data: {}":                                         "data: {}",
		"i":                                                "i",
		"events are\nno event\n\n":                         "events are\nno event\n\n",
		"\r\n\r\ndata: {}\r\n\r\n\r\n":                     "data: {}\r\n\r\n",
	} {
		for name, reader := range map[string]io.Reader{
			"at once": strings.NewReader(in), "by bytes": iotest.OneByteReader(strings.NewReader(in)),
			"by halves": iotest.HalfReader(strings.NewReader(in)),
		} {
			got, err := io.ReadAll(&geminiBody{ReadCloser: io.NopCloser(reader)})
			if err != nil || string(got) != want {
				t.Errorf("%q %s: got %q, want %q, error %v", in, name, got, want, err)
			}
		}
		got, err := io.ReadAll(&geminiBody{ReadCloser: io.NopCloser(strings.NewReader(in)), whole: true})
		if err != nil || string(got) != in {
			t.Errorf("%q as it is: got %q, error %v", in, got, err)
		}
	}
}

// An error of the connection reaches the engine and not the SDK.
func TestGeminiBodyKeepsItsError(t *testing.T) {
	t.Parallel()
	b := &geminiBody{
		ReadCloser: io.NopCloser(io.MultiReader(strings.NewReader("data: {"), iotest.ErrReader(io.ErrUnexpectedEOF))),
	}
	got, err := io.ReadAll(b)
	if err != nil || string(got) != "data: {" || !errors.Is(b.cause(nil), io.ErrUnexpectedEOF) {
		t.Errorf("got %q, error %v, cause %v", got, err, b.cause(nil))
	}
}

func FuzzGeminiBody(f *testing.F) {
	f.Add([]byte("data: {}\r\n\r\n: ping\r\n\r\n"), uint8(3))
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		whole, err := io.ReadAll(&geminiBody{ReadCloser: io.NopCloser(bytes.NewReader(in))})
		if err != nil || len(whole) > len(in) {
			t.Fatalf("got %d of %d bytes, error %v", len(whole), len(in), err)
		}
		var pieces []byte
		b := &geminiBody{ReadCloser: io.NopCloser(iotest.OneByteReader(bytes.NewReader(in)))}
		for buffer := make([]byte, int(size)+1); ; {
			n, err := b.Read(buffer)
			pieces = append(pieces, buffer[:n]...)
			if err != nil {
				break
			}
		}
		if !bytes.Equal(pieces, whole) {
			t.Errorf("got %q in pieces, %q at once", pieces, whole)
		}
	})
}
