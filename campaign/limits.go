package campaign

import (
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
)

// ParseLimits reads MEASURE=TIME, as in time_to_fallback=30s.
func ParseLimits(args []string) (assertions.Limits, error) {
	limits := assertions.Limits{}
	for _, arg := range args {
		measure, text, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, usage("limit", "{option} %q: write MEASURE=TIME, as in {option} time_to_fallback=30s", arg)
		}
		if known := measures(); !slices.Contains(known, measure) {
			return nil, usage("limit", "{option} %q: no such measure%s", arg, didYouMean(measure, known))
		}
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return nil, usage("limit", "{option} %q: %q is no time above zero; write for instance 30s or 5m1s", arg, text)
		}
		limits[measure] = d
	}
	return limits, nil
}

// measures returns what can be limited.
func measures() []string {
	var known []string
	for _, e := range assertions.All() {
		if l, ok := e.(assertions.Limited); ok {
			known = append(known, l.Measure())
		}
	}
	return known
}

// checkLimits refuses limits of what is not measured.
func checkLimits(limits assertions.Limits) error {
	for measure, limit := range limits {
		if known := measures(); !slices.Contains(known, measure) {
			return usage("limit", "{option} %q: no such measure%s", measure, didYouMean(measure, known))
		}
		if limit <= 0 {
			return usage("limit", "{option} %q: %s is no time above zero", measure, limit)
		}
	}
	return nil
}
