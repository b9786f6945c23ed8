package fakeprovider

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"net/http"
)

// GzipStream compresses the body with gzip. Brotli, which a browser would be sent, is not in Go's standard library and not to be had here.
type GzipStream struct {
	// Flush is each, where every piece of the body can be read as soon as it arrives, or end, where the compressor holds back
	// what it can. Default each.
	Flush string `yaml:"flush"`
}

var (
	_ Overlay   = GzipStream{}
	_ Step      = GzipStream{}
	_ Exclusive = GzipStream{}
	_ Validator = GzipStream{}
)

// The words for when a compressor lets go.
const (
	flushEach = "each"
	flushEnd  = "end"
)

// Flushes returns the words for when a compressor lets go.
func Flushes() []string { return []string{flushEach, flushEnd} }

func gzipStreamInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"H24"}, Name: "gzip-stream", Title: "The body is compressed with gzip",
		Why: "A proxy compresses whether it was asked to or not. A client that did not ask reads noise, and where the compressor is not " +
			"flushed nothing can be read until the end: heartbeats and first tokens are held back.",
		Correct: "Content-Encoding is obeyed, piece by piece. Slow is no failure.",
		Issues: []string{
			"https://github.com/graphql-hive/gateway/issues/2259", "https://github.com/fabiolb/fabio/pull/739",
			"https://github.com/cloudflare/workerd/pull/7390",
		},
		Default: GzipStream{Flush: flushEach},
	}
}

// Has says that it decides the framing.
func (GzipStream) Has() string { return hasFraming }

// Validate refuses a word that does not exist.
func (p GzipStream) Validate() error { return wordAmong("gzip-stream", "flush", p.Flush, Flushes()) }

// Script compresses an answer that is all right.
func (p GzipStream) Script() Script { return over(p, Healthy{}) }

// Lay takes the wire.
func (p GzipStream) Lay() Script { return Script{p} }

// Play sets the framing.
func (p GzipStream) Play(_ context.Context, x Exchange) error {
	wire, err := x.Wire()
	if err != nil {
		return err
	}
	framing := &gzipped{flush: cmp.Or(p.Flush, flushEach) == flushEach}
	framing.zip = gzip.NewWriter(&framing.out)
	wire.Frame("gzip-stream", framing)
	return nil
}

// gzipped is compressed chunks. The compressor holds some 64 KiB at most.
type gzipped struct {
	Chunked

	flush bool
	out   bytes.Buffer
	zip   *gzip.Writer
}

// Head announces the encoding.
func (g *gzipped) Head(status int, h http.Header) []byte {
	overlay(h, http.Header{"Content-Encoding": {"gzip"}, "Vary": {"Accept-Encoding"}})
	return g.Chunked.Head(status, h)
}

// Piece is what the compressor lets go of.
func (g *gzipped) Piece(b []byte) []byte {
	_, _ = g.zip.Write(b) // a buffer does not fail
	if g.flush {
		_ = g.zip.Flush()
	}
	return g.chunk()
}

// End is the rest.
func (g *gzipped) End() []byte {
	_ = g.zip.Close()
	return append(g.chunk(), g.Chunked.End()...)
}

// chunk is what has come out of the compressor, if anything.
func (g *gzipped) chunk() []byte {
	defer g.out.Reset()
	if g.out.Len() == 0 {
		return nil
	}
	return g.Chunked.Piece(g.out.Bytes())
}
