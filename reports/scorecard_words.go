package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// outcomes returns the outcome of each call, as one word if all are the same.
func outcomes(run Run) string {
	var words []string
	for _, c := range run.Calls {
		words = append(words, cmp.Or(c.Word, c.Outcome.String()))
	}
	return strings.Join(slices.Compact(words), ", ")
}

// requests returns the requests that each provider received, in the order of the chain: "3+1".
func requests(run Run) string {
	var counts []string
	for _, p := range run.Providers {
		n := 0
		for _, c := range run.Calls {
			n += c.Measures.Attempts[p.Name]
		}
		counts = append(counts, strconv.Itoa(n))
	}
	if len(run.Calls) == 0 {
		return ""
	}
	return strings.Join(counts, "+")
}

// rough formats a time to a tenth of a second, because further digits differ from run to run.
func rough(s timeline.Seconds) string {
	return s.Duration().Round(100 * time.Millisecond).String()
}

// seen says in a sentence what the user of the engine would see, or why that is unknown.
func seen(run Run) string {
	switch run.Verdict { //nolint:exhaustive // the others were judged
	case assertions.Skipped:
		return "not run: " + run.SkipReason
	case assertions.Unknown:
		for _, e := range run.Expectations {
			if e.Verdict == assertions.Unknown {
				return "unknown: " + e.Message
			}
		}
	}
	if len(run.Calls) == 0 {
		return "nothing: no call was made"
	}
	var all []string
	for _, c := range run.Calls {
		all = append(all, c.sentence())
	}
	said := strings.Join(slices.Compact(all), "; then ")
	if len(run.Calls) > mostCalls {
		said = headlineOfMany(run)
	}
	var missed []string
	for _, e := range run.Expectations {
		if e.Verdict == assertions.Failed && !slices.Contains(missed, e.Name) {
			missed = append(missed, e.Name)
		}
	}
	if missed != nil {
		said += "; misses " + strings.Join(missed, ", ")
	}
	return said
}

// sentence says what the caller of one call would see.
func (c Call) sentence() string {
	waited := rough(total(c.Measures.WhereTimeWent))
	switch c.Outcome {
	case timeline.Answered:
		return fmt.Sprintf("the answer of %s after %s", c.AnsweredBy, waited)
	case timeline.FailedClearly:
		return "an error after " + waited
	case timeline.Hung:
		return "no end: the call was cut after " + waited
	case timeline.HungUp:
		return "no end: its caller hung up after " + waited
	case timeline.Truncated:
		return "a part of the answer, presented as the whole, after " + waited
	case timeline.Empty:
		return "an empty answer, presented as success, after " + waited
	case timeline.Invalid:
		return "a tool call that cannot be read, presented as success, after " + waited
	case timeline.Spliced, timeline.Duplicated, timeline.Reordered, timeline.Altered:
	case 0: // its caller was not seen
		return "unknown: the caller was not seen"
	}
	return fmt.Sprintf("an answer that no provider gave (%s) after %s", c.Outcome, waited)
}
