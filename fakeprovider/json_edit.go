package fakeprovider

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// jsonSpace is the white space of JSON.
const jsonSpace = " \t\r\n"

// A jsonValue is a value inside of a JSON text: what stands in text[start:end].
type jsonValue struct {
	// key is the name that it has in an object; empty in a list, and for the text itself.
	key string
	// keyStart is where that name begins; start, where there is none.
	keyStart, start, end int
	// depth is 0 for the text itself, 1 for what stands in it, and so on.
	depth int
}

// walkJSON shows every value of a valid JSON text, those outside before those inside. What it is told not to enter, it does not.
func walkJSON(text []byte, show func(v jsonValue) (enter bool)) {
	w := walker{text: text, show: show}
	w.value(jsonValue{}, true)
}

type walker struct {
	text []byte
	at   int
	show func(jsonValue) bool
}

func (w *walker) space() {
	for w.at < len(w.text) && strings.IndexByte(jsonSpace, w.text[w.at]) >= 0 {
		w.at++
	}
}

// value walks over a value that begins here, after white space, and shows it if it is told to.
func (w *walker) value(v jsonValue, show bool) {
	w.space()
	v.start = w.at
	if v.key == "" {
		v.keyStart = v.start
	}
	if show {
		ahead := walker{text: w.text, at: w.at, show: w.show}
		ahead.value(v, false)
		v.end = ahead.at
		show = w.show(v)
	}
	switch w.text[w.at] {
	case '{', '[':
		w.members(v.depth+1, show)
	case '"':
		w.string()
	default:
		for w.at < len(w.text) && strings.IndexByte(",]} \t\r\n", w.text[w.at]) < 0 {
			w.at++
		}
	}
}

// members walks over the inside of an object or a list.
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
		v := jsonValue{depth: depth, keyStart: w.at}
		if object {
			v.key = w.string()
			w.space()
			w.at++ // the colon
		}
		w.value(v, show)
	}
}

// string walks over a string and returns it.
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

// An edit puts other text into the place of text[start:end].
type edit struct {
	start, end int
	text       string
}

// apply makes edits that are in order and do not overlap.
func apply(text []byte, edits []edit) []byte {
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, text[at:e.start]...), e.text...)
		at = e.end
	}
	return append(out, text[at:]...)
}

// without is the edit that takes a member out of an object, with the comma after it or before it.
func without(text []byte, v jsonValue) edit {
	end := v.end
	for end < len(text) && strings.IndexByte(jsonSpace, text[end]) >= 0 {
		end++
	}
	if end < len(text) && text[end] == ',' {
		return edit{start: v.keyStart, end: end + 1}
	}
	start := v.keyStart
	for start > 0 && strings.IndexByte(jsonSpace, text[start-1]) >= 0 {
		start--
	}
	if start > 0 && text[start-1] == ',' {
		start--
	}
	return edit{start: start, end: v.end}
}

// editJSON changes the JSON texts in the bytes of a frame: what stands in the data lines of events, or the body. change returns
// the edits of one text, in order.
func editJSON(data []byte, change func(text []byte) []edit) []byte {
	if !isEvents(data) {
		start, end := bytes.IndexByte(data, '{'), bytes.LastIndexByte(data, '}')+1
		if start < 0 || end < start || !json.Valid(data[start:end]) {
			return data
		}
		text := data[start:end]
		return append(append(bytes.Clone(data[:start]), apply(text, change(text))...), data[end:]...)
	}
	return eachLine(data, func(l line) []byte {
		text, ok := bytes.CutPrefix(l.text, []byte("data:"))
		if !ok || !json.Valid(text) || strings.IndexByte("{[", bytes.TrimSpace(text)[0]) < 0 {
			return l.bytes()
		}
		return append(append([]byte("data:"), apply(text, change(text))...), l.end...)
	})
}
