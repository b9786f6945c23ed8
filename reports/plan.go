package reports

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/chaosrun/chaosrun/timeline"
)

// A Plan identifies the runs that a report should have, so that the reports of its shards can be
// joined and none is missing unnoticed.
type Plan struct {
	// SHA256 is the hash of all runs of the plan in order, not only of the shard's: of the scenario
	// and its text, the target, its file and its settings, the policy, the limits, the clock and
	// the seed of each. Runs is their number.
	SHA256 string `json:"sha256"`
	Runs   int    `json:"runs"`
	// Cadence is the option of the pauses between heartbeats, "" for "auto".
	Cadence string `json:"cadence,omitempty"`
	// Shard is "I/N" if the report has only every Nth run, beginning with the Ith from 1.
	Shard string `json:"shard,omitempty"`
}

// unitSeconds is the unit of times.
const unitSeconds = "s"

// unitOf returns the unit of the values of an expectation, "" for none.
func unitOf(values ...any) string {
	for _, v := range values {
		if _, ok := v.(timeline.Seconds); ok {
			return unitSeconds
		}
	}
	return ""
}

// UnmarshalJSON reads an expectation so that it is written as it was. Numbers without a unit become
// a [json.Number].
func (e *Expectation) UnmarshalJSON(data []byte) error {
	type plain Expectation
	numbers := json.NewDecoder(bytes.NewReader(data))
	numbers.UseNumber()
	if err := numbers.Decode((*plain)(e)); err != nil {
		return err //nolint:wrapcheck // the decoder of the report wraps it
	}
	if e.Unit != unitSeconds {
		return nil
	}
	for _, v := range []*any{&e.Limit, &e.Got} {
		number, ok := (*v).(json.Number)
		if !ok {
			continue
		}
		var s timeline.Seconds
		if err := json.Unmarshal([]byte(number), &s); err != nil {
			return fmt.Errorf("expectation %s: %w", e.Name, err)
		}
		*v = s
	}
	return nil
}
