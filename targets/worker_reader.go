package targets

import (
	"bytes"
	"fmt"
	"io"
)

// maxLine bounds a line of a worker, in bytes. An answer of a million tokens in one line fits.
const maxLine = 16 << 20

// A lineReader cuts the output of a worker into lines. Lines that do not begin with { are log. It
// takes any amount of output: a worker must not block on what nobody reads.
type lineReader struct {
	take    func(line []byte)
	tooLong func(beginning []byte)
	log     io.Writer

	pending []byte
	skip    bool // the rest of a line that was too long
}

// Write takes output.
func (l *lineReader) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		rest = after
		if len(l.pending)+len(line) > maxLine && !l.skip {
			l.tooLong(append(l.pending, line...))
			l.pending, l.skip = nil, true
		}
		switch {
		case l.skip:
			l.skip = !whole
		case !whole:
			l.pending = append(l.pending, line...)
		case len(l.pending) > 0:
			l.line(append(l.pending, line...))
			l.pending = nil
		default:
			l.line(line)
		}
	}
	return len(p), nil
}

func (l *lineReader) line(line []byte) {
	if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 && trimmed[0] == '{' {
		l.take(trimmed)
		return
	}
	_, _ = fmt.Fprintf(l.log, "%s\n", line) // a Log does not fail
}
