package strictyaml

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// parseDuration reads a duration in Go's form, "45s" or "5m1s". A number without a unit, or with
// another spelling of a unit, is an error with the right form.
func parseDuration(text string) (time.Duration, error) {
	if d, err := time.ParseDuration(text); err == nil && text != "0" {
		return d, nil
	}
	if hint := rewrite(text); hint != "" {
		return 0, fmt.Errorf("%q is not a duration: write %q", text, hint)
	}
	return 0, fmt.Errorf(`%q is not a duration: write it like "10s", "400ms" or "5m1s"`, text)
}

var oneAmount = regexp.MustCompile(`^([+-]?\d+(?:\.\d+)?)\s*([a-zA-Zµ]*)\.?$`)

// rewrite writes one number with one unit as a duration, or returns an empty string.
func rewrite(text string) string {
	m := oneAmount.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return ""
	}
	number, unit := m[1], ""
	switch strings.ToLower(m[2]) {
	case "", "s", "sec", "secs", "second", "seconds":
		unit = "s"
	case "ms", "msec", "msecs", "milli", "millis", "millisecond", "milliseconds":
		unit = "ms"
	case "us", "µs", "usec", "micro", "micros", "microsecond", "microseconds":
		unit = "us"
	case "m", "min", "mins", "minute", "minutes":
		unit = "m"
	case "h", "hr", "hrs", "hour", "hours":
		unit = "h"
	case "d", "day", "days":
		days, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return ""
		}
		number, unit = strconv.FormatFloat(days*24, 'f', -1, 64), "h"
	}
	if _, err := time.ParseDuration(number + unit); unit == "" || err != nil {
		return ""
	}
	return number + unit
}
