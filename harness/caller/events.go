package caller

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxEvent bounds one event, in bytes. A whole answer fits into it.
const maxEvent = 16 << 20

var errTooLong = fmt.Errorf("read the stream: an event of more than %d MiB", maxEvent>>20)

// An event is one server-sent event: its name, and its lines of data, joined.
type event struct{ name, data string }

// events reads server-sent events by
// https://html.spec.whatwg.org/multipage/server-sent-events.html: lines end in LF, CR or both,
// comments are skipped, and an event without an empty line after it is dropped.
type events struct {
	in *bufio.Reader
	// afterCR says that the line before ended in CR, so that an LF belongs to it. began says that
	// there was a line before.
	afterCR, began bool
	// comment is given each comment, without its colon. It is nil if nobody wants them.
	comment func(text string)
}

func newEvents(r io.Reader) *events { return &events{in: bufio.NewReader(r)} }

// next returns the next event that has data. The end of the stream is io.EOF.
func (e *events) next() (event, error) {
	var now event
	has := false
	for {
		line, err := e.line()
		if err != nil {
			return event{}, err
		}
		if len(now.data)+len(line) > maxEvent {
			return event{}, errTooLong
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "" && has:
			now.data = strings.TrimSuffix(now.data, "\n")
			return now, nil
		case line == "":
			now.name = ""
		case name == "" && e.comment != nil:
			e.comment(value)
		case name == "data":
			now.data += value + "\n"
			has = true
		case name == "event":
			now.name = value
		}
	}
}

// line returns the next line without its end.
func (e *events) line() (string, error) {
	var line strings.Builder
	for {
		b, err := e.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return "", io.EOF
		}
		if err != nil {
			return "", fmt.Errorf("read the stream: %w", err)
		}
		after := e.afterCR
		e.afterCR = b == '\r'
		switch {
		case b == '\n' && after:
		case b == '\n', b == '\r':
			text := line.String()
			if !e.began {
				text = strings.TrimPrefix(text, "\ufeff")
			}
			e.began = true
			return text, nil
		case line.Len() > maxEvent:
			return "", errTooLong
		default:
			line.WriteByte(b)
		}
	}
}
