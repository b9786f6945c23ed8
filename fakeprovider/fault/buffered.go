package fault

import (
	"cmp"
	"context"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Buffered holds the response back, as a buffering proxy does.
type Buffered struct {
	// Size is how many bytes are held back before they are let go together. Default 65536: nginx's
	// eight buffers of 8 KiB. At the end the rest is let go; where the connection is cut it is
	// lost.
	Size int `yaml:"size"`
}

var (
	_ fakeprovider.Overlay   = Buffered{}
	_ fakeprovider.Step      = Buffered{}
	_ fakeprovider.Exclusive = Buffered{}
	_ fakeprovider.Validator = Buffered{}
)

const (
	defaultBuffer = 64 << 10
	mostBuffer    = 16 << 20 // 16 MiB, which is held in memory
)

// Info describes the fault.
func (Buffered) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H24"}, Name: "buffered", Title: "A proxy holds everything back until the end",
		Why: "The provider streams and the client sees nothing, neither headers nor heartbeats, until the answer is " +
			"whole. Every deadline on the first token fires on an answer that is nearly there.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is if it comes within the deadline: slow is no failure.",
		},
		Issues: []string{
			"https://github.com/ggml-org/llama.cpp/pull/20872", "https://github.com/lm-sys/FastChat/pull/2337",
		},
		HTTP1: true, Default: Buffered{Size: defaultBuffer},
	}
}

// Claims returns the framing.
func (Buffered) Claims() string { return claimsFraming }

// Validate refuses a negative size, and more than 16 MiB.
func (p Buffered) Validate() error { return within("buffered", "size", p.Size, 1, mostBuffer) }

// Script holds back a healthy answer.
func (p Buffered) Script() fakeprovider.Script { return fakeprovider.Over(p, fakeprovider.Healthy{}) }

// Lay returns the fault itself, as a step.
func (p Buffered) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the framing.
func (p Buffered) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	wire.SetFraming("buffered", &heldChunks{size: cmp.Or(p.Size, defaultBuffer)})
	return nil
}

// heldChunks is a chunked framing that keeps chunks until they are many.
type heldChunks struct {
	fakeprovider.Chunked

	size int
	back []byte
}

// Head holds the head back.
func (b *heldChunks) Head(status int, h http.Header) []byte { return b.hold(b.Chunked.Head(status, h)) }

// Piece holds a piece of the body back.
func (b *heldChunks) Piece(p []byte) []byte { return b.hold(b.Chunked.Piece(p)) }

// End returns all that was held back, and the end.
func (b *heldChunks) End() []byte { return append(b.back, b.Chunked.End()...) }

// hold keeps bytes, and returns all of them once they exceed the buffer.
func (b *heldChunks) hold(p []byte) []byte {
	b.back = append(b.back, p...)
	if len(b.back) < b.size {
		return nil
	}
	all := b.back
	b.back = nil
	return all
}
