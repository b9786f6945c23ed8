package fakeprovider

import "bytes"

// byteOrderMark is U+FEFF in UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// isEvents says whether bytes begin with a line of a stream of events.
func isEvents(data []byte) bool {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	for _, field := range []string{":", "data:", "event:", "id:", "retry:"} {
		if bytes.HasPrefix(data, []byte(field)) {
			return true
		}
	}
	return false
}

// A line is a line of a stream of events, and what ends it: LF, CRLF, CR, or nothing where it is broken off.
type line struct{ text, end []byte }

// linesOf splits bytes into lines.
func linesOf(data []byte) []line {
	var lines []line
	for len(data) > 0 {
		at := bytes.IndexAny(data, "\r\n")
		if at < 0 {
			return append(lines, line{text: data})
		}
		end := at + 1
		if data[at] == '\r' && end < len(data) && data[end] == '\n' {
			end++
		}
		lines = append(lines, line{data[:at:at], data[at:end:end]})
		data = data[end:]
	}
	return lines
}

// eachLine puts bytes together again from what is made of each line.
func eachLine(data []byte, change func(line) []byte) []byte {
	out := make([]byte, 0, len(data)+64)
	for _, l := range linesOf(data) {
		out = append(out, change(l)...)
	}
	return out
}

// bytes is the line as it was.
func (l line) bytes() []byte { return append(bytes.Clone(l.text), l.end...) }

// lineEndOf is how the first line of bytes ends.
func lineEndOf(data []byte) []byte {
	if lines := linesOf(data); len(lines) > 0 && len(lines[0].end) > 0 {
		return lines[0].end
	}
	return []byte("\n")
}

// eventsOf splits the bytes of a frame into events, each with the empty line that ends it.
func eventsOf(data []byte) [][]byte {
	var events [][]byte
	var event []byte
	for _, l := range linesOf(data) {
		event = append(append(event, l.text...), l.end...)
		if len(l.text) == 0 {
			events, event = append(events, event), nil
		}
	}
	if len(event) > 0 {
		events = append(events, event)
	}
	return events
}

// eachEvent puts bytes together again from what is made of each event.
func eachEvent(data []byte, change func(event []byte) []byte) []byte {
	var out []byte
	for _, event := range eventsOf(data) {
		out = append(out, change(event)...)
	}
	return out
}
