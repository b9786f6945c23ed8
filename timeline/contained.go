package timeline

import (
	"slices"
	"sort"
	"strings"
)

// enough is how many bytes of a provider's text an output must show to count as a part of it.
// Shorter beginnings are in any output by chance.
const enough = 8

// squeezed returns a text with each run of white space as one space: programs break lines and
// indent what they print.
func squeezed(text string) string { return strings.Join(strings.Fields(text), " ") }

// contained decides what the caller of a command got. An output that holds the whole text of one
// provider is an answer, whatever stands around it: other text, and parts that were withdrawn
// before, cannot be told apart from it. The latest attempt comes first, as in compare.
func contained(output string, attempts []Attempt) (Outcome, string) {
	output = squeezed(output)
	if from := wholeIn(output, attempts); from != "" {
		return Answered, from
	}
	most, from := 0, ""
	for _, a := range attempts {
		if n := shown(output, squeezed(a.Text+a.Refusal)); n > most {
			most, from = n, a.Provider
		}
	}
	if most >= enough {
		return Truncated, from
	}
	return Empty, ""
}

// wholeIn returns the provider whose whole answer a squeezed output holds, or "".
func wholeIn(output string, attempts []Attempt) string {
	for _, a := range slices.Backward(attempts) {
		if whole := squeezed(a.Text); a.Finished && whole != "" && strings.Contains(output, whole) {
			return a.Provider
		}
		if whole := squeezed(a.Refusal); a.Finished && a.Text == "" && whole != "" && strings.Contains(output, whole) {
			return a.Provider
		}
	}
	return ""
}

// shown returns the length of the longest beginning of text that stands somewhere in output, in
// bytes.
func shown(output, text string) int {
	// If a beginning is not in the output, no longer one is.
	return sort.Search(len(text), func(n int) bool { return !strings.Contains(output, text[:n+1]) })
}

// firstShown returns the index of the delivery with which the output shows a part of an answer, or
// -1.
func firstShown(deliveries []Delivery, attempts []Attempt) int {
	shows := func(n int) bool {
		var b strings.Builder
		for _, d := range deliveries[:n+1] {
			b.WriteString(d.Text)
		}
		output := squeezed(b.String())
		for _, a := range attempts {
			text := squeezed(a.Text + a.Refusal)
			if text != "" && strings.Contains(output, text[:min(enough, len(text))]) {
				return true
			}
		}
		return false
	}
	// What an output shows it goes on to show.
	i := sort.Search(len(deliveries), shows)
	if i == len(deliveries) {
		return -1
	}
	return i
}
