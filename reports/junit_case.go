package reports

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// suiteProperties returns the facts of all runs of an engine.
func suiteProperties(header Header, run Run) []junitProperty {
	all := []junitProperty{
		{Name: "version", Value: header.Version},
		{Name: "seed", Value: strconv.FormatUint(header.Seed, 10)},
		{Name: "clock", Value: run.Clock},
	}
	for _, p := range []junitProperty{
		{Name: "target", Value: run.Target},
		{Name: "policy", Value: run.Policy},
		{Name: "target_version", Value: run.TargetVersion},
	} {
		if p.Value != "" {
			all = append(all, p)
		}
	}
	return all
}

// caseProperties returns the facts and the measures of a run, one [[PROPERTY|NAME=VALUE]] a line.
// The schema has no properties in a testcase. Tools that read them in the output agree on this
// form: https://github.com/testmoapp/junitxml#properties-in-test-output
//
// Of several calls it has the longest times, the sums of the attempts and every outcome.
func caseProperties(run Run) string {
	if run.Verdict == assertions.Skipped {
		return ""
	}
	var b strings.Builder
	add := func(name, value string) {
		value = strings.NewReplacer("]", ")", "[", "(").Replace(line(value)) // which would end it
		fmt.Fprintf(&b, "[[PROPERTY|%s=%s]]\n", name, printable(value))
	}
	add("verdict", run.Verdict.String())
	add("seed", strconv.FormatUint(run.Seed, 10))
	add("clock", run.Clock)
	if outcomes := run.outcomes(); outcomes != "" {
		add("outcome", outcomes)
	}
	longest := map[string]timeline.Seconds{}
	attempts := map[string]int{}
	for _, c := range run.Calls {
		for name, took := range map[string]*timeline.Seconds{
			"time_to_fallback_s": c.Measures.TimeToFallback, "time_to_first_content_s": c.Measures.TimeToFirstContent,
			"time_to_answer_s": c.Measures.TimeToAnswer,
		} {
			if took != nil {
				longest[name] = max(longest[name], *took)
			}
		}
		for provider, n := range c.Measures.Attempts {
			attempts[provider] += n
		}
	}
	for _, name := range slices.Sorted(maps.Keys(longest)) {
		add(name, seconds(longest[name]))
	}
	for _, provider := range slices.Sorted(maps.Keys(attempts)) {
		add("attempts."+provider, strconv.Itoa(attempts[provider]))
	}
	return b.String()
}

// outcomes returns the outcomes of the calls, each once and in the order of the calls.
func (r Run) outcomes() string {
	var all []string
	for _, c := range r.Calls {
		if c.Outcome != 0 && !slices.Contains(all, c.Outcome.String()) {
			all = append(all, c.Outcome.String())
		}
	}
	return strings.Join(all, ", ")
}

// problem collects the findings with one verdict. The first becomes the attribute. The text says
// what happened, and has all of them with their advice, where they stand in the scenario file, and
// the replay command.
func problem(run Run, v assertions.Verdict) *junitMessage {
	m := &junitMessage{Type: v.String(), Message: "the scenario expects nothing, so nothing was judged"}
	said := false
	lines := []string{Sentence(run)}
	if run.Advice != "" {
		lines = append(lines, "the target's advice: "+clipped(run.Advice, messageRunes))
	}
	for _, e := range run.Expectations {
		if e.Verdict != v {
			continue
		}
		text := e.Name + ": " + e.Message
		if !said {
			said, m.Message = true, printable(text)
		}
		if e.Limit != nil && e.Got != nil {
			text += fmt.Sprintf(" (limit %s, got %s)", value(e.Limit), value(e.Got))
		}
		if run.File != "" && e.Line > 0 {
			text += fmt.Sprintf(" at %s:%d", run.File, e.Line)
		}
		lines = append(lines, strings.TrimSuffix(text+"\n"+e.arrow("  "), "\n"))
	}
	lines = append(lines, "replay: "+run.Replay)
	m.Text = printable(strings.Join(lines, "\n"))
	return m
}
