package campaign

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// CallLimit is the name of the limit at which a call is cut, beside the names of measures. The
// limit of a campaign's options wins over the target's. Without either, calls of engines in other
// processes have the limit of a cell. That is 90 s on the wall clock, so that a hang does not stop
// a campaign, and 20 minutes in virtual time, longer than the timers in use. In virtual time a
// scenario with the tag flagship has its own deadline instead. A call never outlasts the scenario's
// deadline.
const CallLimit = "call"

// The limits of a cell; see [CallLimit].
const (
	wallCell    = 90 * time.Second
	virtualCell = 20 * time.Minute
)

// callLimit returns the time after which the calls of a job are cut, in scenario time, and whose
// limit it is. It is 0 if the scenario's deadline alone cuts them.
func (j Job) callLimit() (limit time.Duration, by timeline.CallLimitBy) {
	switch asked := j.plan.options.Limits[CallLimit]; {
	case asked > 0:
		return asked, timeline.LimitByOption
	case j.Variant.CallLimit > 0:
		return j.Variant.CallLimit, timeline.LimitByTarget
	case !j.Variant.Outside:
		return 0, timeline.LimitOfCell
	}
	switch clock := j.clock(); {
	case clock.Pace() > 0:
		return time.Duration(float64(wallCell) * clock.Pace()), timeline.LimitOfCell
	case slices.Contains(j.Scenario.Tags, flagshipTag):
		return 0, timeline.LimitOfCell
	}
	return virtualCell, timeline.LimitOfCell
}

// ParseLimits parses MEASURE=TIME pairs, as in time_to_fallback=30s. It returns an error for a
// measure that words does not have. The measure "call" is [CallLimit].
func ParseLimits(words *scenarios.Vocabulary, args []string) (assertions.Limits, error) {
	limits := assertions.Limits{}
	for _, arg := range args {
		measure, text, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, usage("limit", "{option} %q: write MEASURE=TIME, as in {option} time_to_fallback=30s", arg)
		}
		if known := limitNames(words); !slices.Contains(known, measure) {
			return nil, usage("limit", "{option} %q: no such measure%s", arg, DidYouMean(measure, known))
		}
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return nil,
				usage("limit", "{option} %q: %q is not a time above zero; write for instance 30s or 5m1s", arg, text)
		}
		if _, twice := limits[measure]; twice {
			return nil, usage("limit", "{option} %q: %s has two limits", arg, measure)
		}
		limits[measure] = d
	}
	return limits, nil
}

// limitNames returns the names of all limits.
func limitNames(words *scenarios.Vocabulary) []string {
	return append([]string{CallLimit}, words.Measures()...)
}

// checkLimits returns an error for an unknown measure, or a limit that is not positive.
func checkLimits(words *scenarios.Vocabulary, limits assertions.Limits) error {
	for _, measure := range slices.Sorted(maps.Keys(limits)) {
		limit := limits[measure]
		if known := limitNames(words); !slices.Contains(known, measure) {
			return usage("limit", "{option} %q: no such measure%s", measure, DidYouMean(measure, known))
		}
		if limit <= 0 {
			return usage("limit", "{option} %q: %s is not a time above zero", measure, limit)
		}
	}
	return nil
}
