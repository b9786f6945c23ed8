package reports

import (
	"fmt"
	"strings"
)

// A markup is a page under construction.
type markup struct{ strings.Builder }

// raw is a text that is markup already.
type raw string

// put appends a format. Texts in args are escaped, unless they are raw.
func (m *markup) put(format string, args ...any) {
	for i, arg := range args {
		switch arg := arg.(type) {
		case raw:
			args[i] = string(arg)
		case string:
			args[i] = escaped(arg)
		case fmt.Stringer:
			args[i] = escaped(arg.String())
		}
	}
	fmt.Fprintf(&m.Builder, format, args...)
}

// some appends a format of one text, unless the text is "".
func (m *markup) some(text, format string) {
	if text != "" {
		m.put(format, text)
	}
}
