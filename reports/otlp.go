package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Epoch is the instant at which every run of a trace begins, unless [Header].Ended says when it
// ended: midnight UTC of 2000-01-01, where the clock of testing/synctest starts. So the same runs
// have the same traces.
func Epoch() time.Time { return time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC) }

// semconvSchema names the OpenTelemetry semantic conventions of the attributes. It is the last
// version with those for generative AI; they have had a repository of their own since, without a
// schema.
const semconvSchema = "https://opentelemetry.io/schemas/1.41.0"

// mostSpanEvents bounds the events of a span: the default of OTEL_SPAN_EVENT_COUNT_LIMIT.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
const mostSpanEvents = 128

// NewOTLP starts traces in OTLP/JSON, one run a line: each line is an ExportTraceServiceRequest
// with one trace. That is the form of files of the OpenTelemetry Collector. It writes each run as
// soon as it is added.
//
// A trace has a span for the run, below it one for each call and below that one for each request.
// Those of calls and requests follow the semantic conventions for generative AI. A run without a
// timeline has no spans of requests. It has no prompts and no answers.
func NewOTLP(w io.Writer, header Header) Stream { return &otlpStream{w: w, header: header} }

type otlpStream struct {
	w      io.Writer
	header Header
	some   bool
}

// Add writes the trace of the run.
func (s *otlpStream) Add(run Run) error {
	s.some = true
	return s.write(otlpRequest{ResourceSpans: []otlpResourceSpans{s.trace(run)}})
}

// Close writes a request without spans if there was no run.
func (s *otlpStream) Close(Summary) error {
	if s.some {
		return nil
	}
	return s.write(otlpRequest{ResourceSpans: []otlpResourceSpans{}})
}

// write writes one line in one go.
func (s *otlpStream) write(request otlpRequest) error {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(request); err != nil {
		return fmt.Errorf("reports: otlp: %w", err)
	}
	if err := writeAll(s.w, line.Bytes()); err != nil {
		return fmt.Errorf("reports: otlp: %w", err)
	}
	return nil
}

// trace returns the trace of a run.
func (s *otlpStream) trace(run Run) otlpResourceSpans {
	start := Epoch()
	if !s.header.Ended.IsZero() {
		start = s.header.Ended.Add(-run.Simulated.Duration())
	}
	version := []otlpAttribute{}
	if s.header.Version != "" {
		version = append(version, otlpText("service.version", s.header.Version))
	}
	return otlpResourceSpans{
		Resource: otlpResource{Attributes: append([]otlpAttribute{otlpText("service.name", "chaosrun")}, version...)},
		ScopeSpans: []otlpScopeSpans{{
			Scope:     otlpScope{Name: "github.com/chaosrun/chaosrun/reports", Version: s.header.Version},
			Spans:     newTracer(run, start).spans(),
			SchemaURL: semconvSchema,
		}},
		SchemaURL: semconvSchema,
	}
}

// The messages of opentelemetry.proto.collector.trace.v1 and those in it, as far as a trace has
// them. In OTLP/JSON ids are hexadecimal, 64-bit numbers are strings, and enums are numbers.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
type (
	otlpRequest struct {
		ResourceSpans []otlpResourceSpans `json:"resourceSpans"`
	}
	otlpResourceSpans struct {
		Resource   otlpResource     `json:"resource"`
		ScopeSpans []otlpScopeSpans `json:"scopeSpans"`
		SchemaURL  string           `json:"schemaUrl"`
	}
	otlpResource struct {
		Attributes []otlpAttribute `json:"attributes"`
	}
	otlpScopeSpans struct {
		Scope     otlpScope  `json:"scope"`
		Spans     []otlpSpan `json:"spans"`
		SchemaURL string     `json:"schemaUrl"`
	}
	otlpScope struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	otlpSpan struct {
		TraceID    string          `json:"traceId"`
		SpanID     string          `json:"spanId"`
		Parent     string          `json:"parentSpanId,omitempty"`
		Name       string          `json:"name"`
		Kind       int             `json:"kind"`
		Start      otlpNanos       `json:"startTimeUnixNano"`
		End        otlpNanos       `json:"endTimeUnixNano"`
		Attributes []otlpAttribute `json:"attributes"`
		Events     []otlpEvent     `json:"events,omitempty"`
		Dropped    int             `json:"droppedEventsCount,omitempty"`
		Status     otlpStatus      `json:"status"`
	}
	otlpEvent struct {
		Time       otlpNanos       `json:"timeUnixNano"`
		Name       string          `json:"name"`
		Attributes []otlpAttribute `json:"attributes,omitempty"`
	}
	otlpStatus struct {
		Message string `json:"message,omitempty"`
		Code    int    `json:"code,omitempty"`
	}
	otlpAttribute struct {
		Key string `json:"key"`
		// Value has one entry, whose key says which kind of value it is.
		Value map[string]any `json:"value"`
	}
)

// Numbers of the enums SpanKind and StatusCode.
const (
	otlpInternal = 1
	otlpClient   = 3
	otlpError    = 2
)

// otlpNanos is a time since 1970, as a string of nanoseconds in JSON.
type otlpNanos int64

// MarshalJSON writes a decimal string.
func (n otlpNanos) MarshalJSON() ([]byte, error) {
	return []byte(strconv.Quote(strconv.FormatInt(int64(n), 10))), nil
}

var _ json.Marshaler = otlpNanos(0)

// otlpText returns an attribute with a text.
func otlpText(key, value string) otlpAttribute {
	return otlpAttribute{Key: key, Value: map[string]any{"stringValue": value}}
}

// otlpInt returns an attribute with a whole number.
func otlpInt(key string, value int) otlpAttribute {
	return otlpAttribute{Key: key, Value: map[string]any{"intValue": strconv.Itoa(value)}}
}

// otlpBool returns an attribute that is true or false.
func otlpBool(key string, value bool) otlpAttribute {
	return otlpAttribute{Key: key, Value: map[string]any{"boolValue": value}}
}

// otlpSeconds returns an attribute with a number of seconds.
func otlpSeconds(key string, value time.Duration) otlpAttribute {
	return otlpAttribute{Key: key, Value: map[string]any{"doubleValue": value.Seconds()}}
}

// otlpTexts returns an attribute with a list of texts.
func otlpTexts(key string, values ...string) otlpAttribute {
	list := make([]map[string]any, len(values))
	for i, v := range values {
		list[i] = map[string]any{"stringValue": v}
	}
	return otlpAttribute{Key: key, Value: map[string]any{"arrayValue": map[string]any{"values": list}}}
}

// otlpTextsOf returns an attribute for each pair of a key and a text that is not "".
func otlpTextsOf(pairs ...[2]string) (all []otlpAttribute) {
	for _, p := range pairs {
		if p[1] != "" {
			all = append(all, otlpText(p[0], p[1]))
		}
	}
	return all
}

// otlpID returns an id of that many bytes, by hash.
func otlpID(size int, parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s,", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:size])
}
