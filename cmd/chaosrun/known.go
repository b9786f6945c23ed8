package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
)

// knownFailures are the runs that are expected to fail, by label: "scenario / policy".
type knownFailures struct {
	file   string
	labels map[string]int // label → line
}

// readKnownFailures reads one label a line; # begins a comment.
func readKnownFailures(file string) (knownFailures, error) {
	known := knownFailures{file: file, labels: map[string]int{}}
	if file == "" {
		return known, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return known, usage("%v", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		scenario, by, ok := strings.Cut(text, "/")
		if !ok {
			return known, &exitError{code: exitData, err: fmt.Errorf("%s:%d:1: %q: write 'scenario / policy'", file, n, text)}
		}
		known.labels[strings.TrimSpace(scenario)+" / "+strings.TrimSpace(by)] = n
	}
	if err := lines.Err(); err != nil {
		return known, &exitError{code: exitData, err: fmt.Errorf("%s: %w", file, err)}
	}
	return known, nil
}

// verdict turns the report into the exit code, and says what is new and what is fixed.
func (k knownFailures) verdict(c console, r reports.Report) error {
	failed, unknown, ran := false, false, false
	broken := map[string]bool{}
	for _, run := range r.Runs {
		broken[run.Label()] = broken[run.Label()] || run.Verdict == assertions.Failed
	}
	for _, run := range r.Runs {
		line, known := k.labels[run.Label()]
		switch {
		case run.Verdict == assertions.Failed && !known:
			failed = true
		case run.Verdict == assertions.Passed && known && !broken[run.Label()]:
			failed = true
			fmt.Fprintf(c.err, "%s:%d:1: %s is listed as a known failure but passed: take it off the list\n", k.file, line, run.Label())
		case run.Verdict == assertions.Unknown:
			unknown = true
		}
		ran = ran || run.Verdict != assertions.Skipped
	}
	switch {
	case failed:
		return &exitError{code: exitFailed}
	case unknown, !ran:
		return &exitError{code: exitUnknown}
	}
	return nil
}
