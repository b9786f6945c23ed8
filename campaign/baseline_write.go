package campaign

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/internal/atomicfile"
	"github.com/chaosrun/chaosrun/internal/readfile"
)

// A baselineLine is a label of a baseline with the comments that belong to it.
type baselineLine struct {
	// above has the lines of comment right above the label.
	above []string
	label string
	// comment is what follows the label, with its #.
	comment string
}

// WriteBaseline writes the labels of the runs that failed to a file for [Options.Baseline], sorted.
// If the file is there, lines of runs that were not made or are unknown stay, and so do the
// comments above and behind all lines that stay. It replaces the file at once, so that a program
// that is killed leaves the old one. It returns the number of labels in the file. The error is a
// *[DataError] for a file that is not a baseline, else an *[OutputError].
func (r *Result) WriteBaseline(file string) (listed int, err error) {
	old, err := readBaseline(file)
	if err != nil {
		return 0, err
	}
	text, lines := old.head, r.baseline(old.lines)
	for _, line := range lines {
		text = append(append(text, line.above...), strings.TrimRight(line.label+" "+line.comment, " "))
	}
	var data bytes.Buffer
	for _, line := range append(text, old.foot...) {
		data.WriteString(line + "\n")
	}
	if err := atomicfile.Write(file, data.Bytes(), 0o644); err != nil {
		return 0, &OutputError{err}
	}
	return len(lines), nil
}

// CheckBaseline returns an error if [Result.WriteBaseline] could not write a file. It changes
// nothing.
func CheckBaseline(file string) error {
	if _, err := readBaseline(file); err != nil {
		return err
	}
	if err := atomicfile.Check(file); err != nil {
		return usage("write-baseline", "{option} %s: %v", file, err)
	}
	return nil
}

// baseline returns the lines of the new baseline, sorted by label.
func (r *Result) baseline(old []baselineLine) (lines []baselineLine) {
	have := map[string]bool{}
	for _, line := range old {
		verdict, judged := r.judged[line.label]
		if (!judged || verdict == assertions.Failed) && !have[line.label] {
			have[line.label] = true
			lines = append(lines, line)
		}
	}
	for label, verdict := range r.judged {
		if verdict == assertions.Failed && !have[label] {
			lines = append(lines, baselineLine{label: label})
		}
	}
	slices.SortFunc(lines, func(a, b baselineLine) int { return strings.Compare(a.label, b.label) })
	return lines
}

// A baselineFile is a baseline with its comments.
type baselineFile struct {
	// head is a comment at the beginning that an empty line ends, with that line. foot has the
	// comments behind the last label.
	head, foot []string
	lines      []baselineLine
}

// readBaseline reads a baseline. A file that is not there is empty.
func readBaseline(file string) (all baselineFile, err error) {
	data, err := readfile.Whole(file, mostLabels)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return all, usage("", "%v", err)
	}
	var above []string
	for n, text := range strings.Split(string(bytes.TrimRight(data, "\n")), "\n") {
		label, comment, err := parseLabel(text)
		switch {
		case err != nil:
			return all, &DataError{fmt.Errorf("%s:%d:1: %w", file, n+1, err)}
		case label != "":
			all.lines = append(all.lines, baselineLine{above: above, label: label, comment: comment})
			above = nil
		case comment != "":
			above = append(above, text)
		case len(above) > 0 && len(all.head)+len(all.lines) == 0:
			all.head = slices.Concat(above, []string{""})
			above = nil
		}
	}
	all.foot = above
	return all, nil
}
