package timeline

import (
	"encoding/json"
	"fmt"
	"time"
)

// Schema names the JSON form of a whole timeline. It changes only with a new version number.
const Schema = "chaosrun.timeline/v1"

// A SchemaError reports a document that is not a timeline of a version that this package reads.
type SchemaError struct {
	// Got is the schema that the document names.
	Got string
}

// Error names both schemas.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("timeline: schema is %q, want %q", e.Got, Schema)
}

type eventJSON struct {
	At      Seconds  `json:"at_s"`
	Lane    string   `json:"lane"`
	Seq     int      `json:"seq"`
	Attempt int      `json:"attempt"`
	Kind    Kind     `json:"kind"`
	Text    string   `json:"text"`
	Part    int      `json:"part,omitempty"`
	Asked   *Asked   `json:"asked,omitempty"`
	Count   int      `json:"count,omitempty"`
	Until   *Seconds `json:"until_s,omitempty"`
	Gap     Seconds  `json:"gap_s,omitempty"`
}

var (
	_ json.Marshaler   = Event{}
	_ json.Unmarshaler = (*Event)(nil)
	_ json.Marshaler   = Timeline{}
	_ json.Unmarshaler = (*Timeline)(nil)
)

// MarshalJSON writes the event. It writes count and until_s only if Count is above 1.
func (e Event) MarshalJSON() ([]byte, error) {
	out := eventJSON{
		At: Seconds(e.At), Lane: e.Lane, Seq: e.Seq, Attempt: e.Attempt, Kind: e.Kind, Text: e.Text, Part: e.Part,
		Asked: e.Asked, Gap: Seconds(e.Gap),
	}
	if e.Count > 1 {
		until := Seconds(e.Until)
		out.Count, out.Until = e.Count, &until
	}
	data, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("timeline: event: %w", err)
	}
	return data, nil
}

// UnmarshalJSON reads what MarshalJSON wrote. An event without a kind is an error.
func (e *Event) UnmarshalJSON(data []byte) error {
	var in eventJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("timeline: event: %w", err)
	}
	if in.Kind == 0 {
		return fmt.Errorf("timeline: event without a kind: %s", data)
	}
	*e = Event{
		At: in.At.Duration(), Lane: in.Lane, Seq: in.Seq, Attempt: in.Attempt, Kind: in.Kind, Text: in.Text,
		Part: in.Part, Asked: in.Asked, Count: max(1, in.Count), Until: in.At.Duration(), Gap: in.Gap.Duration(),
	}
	if in.Until != nil {
		e.Until = max(in.Until.Duration(), e.At)
	}
	return nil
}

type timelineJSON struct {
	Schema string  `json:"schema"`
	Run    Run     `json:"run"`
	Events []Event `json:"events"`
}

// MarshalJSON writes the timeline with its schema.
func (t Timeline) MarshalJSON() ([]byte, error) {
	events := t.Events
	if events == nil {
		events = []Event{}
	}
	data, err := json.Marshal(timelineJSON{Schema: Schema, Run: t.Run, Events: events})
	if err != nil {
		return nil, fmt.Errorf("timeline: %w", err)
	}
	return data, nil
}

// UnmarshalJSON reads a timeline. Another schema is a *SchemaError.
func (t *Timeline) UnmarshalJSON(data []byte) error {
	var in timelineJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("timeline: %w", err)
	}
	if in.Schema != Schema {
		return &SchemaError{Got: in.Schema}
	}
	*t = Timeline{Run: in.Run, Events: in.Events}
	return nil
}

// String formats the timeline for people, one event a line.
func (t Timeline) String() string {
	var b []byte
	for _, e := range t.Events {
		b = fmt.Appendf(b, "%12s  %-42s %3d  %s", e.At.Round(time.Microsecond), e.Lane, e.Seq, e.Kind)
		if e.Text != "" {
			b = fmt.Appendf(b, " %q", e.Text)
		}
		if e.Count > 1 {
			b = fmt.Appendf(b, " ×%d until %s", e.Count, e.Until.Round(time.Microsecond))
		}
		b = append(b, '\n')
	}
	return string(b)
}
