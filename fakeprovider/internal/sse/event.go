package sse

import "bytes"

// Event returns an event with one line of data. Without a name it has no event line.
func Event(name string, data []byte) []byte {
	var b []byte
	if name != "" {
		b = append(b, "event: "+name+"\n"...)
	}
	b = append(b, "data: "...)
	b = append(b, data...)
	return append(b, "\n\n"...)
}

// Comment returns a comment and the empty line after it. An empty text is a bare colon.
func Comment(text string) []byte {
	if text == "" {
		return []byte(":\n\n")
	}
	return []byte(": " + text + "\n\n")
}

// CRLF ends every line of an event with CRLF rather than LF. JSON has no line ends of its own.
func CRLF(event []byte) []byte {
	return bytes.ReplaceAll(event, []byte("\n"), []byte("\r\n"))
}
