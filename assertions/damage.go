package assertions

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

const (
	// shownSources is how many pieces of a damaged answer a message names. The timeline has them
	// all.
	shownSources = 5
	// shownRunes is how much of a piece it quotes: of a longer one, half of this at either end.
	shownRunes = 48
)

// damaged describes an answer that is no provider's, with the pieces that it consists of.
func damaged(t timeline.Timeline, c timeline.Client, o timeline.Outcome, from string) string {
	var what string
	switch o { //nolint:exhaustive // the kinds of damage
	case timeline.Truncated:
		what = "a part of the answer of " + from
	case timeline.Spliced:
		what = "pieces of several answers as one"
	case timeline.Duplicated:
		what = "parts of the answer of " + from + " more than once"
	case timeline.Reordered:
		what = "the pieces of the answer of " + from + " in another order"
	case timeline.Invalid:
		what = "a tool call of " + from + " whose arguments are no JSON object"
	case timeline.Altered:
		if what = "text that is in no provider's answer"; from != "" {
			what += ", beside that of " + from
		}
	}
	return "returned success with " + what + ": " + quoted(t.Sources(c.Call))
}

// quoted returns pieces with their sources, the first and the last of very many.
func quoted(sources []timeline.Source) string {
	var all []string
	for i, s := range sources {
		left := len(sources) - shownSources
		switch {
		case left > 0 && i == shownSources-1:
			all = append(all, fmt.Sprintf("%d more pieces", left))
			continue
		case left > 0 && i >= shownSources && i < len(sources)-1:
			continue
		}
		all = append(all, fmt.Sprintf("%q %s", middleOut(s.Text), origin(s)))
	}
	return strings.Join(all, ", then ")
}

// origin says whose piece it is.
func origin(s timeline.Source) string {
	if s.Provider == "" {
		return "of nobody's answer"
	}
	whole := ""
	if s.Whole {
		whole = ", all it sent"
	}
	return fmt.Sprintf("of %s #%d%s", s.Provider, s.Attempt, whole)
}

// middleOut returns a text, or the beginning and the end of a long one.
func middleOut(text string) string {
	runes := []rune(text)
	if len(runes) <= shownRunes {
		return text
	}
	return string(runes[:shownRunes/2]) + "…" + string(runes[len(runes)-shownRunes/2:])
}
