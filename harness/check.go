package harness

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

const (
	// checkLines is how many lines a failure prints at most, so that it fits on a screen.
	checkLines = 60
	// checkFindings is how many of them may be findings.
	checkFindings = 12
	// checkWidth is how many bytes of a finding are printed.
	checkWidth = 600
)

// Check reports to tb every finding that did not pass, with what replays the run and its story, in
// at most 60 lines. The whole timeline is in a file that the last line names: in the test's
// ArtifactDir with go test -artifacts, else in the folder for temporary files. Check reports
// nothing if the trial passed or is partial.
//
// A trial that was skipped skips the test with the reason. Where tb has no method Skipf it is an
// error, because nothing was tested.
func (t *Trial) Check(tb T) {
	tb.Helper()
	if reason := t.Skipped(); reason != "" {
		if !skip(tb, t.Scenario.Name+": "+reason) {
			tb.Errorf("scenario %s was skipped, and this test cannot say so: %s", t.Scenario.Name, reason)
		}
		return
	}
	if t.Verdict().Holds() {
		return
	}
	said := []string{fmt.Sprintf("scenario %s, seed %d", t.Scenario.Name, t.Timeline.Run.Seed), t.replay(tb)}
	said = append(said, t.complaints()...)
	text := strings.Join(append(said, ""), "\n") + "\n"
	story := timeline.Story(t.Timeline.Events, checkLines-strings.Count(text, "\n")-1)
	tb.Errorf("%s%s%s", text, story, t.keep(tb))
}

// complaints returns the findings that did not pass, each with a line of advice behind it.
func (t *Trial) complaints() []string {
	var said []string
	for _, r := range t.Judgement.Results {
		if r.Verdict > assertions.Passed {
			message := strings.Join(strings.Fields(r.Message), " ")
			if len(message) > checkWidth {
				message = strings.ToValidUTF8(message[:checkWidth], "") + "…"
			}
			said = append(said, complaint(r, message))
		}
	}
	if len(said) == 0 {
		return []string{t.Verdict().String() + ": the scenario expects nothing"}
	}
	if more := len(said) - checkFindings; more > 0 {
		said = append(said[:checkFindings-1], fmt.Sprintf("and %d more", more+1))
	}
	return said
}

// complaint returns a finding and its advice.
func complaint(r assertions.Result, message string) string {
	said := fmt.Sprintf("%s: %s: %s", r.Verdict, r.Name, message)
	if r.Advice != "" {
		said += "\n  → " + r.Advice
	}
	return said
}

// keep writes the findings and the whole timeline to a file, and returns the line that names it.
func (t *Trial) keep(tb T) string {
	f, err := os.CreateTemp(artifacts(tb), "chaosrun-"+fileName(t.Scenario.Name)+"-*.txt")
	if err != nil {
		return fmt.Sprintf("the whole timeline could not be kept: %v", err)
	}
	var text strings.Builder
	for _, r := range t.Judgement.Results {
		text.WriteString(complaint(r, r.Message) + "\n")
	}
	fmt.Fprintf(&text, "\n%s", t.Timeline)
	_, err = f.WriteString(text.String())
	if err := errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name()) // half a timeline says less than none
		return fmt.Sprintf("the whole timeline could not be kept: %v", err)
	}
	return "the whole timeline: " + f.Name()
}

// fileName returns a scenario's name as a part of a file's name.
func fileName(scenario string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) || r < ' ' {
			return '-'
		}
		return r
	}, scenario)
}

// artifacts returns the folder for the files of a test, or "" for the folder of temporary files.
// Without -artifacts, go test removes the test's own folder in the end.
func artifacts(tb T) string {
	kept := flag.Lookup("test.artifacts")
	dir, ok := tb.(interface{ ArtifactDir() string })
	if !ok || kept == nil || kept.Value.String() != "true" {
		return ""
	}
	return dir.ArtifactDir()
}
