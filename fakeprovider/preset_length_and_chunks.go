package fakeprovider

import (
	"context"
	"net/http"
)

// LengthAndChunks announces both a length and chunks.
type LengthAndChunks struct{}

var (
	_ Overlay   = LengthAndChunks{}
	_ Step      = LengthAndChunks{}
	_ Exclusive = LengthAndChunks{}
)

func lengthAndChunksInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"H20"}, Name: "length-and-chunks", Title: "The response has both a Content-Length and chunks",
		Why: "Two readers of one response disagree about where it ends. RFC 9112 §6.3 lets chunks win, and a " +
			"gateway that believes the length passes on a beginning.",
		Correct: "Chunks win, or the response is refused; never a beginning as success.",
		Issues:  []string{"https://github.com/timoklimmer/powerproxy-aoai/issues/53"},
		HTTP1:   true, Default: LengthAndChunks{},
	}
}

// Has says that it decides the framing.
func (LengthAndChunks) Has() string { return hasFraming }

// Script damages an answer that is all right.
func (p LengthAndChunks) Script() Script { return over(p, Healthy{}) }

// Lay takes the wire.
func (p LengthAndChunks) Lay() Script { return Script{p} }

// Play sets the framing.
func (LengthAndChunks) Play(_ context.Context, x Exchange) error {
	wire, err := x.Wire()
	if err != nil {
		return err
	}
	wire.Frame("length-and-chunks", lengthAndChunks{})
	return nil
}

type lengthAndChunks struct{ Chunked }

// Head announces 16 bytes, fewer than any answer has, and chunks.
func (lengthAndChunks) Head(status int, h http.Header) []byte {
	overlay(h, http.Header{"Transfer-Encoding": {"chunked"}, "Content-Length": {"16"}})
	return headBytes("HTTP/1.1", status, h)
}
