package campaign

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/scenarios"
)

// ParseLimits parses MEASURE=TIME pairs, as in time_to_fallback=30s. It returns an error for a
// measure that words does not have.
func ParseLimits(words *scenarios.Vocabulary, args []string) (assertions.Limits, error) {
	limits := assertions.Limits{}
	for _, arg := range args {
		measure, text, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, usage("limit", "{option} %q: write MEASURE=TIME, as in {option} time_to_fallback=30s", arg)
		}
		if known := words.Measures(); !slices.Contains(known, measure) {
			return nil, usage("limit", "{option} %q: no such measure%s", arg, DidYouMean(measure, known))
		}
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return nil, usage("limit", "{option} %q: %q is no time above zero; write for instance 30s or 5m1s", arg, text)
		}
		limits[measure] = d
	}
	return limits, nil
}

// checkLimits returns an error for an unknown measure, or a limit that is not positive.
func checkLimits(words *scenarios.Vocabulary, limits assertions.Limits) error {
	for _, measure := range slices.Sorted(maps.Keys(limits)) {
		limit := limits[measure]
		if known := words.Measures(); !slices.Contains(known, measure) {
			return usage("limit", "{option} %q: no such measure%s", measure, DidYouMean(measure, known))
		}
		if limit <= 0 {
			return usage("limit", "{option} %q: %s is no time above zero", measure, limit)
		}
	}
	return nil
}
