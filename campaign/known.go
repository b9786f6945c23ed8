package campaign

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/internal/readfile"
)

// A Known is a list of runs that are expected to fail, by label: "scenario / policy". The zero
// Known is empty.
type Known struct {
	file  string
	lines map[string]int // label → line
}

// mostKnown is the size of the largest list that is read: half a million lines.
const mostKnown = 32 << 20

// ReadKnown reads a file of known failures, with one label per line. # starts a comment. If file
// is "", the list is empty.
func ReadKnown(file string) (Known, error) {
	known := Known{file: file, lines: map[string]int{}}
	if file == "" {
		return known, nil
	}
	data, err := readfile.Whole(file, mostKnown)
	if err != nil {
		return known, usage("", "%v", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		scenario, by, ok := strings.Cut(text, "/")
		if !ok {
			return known, &DataError{fmt.Errorf("%s:%d:1: %q: write 'scenario / policy'", file, n, text)}
		}
		known.lines[strings.TrimSpace(scenario)+" / "+strings.TrimSpace(by)] = n
	}
	if err := lines.Err(); err != nil {
		return known, &DataError{fmt.Errorf("%s: %w", file, err)}
	}
	return known, nil
}

// Has reports whether the list has the label.
func (k Known) Has(label string) bool { return k.lines[label] > 0 }

// fixed returns the message for a listed label that passed.
func (k Known) fixed(label string) string {
	return fmt.Sprintf("%s:%d:1: %s is a known failure but passed: remove this line", k.file, k.lines[label], label)
}
