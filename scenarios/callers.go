package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
)

// MostCallers is the largest Count of a call. A thousand callers of a chain of two fill some
// 100,000 events.
const MostCallers = 1000

// Callers returns how many callers make the call at once: Count, and 1 if there is none.
func (c Call) Callers() int { return max(1, c.Count) }

// EachCall returns every single call that a run makes, in the order of their numbers: a call with a
// Count stands there as often as it is made, each with its own prompt, and a Count of 1.
func (s Scenario) EachCall() []Call {
	var all []Call
	for _, c := range s.Calls {
		for range c.Callers() {
			one := c
			one.Count = 1
			if c.Callers() > 1 {
				one.Prompt += mark(len(all) + 1)
			}
			all = append(all, one)
		}
	}
	return all
}

// mark is what stands behind the prompt of call n if several are made at once.
func mark(n int) string { return fmt.Sprintf(" (call %d)", n) }

// marked finds the marks in a text.
var marked = regexp.MustCompile(`\(call (\d{1,6})\)`)

// MarkedCall returns the number in the last mark of a text, or 0 if there is none; see
// [Scenario.EachCall].
func MarkedCall(text string) int {
	all := marked.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(all[len(all)-1][1]) // up to six digits
	return n
}
