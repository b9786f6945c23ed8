package timeline

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Seconds is a duration that JSON shows as a number of seconds, exact to the nanosecond.
type Seconds time.Duration

// Duration returns s as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) }

// String formats s like time.Duration.
func (s Seconds) String() string { return time.Duration(s).String() }

var (
	_ json.Marshaler   = Seconds(0)
	_ json.Unmarshaler = (*Seconds)(nil)
)

// MarshalJSON writes the seconds as a decimal number without an exponent.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, time.Duration(s).Seconds(), 'f', -1, 64), nil
}

// UnmarshalJSON reads a number of seconds. A number that no duration can hold is an error.
func (s *Seconds) UnmarshalJSON(data []byte) error {
	f, err := strconv.ParseFloat(string(data), 64)
	if err != nil {
		return fmt.Errorf("timeline: seconds: %w", err)
	}
	nanos := math.Round(f * float64(time.Second))
	if math.IsNaN(nanos) || math.Abs(nanos) >= math.MaxInt64 {
		return fmt.Errorf("timeline: seconds out of range: %s", data)
	}
	*s = Seconds(nanos)
	return nil
}
