package fakeprovider

import (
	"cmp"
	"context"
)

// ChunkCut ends the connection inside a chunk.
type ChunkCut struct {
	// After is how many pieces of the answer arrive as they should before the one that is cut. Default 2. A response that is
	// not streamed is cut whatever it is.
	After int `yaml:"after"`
}

var (
	_ Overlay   = ChunkCut{}
	_ Step      = ChunkCut{}
	_ Exclusive = ChunkCut{}
	_ Validator = ChunkCut{}
)

func chunkCutInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"H20"}, Name: "chunk-cut", Title: "The connection ends inside a chunk",
		Why: "The chunk has announced more than comes, so every HTTP client knows that the answer is a part. Engines that drop the error " +
			"of the last read present it as the whole.",
		Correct: "An error, never a success. Before content the next provider.",
		Issues: []string{
			"https://github.com/dstackai/dstack/issues/1208", "https://github.com/bytedance/deer-flow/issues/1923",
		},
		HTTP1: true, Default: ChunkCut{After: defaultChunkAfter},
	}
}

// Has says that it decides the framing.
func (ChunkCut) Has() string { return hasFraming }

// Validate refuses a negative number.
func (p ChunkCut) Validate() error { return noFewer("chunk-cut", "after", p.After) }

// Script damages an answer that is all right.
func (p ChunkCut) Script() Script { return over(p, Healthy{}) }

// Lay takes the wire.
func (p ChunkCut) Lay() Script { return Script{p} }

// Play sets the framing, and waits for the piece.
func (p ChunkCut) Play(_ context.Context, x Exchange) error {
	wire, err := x.Wire()
	if err != nil {
		return err
	}
	framing := &brokenChunk{write: func(b []byte) []byte {
		chunk := Chunked{}.Piece(b)
		return chunk[:len(chunk)-len(b)/2-len("\r\n")]
	}}
	wire.Frame("chunk-cut", framing)
	x.Through(onContent(x, cmp.Or(p.After, defaultChunkAfter)+1, func(_ Frame, data []byte, next func([]byte) error) error {
		framing.broken = true
		if err := next(data); err != nil {
			return err
		}
		return x.End(Cut)
	}))
	return nil
}
