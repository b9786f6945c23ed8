package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// Sentence tells a run in one line for people who do not know its scenario: what happened and the
// limit, where the time went, and what to change. It reads the timeline if the run has one, else
// the measures.
//
//	fell back after 15m8s, limit 5m1s; 15m of it silence behind 90 heartbeats on 3 attempts; …
//
// Of an unknown run it says what the harness could not see, and of a skipped one why it was
// skipped: neither says anything about the engine.
func Sentence(run Run) string {
	t := teller{run: run, lanes: swimlanes(run).Lanes}
	i := slices.IndexFunc(run.Expectations, func(e Expectation) bool { return e.Verdict == run.Verdict })
	switch {
	case run.Verdict == assertions.Skipped:
		return "skipped: " + line(cmp.Or(run.SkipReason, "nothing was run"))
	case run.Verdict == assertions.Passed:
		return joined(t.calls(), t.timeTo(t.slowest()))
	case i < 0:
		return "nothing was judged: the scenario expects nothing that can be seen"
	case run.Verdict == assertions.Unknown:
		return "could not be judged: " + line(run.Expectations[i].Message)
	}
	e := run.Expectations[i]
	call := t.callOf(e)
	said := t.inCall(call) + t.tell(e, call)
	if run.Verdict == assertions.Partial {
		said = "holds, but for an advisory expectation: " + said
	}
	where := ""
	if t.timed(e, call) {
		where = t.timeTo(call)
	}
	return joined(said, where, line(cmp.Or(run.Advice, e.Advice)))
}

// A teller tells one run.
type teller struct {
	run   Run
	lanes []swimLane
}

// joined joins the parts that are not empty.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "; ")
}

// sentenceRunes is how much of a message a sentence quotes, and messageRunes how much of one a
// report in a pipeline shows. JSON and JUnit have all of it.
const (
	sentenceRunes = 160
	messageRunes  = 600
)

// line returns a text in one line, and the beginning of one that is too long for a sentence.
func line(text string) string { return clipped(text, sentenceRunes) }

// clipped returns a text in one line, and the beginning of one with more than n runes.
func clipped(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > n {
		text = string(runes[:n])
		return text[:max(0, strings.LastIndexByte(text, ' '))] + " …"
	}
	return text
}

// callOf returns the number of the call that an expectation failed on, 0 if it looked at the whole
// run, or if that cannot be told.
func (t teller) callOf(e Expectation) int {
	if len(t.run.Calls) == 1 {
		return 1
	}
	if e.Name == (assertions.Attempts{}).Name() || len(e.Events) == 0 {
		return 0
	}
	for _, lane := range t.lanes {
		if slices.Contains(lane.Events, e.Events[0]) {
			return lane.Call
		}
	}
	for i, c := range t.run.Calls { // without a timeline
		if took, ok := e.seconds(e.Got); ok && c.Measures.TimeToFallback != nil && *c.Measures.TimeToFallback == took {
			return i + 1
		}
	}
	return 0
}

// inCall names one call of several.
func (t teller) inCall(call int) string {
	if call == 0 || len(t.run.Calls) < 2 {
		return ""
	}
	return fmt.Sprintf("call %d of %d ", call, len(t.run.Calls))
}

// calls tells what the callers of a run got that passed.
func (t teller) calls() string {
	var said []string
	counts := map[string]int{}
	for _, c := range t.run.Calls {
		words := t.got(c)
		if counts[words] == 0 {
			said = append(said, words)
		}
		counts[words]++
	}
	for i, words := range said {
		if len(t.run.Calls) > 1 {
			said[i] = fmt.Sprintf("%d of %d calls %s", counts[words], len(t.run.Calls), words)
		}
	}
	i := t.slowest()
	if i == 0 {
		return cmp.Or(strings.Join(said, ", "), "no call was made")
	}
	took := t.run.Calls[i-1].Measures.TimeToFallback
	fell := "fell back after " + brief(*took)
	if len(t.run.Calls) > 1 {
		fell = "the slowest " + fell
	}
	if limit, ok := t.run.fallbackLimit(); ok {
		fell += ", limit " + brief(limit)
	}
	return strings.Join(append(said, fell), ", ")
}

// slowest returns the number of the call with the latest fallback, 0 without any.
func (t teller) slowest() (call int) {
	latest := timeline.Seconds(-1)
	for i, c := range t.run.Calls {
		if took := c.Measures.TimeToFallback; took != nil && *took > latest {
			latest, call = *took, i+1
		}
	}
	return call
}

// got tells what the caller of a call got, without its time.
func (t teller) got(c Call) string {
	if c.Outcome == 0 {
		return "was made by a caller that cannot be seen"
	}
	if c.Word == "safe" {
		return "ended in a clear error, which is safe"
	}
	return outcomeWords(c.Outcome, c.AnsweredBy)
}

// outcomeWords tells an outcome of a call as something that the engine did.
func outcomeWords(o timeline.Outcome, from string) string {
	switch o {
	case timeline.Answered:
		return "answered by " + cmp.Or(from, "a provider")
	case timeline.FailedClearly:
		return "ended in an error"
	case timeline.Hung:
		return "hung until it was cut"
	case timeline.Truncated:
		return "passed off a part of an answer as the whole"
	case timeline.Spliced:
		return "passed off pieces of several answers as one"
	case timeline.Duplicated:
		return "delivered parts of an answer more than once"
	case timeline.Empty:
		return "returned success without an answer"
	case timeline.Reordered:
		return "delivered the pieces of an answer in another order"
	case timeline.Altered:
		return "delivered text that no provider sent"
	case timeline.Invalid:
		return "delivered a tool call whose arguments are no JSON object"
	case timeline.HungUp:
		return "left by its caller"
	}
	return o.String()
}

// brief formats a time for a sentence, with about three digits and without zeros at the end.
func brief(s timeline.Seconds) string {
	step := time.Millisecond
	switch d := s.Duration(); {
	case d >= time.Minute:
		step = time.Second
	case d >= time.Second:
		step = 10 * time.Millisecond
	}
	text := s.Duration().Round(step).String()
	if cut, ok := strings.CutSuffix(text, "m0s"); ok {
		text = cut + "m"
	}
	if cut, ok := strings.CutSuffix(text, "h0m"); ok {
		text = cut + "h"
	}
	return text
}
