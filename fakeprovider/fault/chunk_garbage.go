package fault

import (
	"cmp"
	"context"
	"fmt"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ChunkGarbage sends a chunk whose size is not a hexadecimal number.
type ChunkGarbage struct {
	// After is how many pieces of the answer arrive as they should before the broken one. Default
	// 2. A response that is not streamed is broken whatever it is.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = ChunkGarbage{}
	_ fakeprovider.Step      = ChunkGarbage{}
	_ fakeprovider.Exclusive = ChunkGarbage{}
	_ fakeprovider.Validator = ChunkGarbage{}
)

const defaultChunkAfter = 2

// Info describes the fault.
func (ChunkGarbage) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H20"}, Name: "chunk-garbage", Title: "The size of a chunk is no number",
		Why: "Proxies that write an error of their own into a stream under way do it. What follows cannot be told " +
			"apart, and a lenient reader ends the answer there in good order, or takes the next bytes for it.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Return a protocol error, never success; before any content, ask the next provider.",
		},
		Issues: []string{
			"https://github.com/Oaklight/zerodep/pull/130", "https://github.com/maximhq/bifrost/issues/1613",
		},
		HTTP1: true, Default: ChunkGarbage{After: defaultChunkAfter},
	}
}

// Claims returns the framing.
func (ChunkGarbage) Claims() string { return claimsFraming }

// Validate refuses a negative number.
func (p ChunkGarbage) Validate() error { return atLeastOne("chunk-garbage", "after", p.After) }

// Script damages a healthy answer.
func (p ChunkGarbage) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p ChunkGarbage) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the framing, and waits for the piece.
func (p ChunkGarbage) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	framing := &brokenChunk{write: func(b []byte) []byte { return fmt.Appendf(nil, "bad\tsize\r\n%s\r\n", b) }}
	wire.SetFraming("chunk-garbage", framing)
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultChunkAfter)+1,
		func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
			framing.broken = true
			return next(data)
		}))
	return nil
}

// brokenChunk is a chunked framing that writes one chunk in another way.
type brokenChunk struct {
	fakeprovider.Chunked

	write  func([]byte) []byte
	broken bool // the next one is it
}

// Piece returns one chunk.
func (c *brokenChunk) Piece(b []byte) []byte {
	if !c.broken {
		return c.Chunked.Piece(b)
	}
	c.broken = false
	return c.write(b)
}
