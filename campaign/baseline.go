package campaign

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/readfile"
)

// labels is a file with a label in each line: "scenario / policy", or "scenario / target" for a
// target without policies. A baseline lists the runs that are expected to fail. The zero labels is
// empty.
type labels struct {
	file  string
	lines map[string]int // label → line
}

// mostLabels is the size of the largest file that is read: half a million lines.
const mostLabels = 32 << 20

// readLabels reads a file with one label per line. # starts a comment. If file is "", there are no
// labels.
func readLabels(file string) (labels, error) {
	all := labels{file: file, lines: map[string]int{}}
	if file == "" {
		return all, nil
	}
	data, err := readfile.Whole(file, mostLabels)
	if err != nil {
		return all, usage("", "%v", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		label, _, err := parseLabel(lines.Text())
		switch {
		case err != nil:
			return all, &DataError{fmt.Errorf("%s:%d:1: %w", file, n, err)}
		case label != "":
			all.lines[label] = n
		}
	}
	if err := lines.Err(); err != nil {
		return all, &DataError{fmt.Errorf("%s: %w", file, err)}
	}
	return all, nil
}

// parseLabel returns the label in a line, "" for none, and the comment behind it, with its #.
func parseLabel(line string) (label, comment string, err error) {
	text, _, _ := strings.Cut(line, "#")
	comment = line[len(text):]
	if text = strings.TrimSpace(text); text == "" {
		return "", comment, nil
	}
	scenario, by, ok := strings.Cut(text, "/")
	if !ok {
		return "", comment, fmt.Errorf("%q: write 'scenario / target'", text)
	}
	return strings.TrimSpace(scenario) + " / " + strings.TrimSpace(by), comment, nil
}

// has reports whether the file has the label.
func (l labels) has(label string) bool { return l.lines[label] > 0 }

// fixed returns the message for a label of a baseline whose runs passed.
func (l labels) fixed(label string) string {
	return fmt.Sprintf("%s:%d:1: %s is in the baseline but passed: remove this line", l.file, l.lines[label], label)
}

// unmatched returns a sentence about the labels that no run has, or "". They may be of scenarios
// that were not selected.
func (l labels) unmatched(ran func(label string) bool) string {
	missing := slices.DeleteFunc(slices.Collect(maps.Keys(l.lines)), ran)
	if len(missing) == 0 {
		return ""
	}
	first := slices.MinFunc(missing, func(a, b string) int { return l.lines[a] - l.lines[b] })
	said := fmt.Sprintf("%s:%d:1: no run is %s", l.file, l.lines[first], first)
	if len(missing) > 1 {
		said += fmt.Sprintf(", and none is one of %d further lines", len(missing)-1)
	}
	return said
}
