package failover

import (
	"regexp"
	"strings"
	"time"
)

// waitWords finds the wait in the words of an error: "Please try again in 1.78s" and "in 6m0s"
// (OpenAI, Groq), "Please retry in 58.2s" (Google), "Please retry after 26 seconds" (Azure).
var waitWords = regexp.MustCompile(`(?i)\b(?:again|retry) (?:in|after) ([0-9][0-9.hmsµ]*)(?: (second|minute|hour))?`)

// wordedWait returns the wait that a message asks for, in seconds, and whether it asks for one. A
// number without a unit asks for none.
func wordedWait(message string) (seconds float64, ok bool) {
	found := waitWords.FindStringSubmatch(message)
	if found == nil {
		return 0, false
	}
	number := strings.TrimRight(found[1], ".") // the end of the sentence
	if unit := strings.ToLower(found[2]); unit != "" {
		number += unit[:1]
	}
	wait, err := time.ParseDuration(number)
	return wait.Seconds(), err == nil
}
