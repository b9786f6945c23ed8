package sse

import "bytes"

// sseEvent is an event of one line of data; without a name it has no event line.
func Event(name string, data []byte) []byte {
	var b []byte
	if name != "" {
		b = append(b, "event: "+name+"\n"...)
	}
	b = append(b, "data: "...)
	b = append(b, data...)
	return append(b, "\n\n"...)
}

// sseComment is a comment and the empty line after it.
func Comment(text string) []byte {
	if text == "" {
		return []byte(":\n\n")
	}
	return []byte(": " + text + "\n\n")
}

// crlf ends every line with CRLF rather than LF. JSON has no line ends of its own.
func CRLF(event []byte) []byte {
	return bytes.ReplaceAll(event, []byte("\n"), []byte("\r\n"))
}
