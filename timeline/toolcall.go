package timeline

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// A pieces is a text that arrived in pieces, and when each of them did. The zero value is empty.
type pieces struct {
	text []byte
	// ends holds where each piece ends, and at when it was sent or received.
	ends []int
	at   []time.Duration
}

// add appends a piece.
func (p *pieces) add(text string, at time.Duration) {
	if text == "" {
		return
	}
	p.text = append(p.text, text...)
	p.ends = append(p.ends, len(p.text))
	p.at = append(p.at, at)
}

// toolCalls are the tool calls of one answer, as far as they got. The pieces of several calls may
// alternate if each has a number.
type toolCalls []toolCall

// A toolCall is one of them: its name, then its arguments. Without a number it may be several, one
// after the other.
type toolCall struct {
	number      int
	text        []byte
	first, last time.Duration
}

// add appends a piece to the call of that number, from 1. 0 is a piece of which nobody said to
// which call it belongs; it belongs to the one before.
func (c *toolCalls) add(e Event) {
	i := slices.IndexFunc(*c, func(known toolCall) bool { return known.number == e.Part })
	if i < 0 {
		i = len(*c)
		*c = append(*c, toolCall{number: e.Part, first: e.At})
	}
	call := &(*c)[i]
	call.text, call.last = append(call.text, e.Text...), e.At
}

// String returns the names and arguments of all calls, one after the other, by their numbers.
func (c toolCalls) String() string {
	var b strings.Builder
	for _, call := range c.sorted() {
		b.Write(call.text)
	}
	return b.String()
}

func (c toolCalls) sorted() toolCalls {
	return slices.SortedStableFunc(slices.Values(c), func(a, b toolCall) int { return a.number - b.number })
}

// A calledTool is one call as it is compared: form is the name and the arguments, without the white
// space and the order of keys that mean nothing in JSON. whole is false if the arguments are no
// JSON object; then form is what there is.
type calledTool struct {
	form        string
	whole       bool
	first, last time.Duration
}

// list returns the calls one by one, by their numbers.
func (c toolCalls) list() []calledTool {
	var all []calledTool
	for _, call := range c.sorted() {
		for rest := string(call.text); rest != ""; {
			var one calledTool
			one, rest = cutCall(rest)
			one.first, one.last = call.first, call.last
			all = append(all, one)
		}
	}
	return all
}

// cutCall cuts the first call off a text.
func cutCall(text string) (one calledTool, rest string) {
	at := strings.IndexByte(text, '{')
	if at < 0 {
		return calledTool{form: text}, ""
	}
	decoder := json.NewDecoder(strings.NewReader(text[at:]))
	decoder.UseNumber() // a float64 has 53 bits
	var arguments map[string]any
	if err := decoder.Decode(&arguments); err != nil {
		return calledTool{form: text[:at] + squeezedJSON(text[at:])}, ""
	}
	compact, err := json.Marshal(sameNumbers(arguments))
	if err != nil {
		return calledTool{form: text[:at] + squeezedJSON(text[at:])}, ""
	}
	end := at + int(decoder.InputOffset())
	return calledTool{form: text[:at] + string(compact), whole: true}, text[end:]
}

// squeezedJSON returns a JSON text, whole or not, without the white space outside of its strings.
func squeezedJSON(text string) string {
	var b strings.Builder
	quoted, escaped := false, false
	for _, r := range text {
		if !quoted && strings.ContainsRune(" \t\r\n", r) {
			continue
		}
		b.WriteRune(r)
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		}
	}
	return b.String()
}
