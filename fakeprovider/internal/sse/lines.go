package sse

import "bytes"

// ByteOrderMark is U+FEFF in UTF-8.
const ByteOrderMark = "\xef\xbb\xbf"

// IsEvents reports whether data begins with a line of an event stream.
func IsEvents(data []byte) bool {
	data = bytes.TrimPrefix(data, []byte(ByteOrderMark))
	for _, field := range []string{":", "data:", "event:", "id:", "retry:"} {
		if bytes.HasPrefix(data, []byte(field)) {
			return true
		}
	}
	return false
}

// A Line is a line of an event stream and its end: LF, CRLF, CR, or nothing if it is cut off.
type Line struct{ Text, End []byte }

// Lines splits data into lines.
func Lines(data []byte) []Line {
	var lines []Line
	for len(data) > 0 {
		at := bytes.IndexAny(data, "\r\n")
		if at < 0 {
			return append(lines, Line{Text: data})
		}
		end := at + 1
		if data[at] == '\r' && end < len(data) && data[end] == '\n' {
			end++
		}
		lines = append(lines, Line{data[:at:at], data[at:end:end]})
		data = data[end:]
	}
	return lines
}

// EachLine returns data with every line replaced by the result of change.
func EachLine(data []byte, change func(Line) []byte) []byte {
	out := make([]byte, 0, len(data)+64)
	for _, l := range Lines(data) {
		out = append(out, change(l)...)
	}
	return out
}

// Bytes returns the line and its end.
func (l Line) Bytes() []byte { return append(bytes.Clone(l.Text), l.End...) }

// LineEnd returns the end of the first line, or LF.
func LineEnd(data []byte) []byte {
	if lines := Lines(data); len(lines) > 0 && len(lines[0].End) > 0 {
		return lines[0].End
	}
	return []byte("\n")
}

// Events splits the bytes of a frame into events, each with the empty line that ends it.
func Events(data []byte) [][]byte {
	var events [][]byte
	var event []byte
	for _, l := range Lines(data) {
		event = append(append(event, l.Text...), l.End...)
		if len(l.Text) == 0 {
			events, event = append(events, event), nil
		}
	}
	if len(event) > 0 {
		events = append(events, event)
	}
	return events
}

// EachEvent returns data with every event replaced by the result of change.
func EachEvent(data []byte, change func(event []byte) []byte) []byte {
	var out []byte
	for _, event := range Events(data) {
		out = append(out, change(event)...)
	}
	return out
}
