package fault

import (
	"cmp"
	"context"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"net/http"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// GzipStream compresses the body with gzip. There is no Brotli, because Go's standard library has
// none.
type GzipStream struct {
	// Flush is each, where every piece of the body can be read as soon as it arrives, or end,
	// where the compressor holds back what it can. Default each.
	Flush string `yaml:"flush"`
}

var (
	_ fakeprovider.Overlay   = GzipStream{}
	_ fakeprovider.Step      = GzipStream{}
	_ fakeprovider.Exclusive = GzipStream{}
	_ fakeprovider.Validator = GzipStream{}
)

// The values of GzipStream.Flush.
const (
	flushEach = "each"
	flushEnd  = "end"
)

// Flushes returns the values of GzipStream.Flush.
func Flushes() []string { return []string{flushEach, flushEnd} }

// Info describes the fault.
func (GzipStream) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H24"}, Name: "gzip-stream", Title: "The body is compressed with gzip",
		Why: "A proxy compresses whether it was asked to or not. A client that did not ask reads noise, and where " +
			"the compressor is not flushed nothing can be read until the end: heartbeats and first tokens are " +
			"held back.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Obey Content-Encoding piece by piece, and be patient: slow is no failure.",
		},
		Issues: []string{
			"https://github.com/graphql-hive/gateway/issues/2259", "https://github.com/fabiolb/fabio/pull/739",
			"https://github.com/cloudflare/workerd/pull/7390",
		},
		HTTP1: true, Default: GzipStream{Flush: flushEach},
	}
}

// Claims returns the framing.
func (GzipStream) Claims() string { return claimsFraming }

// Validate refuses a word that does not exist.
func (p GzipStream) Validate() error { return oneOf("gzip-stream", "flush", p.Flush, Flushes()) }

// Script compresses a healthy answer.
func (p GzipStream) Script() fakeprovider.Script { return fakeprovider.Over(p, fakeprovider.Healthy{}) }

// Lay returns the fault itself, as a step.
func (p GzipStream) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the framing.
func (p GzipStream) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	framing := &gzipped{crc: crc32.NewIEEE()}
	if cmp.Or(p.Flush, flushEach) == flushEnd {
		framing.hold = gzipWindow
	}
	wire.SetFraming("gzip-stream", framing)
	return nil
}

// gzipped is a chunked framing that compresses. Its blocks are stored and not made smaller, so
// that the bytes do not depend on the version of Go. No client can tell.
type gzipped struct {
	fakeprovider.Chunked

	hold    int // how many bytes wait for more
	waiting []byte
	begun   bool
	crc     hash.Hash32
	size    uint32 // modulo 2^32, as the format has it
}

const (
	gzipWindow = 32 << 10 // what a compressor holds back at most: its window
	gzipBlock  = 1<<16 - 1
)

// Head announces the encoding.
func (g *gzipped) Head(status int, h http.Header) []byte {
	sse.SetHeaders(h, http.Header{"Content-Encoding": {"gzip"}, "Vary": {"Accept-Encoding"}})
	return g.Chunked.Head(status, h)
}

// Piece compresses a piece, and returns what the compressor flushes.
func (g *gzipped) Piece(b []byte) []byte {
	g.waiting = append(g.waiting, b...)
	if len(g.waiting) < g.hold {
		return nil
	}
	return g.Chunked.Piece(g.blocks())
}

// End returns the rest: the pending bytes, an empty last block, the checksum and the size (RFC
// 1952 §2.3).
func (g *gzipped) End() []byte {
	last := append(g.blocks(), 1, 0, 0, 0xff, 0xff)
	last = binary.LittleEndian.AppendUint32(last, g.crc.Sum32())
	last = binary.LittleEndian.AppendUint32(last, g.size)
	return append(g.Chunked.Piece(last), g.Chunked.End()...)
}

// blocks returns the pending bytes as stored blocks (RFC 1951 §3.2.4), after the header if they
// are the first.
func (g *gzipped) blocks() []byte {
	var out []byte
	if !g.begun {
		g.begun = true
		out = append(out, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)
	}
	_, _ = g.crc.Write(g.waiting)    // a hash does not fail
	g.size += uint32(len(g.waiting)) //nolint:gosec // modulo 2^32
	for part := range slices.Chunk(g.waiting, gzipBlock) {
		size := uint16(len(part)) //nolint:gosec // a block is no larger
		out = append(out, 0)
		out = binary.LittleEndian.AppendUint16(out, size)
		out = binary.LittleEndian.AppendUint16(out, ^size)
		out = append(out, part...)
	}
	g.waiting = g.waiting[:0]
	return out
}

// Words returns the words that scenario files may use.
func (GzipStream) Words() map[string][]string {
	return map[string][]string{"flush": Flushes()}
}
