package sse

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// jsonSpace is JSON's white space.
const jsonSpace = " \t\r\n"

// A Value is a value inside a JSON text: text[Start:End].
type Value struct {
	// Key is the value's name in its object. It is empty in a list, and for the whole text.
	Key string
	// KeyStart is where the name begins; it equals Start if there is no name.
	KeyStart, Start, End int
	// Depth is 0 for the whole text, 1 for its members, and so on.
	Depth int
}

// WalkJSON calls show for every value of a valid JSON text, outer values before inner ones. If
// show returns false, WalkJSON does not enter that value.
func WalkJSON(text []byte, show func(v Value) (enter bool)) {
	w := walker{text: text, show: show}
	w.value(Value{}, true)
}

// walker is a position in a text.
type walker struct {
	text []byte
	at   int
	show func(Value) bool
}

// space skips white space.
func (w *walker) space() {
	for w.at < len(w.text) && strings.IndexByte(jsonSpace, w.text[w.at]) >= 0 {
		w.at++
	}
}

// value skips a value and the white space before it. It shows the value if show is true.
func (w *walker) value(v Value, show bool) {
	w.space()
	v.Start = w.at
	if v.Key == "" {
		v.KeyStart = v.Start
	}
	if show {
		ahead := walker{text: w.text, at: w.at, show: w.show}
		ahead.value(v, false)
		v.End = ahead.at
		show = w.show(v)
	}
	switch w.text[w.at] {
	case '{', '[':
		w.members(v.Depth+1, show)
	case '"':
		w.string()
	default:
		for w.at < len(w.text) && strings.IndexByte(",]} \t\r\n", w.text[w.at]) < 0 {
			w.at++
		}
	}
}

// members skips the inside of an object or a list.
func (w *walker) members(depth int, show bool) {
	object := w.text[w.at] == '{'
	for w.at++; ; {
		w.space()
		switch w.text[w.at] {
		case '}', ']':
			w.at++
			return
		case ',':
			w.at++
			continue
		}
		v := Value{Depth: depth, KeyStart: w.at}
		if object {
			v.Key = w.string()
			w.space()
			w.at++ // the colon
		}
		w.value(v, show)
	}
}

// string skips a string and returns it.
func (w *walker) string() string {
	start := w.at
	for w.at++; w.text[w.at] != '"'; w.at++ {
		if w.text[w.at] == '\\' {
			w.at++
		}
	}
	w.at++
	var s string
	if err := json.Unmarshal(w.text[start:w.at], &s); err != nil {
		return strconv.Quote(err.Error())
	}
	return s
}

// An Edit replaces text[Start:End] with Text.
type Edit struct {
	Start, End int
	Text       string
}

// Apply returns the text with all edits made. They must be in order and must not overlap.
func Apply(text []byte, edits []Edit) []byte {
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, text[at:e.Start]...), e.Text...)
		at = e.End
	}
	return append(out, text[at:]...)
}

// Without returns the edit that removes a member from an object, with the comma after it or
// before it.
func Without(text []byte, v Value) Edit {
	end := v.End
	for end < len(text) && strings.IndexByte(jsonSpace, text[end]) >= 0 {
		end++
	}
	if end < len(text) && text[end] == ',' {
		return Edit{Start: v.KeyStart, End: end + 1}
	}
	start := v.KeyStart
	for start > 0 && strings.IndexByte(jsonSpace, text[start-1]) >= 0 {
		start--
	}
	if start > 0 && text[start-1] == ',' {
		start--
	}
	return Edit{Start: start, End: v.End}
}

// EditJSON edits the JSON texts in the bytes of a frame: those in the data lines of events, or
// the body. change returns the edits of one text, in order.
func EditJSON(data []byte, change func(text []byte) []Edit) []byte {
	if !IsEvents(data) {
		start, end := bytes.IndexByte(data, '{'), bytes.LastIndexByte(data, '}')+1
		if start < 0 || end < start || !json.Valid(data[start:end]) {
			return data
		}
		text := data[start:end]
		return append(append(bytes.Clone(data[:start]), Apply(text, change(text))...), data[end:]...)
	}
	return EachLine(data, func(l Line) []byte {
		text, ok := bytes.CutPrefix(l.Text, []byte("data:"))
		if !ok || !json.Valid(text) || strings.IndexByte("{[", bytes.TrimSpace(text)[0]) < 0 {
			return l.Bytes()
		}
		return append(append([]byte("data:"), Apply(text, change(text))...), l.End...)
	})
}
