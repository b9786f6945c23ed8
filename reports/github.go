package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
)

// GitHub writes the workflow commands that become annotations of a pull request: an error for each
// run that failed and a warning for each that is unknown or partial, at the line of its scenario
// file, and a notice with the counts. A run of the catalogue's has no file, and its annotation no
// place. GitHub shows ten errors and ten warnings of a step, so there are no more:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func GitHub(w io.Writer, r Report) error { return Kind{Open: NewGitHub}.whole(w, r) }

// NewGitHub starts a report in the form of [GitHub]. It writes each annotation at once.
func NewGitHub(w io.Writer, header Header) Stream {
	return &githubStream{w: w, header: header, shown: map[string]int{}}
}

// annotationsShown is how many annotations of a kind GitHub shows of a step.
const annotationsShown = 10

type githubStream struct {
	w      io.Writer
	header Header
	// shown counts the annotations by command, and left those that were too many.
	shown map[string]int
	left  int
}

// Add writes the annotation of a run that did not pass.
func (s *githubStream) Add(run Run) error {
	command := ""
	switch run.Verdict {
	case assertions.Failed:
		command = "error"
	case assertions.Unknown, assertions.Partial:
		command = "warning"
	case assertions.Passed, assertions.Skipped:
		return nil
	}
	if s.shown[command] == annotationsShown {
		s.left++
		return nil
	}
	s.shown[command]++
	place := ""
	if run.File != "" {
		place = "file=" + commandProperty(run.File) + ","
	}
	said := []string{Sentence(run)}
	if run.Advice != "" {
		said = append(said, "the target's advice: "+clipped(run.Advice, messageRunes))
	}
	for _, e := range run.Expectations {
		if e.Verdict != run.Verdict {
			continue
		}
		if place != "" && e.Line > 0 && !strings.Contains(place, ",line=") {
			place += fmt.Sprintf("line=%d,", e.Line)
		}
		said = append(said, strings.TrimSuffix(e.Name+": "+clipped(e.Message, messageRunes)+"\n"+e.arrow("  "), "\n"))
	}
	said = append(said, "replay: "+run.Replay)
	_, err := fmt.Fprintf(s.w, "::%s %stitle=%s::%s\n", command, place, commandProperty(run.Label()),
		commandData(strings.Join(said, "\n")))
	return s.wrap(err)
}

// Close writes the notice with the counts.
func (s *githubStream) Close(total Summary) error {
	text := counts(total)
	if s.left > 0 {
		text += fmt.Sprintf("; %d more did not pass than have an annotation", s.left)
		if path := s.header.file("html"); path != "" {
			text += ", see " + path
		}
	}
	_, err := fmt.Fprintf(s.w, "::notice title=chaosrun::%s\n", commandData(text))
	return s.wrap(err)
}

func (*githubStream) wrap(err error) error {
	if err != nil {
		return fmt.Errorf("reports: github: %w", err)
	}
	return nil
}

// commandData returns the message of a workflow command, which is one line.
func commandData(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// commandProperty returns a property of a workflow command, in which a colon and a comma would end
// it.
func commandProperty(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(commandData(text))
}
