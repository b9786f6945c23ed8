package reports

import (
	"fmt"
	"strings"
)

// aside returns the text in brackets after the name of an expectation.
func (e Expectation) aside() string {
	var parts []string
	if e.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", e.Line))
	}
	if e.Advisory {
		parts = append(parts, "advisory")
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// arrow returns a line with the advice, or "" without any.
func (e Expectation) arrow(indent string) string {
	if e.Advice == "" {
		return ""
	}
	return indent + "→ " + line(e.Advice) + "\n"
}

// told returns what the engine reported about the answer, or "".
func (c Call) told() string {
	var parts []string
	for _, p := range [][2]string{{"model", c.Model}, {"usage", c.Usage}, {"finish", c.Finish}} {
		if p[1] != "" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	return strings.Join(parts, ", ")
}
