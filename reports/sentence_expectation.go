package reports

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// tell says what an expectation that failed has found, and its limit. call is the call's number, 0
// for none. An expectation that is not told in words of its own is told in those of its message.
func (t teller) tell(e Expectation, call int) string {
	switch e.Name {
	case (assertions.TimeToFallback{}).Name():
		return t.late(e, call, "fell back after", "never fell back")
	case (assertions.TimeToFirstContent{}).Name():
		return t.late(e, call, "delivered its first content after", "never delivered content")
	case (assertions.TimeToAnswer{}).Name():
		return t.late(e, call, "answered after", "never answered")
	case (assertions.Answer{}).Name():
		return t.answer(e, call)
	case (assertions.Attempts{}).Name():
		return t.attempts(e)
	case (assertions.NoFallback{}).Name():
		if to, ok := e.Got.(string); ok && len(t.run.Providers) > 0 {
			return fmt.Sprintf("left %s for %s, though nothing was wrong with it", t.run.Providers[0].Name, to)
		}
	case (assertions.ConnectionClosed{}).Name():
		return t.unclosed(e)
	case (assertions.NoLeaks{}).Name():
		return leaks(e)
	case (assertions.HangUp{}).Name(), (assertions.ClientWire{}).Name(), assertions.PremiseName, assertions.AskedName,
		assertions.ModelSeenName: // their messages are sentences already
		return line(e.Message)
	}
	return e.Name + ": " + line(e.Message)
}

// late tells a measure that is beyond its limit, or never happened.
func (t teller) late(e Expectation, call int, after, never string) string {
	limit := ""
	if most, ok := e.seconds(e.Limit); ok {
		limit = ", limit " + brief(most)
	}
	if took, ok := e.seconds(e.Got); ok {
		return after + " " + brief(took) + limit
	}
	if call == 0 || t.run.Calls[call-1].Outcome == 0 {
		return never + limit
	}
	return never + " and " + t.ended(t.run.Calls[call-1]) + limit
}

// ended tells what the caller of a call got, and when.
func (t teller) ended(c Call) string {
	words := t.got(c)
	if c.Outcome == timeline.Answered || c.Outcome == timeline.HungUp {
		words = "was " + words
	}
	return words + " after " + brief(total(c.Measures.WhereTimeWent))
}

// answer tells another outcome than the one expected, or what was wrong with an answer.
func (t teller) answer(e Expectation, call int) string {
	if call == 0 {
		return line(e.Message)
	}
	c := t.run.Calls[call-1]
	from, _ := e.Args["from"].(string)
	switch {
	case (c.Outcome == timeline.FailedClearly || c.Outcome == timeline.Hung) && from != "":
		return t.ended(c) + ", though " + from + " could have answered"
	case c.Outcome != timeline.Answered:
		return t.ended(c)
	case from != "" && from != c.AnsweredBy:
		return t.ended(c) + " rather than by " + from
	}
	return line(e.Message)
}

// attempts tells the numbers of requests that are out of bounds.
func (t teller) attempts(e Expectation) string {
	counts, bounds := numbers(e.Got), e.Args
	var said []string
	for _, provider := range slices.Sorted(maps.Keys(bounds)) {
		n, between := counts[provider], numbers(bounds[provider])
		least, bounded := between["min"]
		if bounded && n < least {
			said = append(said, fmt.Sprintf("sent %s to %s, at least %d expected", some(n, "request"), provider, least))
		}
		if most, bounded := between["max"]; bounded && n > most {
			said = append(said, fmt.Sprintf("sent %s to %s, limit %d", some(n, "request"), provider, most))
		}
	}
	if said == nil {
		return line(e.Message)
	}
	return strings.Join(said, " and ")
}

// some returns a number of things in words.
func some(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// numbers returns a map of whole numbers, also of one that was read from JSON.
func numbers(v any) map[string]int {
	switch v := v.(type) {
	case map[string]int:
		return v
	case map[string]any:
		all := map[string]int{}
		for name, n := range v {
			if n, ok := n.(json.Number); ok {
				whole, _ := n.Int64() // 0 is none
				all[name] = int(whole)
			}
		}
		return all
	}
	return nil
}

// leaks tells the first thing that outlived the calls, and how many more did.
func leaks(e Expectation) string {
	first, more, _ := strings.Cut(e.Message, "; ")
	_, first, _ = strings.Cut(first, ": ")
	said := "left open when its calls were over: " + line(first)
	if more != "" {
		said += fmt.Sprintf(" and %d more", 1+strings.Count(more, "; "))
	}
	return said
}

// unclosed tells a request that stayed open for too long.
func (t teller) unclosed(e Expectation) string {
	provider, _ := e.Args["provider"].(string)
	took, closed := e.seconds(e.Got)
	most, limited := e.seconds(e.Limit)
	switch {
	case provider == "" || !limited:
		return line(e.Message)
	case !closed:
		return fmt.Sprintf("never closed a request to %s that it had given up, limit %s", provider, brief(most))
	}
	return fmt.Sprintf("closed a request to %s %s after it had given it up, limit %s", provider, brief(took),
		brief(most))
}
