package fault

import (
	"cmp"
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ChunkCut ends the connection inside a chunk.
type ChunkCut struct {
	// After is how many pieces of the answer arrive as they should before the one that is cut.
	// Default 2. A response that is not streamed is cut whatever it is.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = ChunkCut{}
	_ fakeprovider.Step      = ChunkCut{}
	_ fakeprovider.Exclusive = ChunkCut{}
	_ fakeprovider.Validator = ChunkCut{}
)

// Info describes the fault.
func (ChunkCut) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H20"}, Name: "chunk-cut", Title: "The connection ends inside a chunk",
		Why: "The chunk has announced more than comes, so every HTTP client knows that the answer is a part. Engines " +
			"that drop the error of the last read present it as the whole.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Return an error, never success; before any content, ask the next provider.",
		},
		Issues: []string{
			"https://github.com/dstackai/dstack/issues/1208", "https://github.com/bytedance/deer-flow/issues/1923",
		},
		HTTP1: true, Default: ChunkCut{After: defaultChunkAfter},
	}
}

// Claims returns the framing.
func (ChunkCut) Claims() string { return claimsFraming }

// Validate refuses a negative number.
func (p ChunkCut) Validate() error { return atLeastOne("chunk-cut", "after", p.After) }

// Script damages a healthy answer.
func (p ChunkCut) Script() fakeprovider.Script { return fakeprovider.Over(p, fakeprovider.Healthy{}) }

// Lay returns the fault itself, as a step.
func (p ChunkCut) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the framing, and waits for the piece.
func (p ChunkCut) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	framing := &brokenChunk{write: func(b []byte) []byte {
		chunk := fakeprovider.Chunked{}.Piece(b)
		return chunk[:len(chunk)-len(b)/2-len("\r\n")]
	}}
	wire.SetFraming("chunk-cut", framing)
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultChunkAfter)+1,
		func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
			framing.broken = true
			if err := next(data); err != nil {
				return err
			}
			return x.End(fakeprovider.Cut)
		}))
	return nil
}
