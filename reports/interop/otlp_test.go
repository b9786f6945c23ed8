package interop_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
)

// standard returns the attributes of the semantic conventions that a trace of ours may have, with
// the type of each.
func standard() map[attribute.Key]pcommon.ValueType {
	return map[attribute.Key]pcommon.ValueType{
		semconv.ServiceNameKey:                   pcommon.ValueTypeStr,
		semconv.ServiceVersionKey:                pcommon.ValueTypeStr,
		semconv.ErrorTypeKey:                     pcommon.ValueTypeStr,
		semconv.HTTPResponseStatusCodeKey:        pcommon.ValueTypeInt,
		semconv.GenAIOperationNameKey:            pcommon.ValueTypeStr,
		semconv.GenAIProviderNameKey:             pcommon.ValueTypeStr,
		semconv.GenAIRequestModelKey:             pcommon.ValueTypeStr,
		semconv.GenAIRequestStreamKey:            pcommon.ValueTypeBool,
		semconv.GenAIResponseModelKey:            pcommon.ValueTypeStr,
		semconv.GenAIResponseFinishReasonsKey:    pcommon.ValueTypeSlice,
		semconv.GenAIResponseTimeToFirstChunkKey: pcommon.ValueTypeDouble,
		semconv.GenAIUsageInputTokensKey:         pcommon.ValueTypeInt,
		semconv.GenAIUsageOutputTokensKey:        pcommon.ValueTypeInt,
	}
}

// providers returns the values of gen_ai.provider.name that the catalogue has.
func providers() []string {
	var names []string
	for _, known := range []attribute.KeyValue{
		semconv.GenAIProviderNameOpenAI, semconv.GenAIProviderNameAnthropic, semconv.GenAIProviderNameGCPGemini,
		semconv.GenAIProviderNameAzureAIOpenAI,
	} {
		names = append(names, known.Value.AsString())
	}
	return names
}

// written returns a report in one form.
func written(t *testing.T, kind string, report reports.Report) []byte {
	t.Helper()
	write, err := reports.ForKind(kind)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := write(&out, report); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestOTLP decodes the traces of the catalogue as a collector does, and compares them with the
// report and with the semantic conventions.
func TestOTLP(t *testing.T) {
	report := catalogue(t)
	lines := bufio.NewScanner(bytes.NewReader(written(t, "otlp", report)))
	lines.Buffer(nil, 16<<20)
	n := 0
	for ; lines.Scan(); n++ {
		run := report.Runs[n]
		request := ptraceotlp.NewExportRequest()
		if err := request.UnmarshalJSON(lines.Bytes()); err != nil {
			t.Fatalf("%s: %v", run.Label(), err)
		}
		for _, wrong := range wrongIn(request.Traces(), run) {
			t.Errorf("%s: %s", run.Label(), wrong)
		}
		if err := strictly(lines.Bytes()); err != nil {
			t.Errorf("%s: %v", run.Label(), err)
		}
	}
	if err := lines.Err(); err != nil || n != len(report.Runs) || n < 100 {
		t.Errorf("%v; %d traces of %d runs", err, n, len(report.Runs))
	}
}

// ids finds the ids in a trace. OTLP/JSON writes them in hexadecimal, but protojson in base64.
var ids = regexp.MustCompile(`"(traceId|spanId|parentSpanId)":"([0-9a-f]+)"`)

// strictly returns an error if the text has something that is no part of the protocol.
func strictly(line []byte) error {
	line = ids.ReplaceAllFunc(line, func(found []byte) []byte {
		part := ids.FindSubmatch(found)
		id, _ := hex.DecodeString(string(part[2])) // the expression matches no other
		return []byte(`"` + string(part[1]) + `":"` + base64.StdEncoding.EncodeToString(id) + `"`)
	})
	return protojson.Unmarshal(line, &collector.ExportTraceServiceRequest{})
}

// wrongIn returns what is wrong with the trace of a run.
func wrongIn(traces ptrace.Traces, run reports.Run) (wrong []string) {
	if traces.ResourceSpans().Len() != 1 || traces.ResourceSpans().At(0).ScopeSpans().Len() != 1 {
		return []string{"not one resource and one scope"}
	}
	resource := traces.ResourceSpans().At(0)
	scope := resource.ScopeSpans().At(0)
	if resource.SchemaUrl() != semconv.SchemaURL || scope.SchemaUrl() != semconv.SchemaURL {
		wrong = append(wrong, "schema "+resource.SchemaUrl()+", want "+semconv.SchemaURL)
	}
	wrong = append(wrong, unknownAmong(resource.Resource().Attributes())...)
	spans := scope.Spans()
	known := map[pcommon.SpanID]ptrace.Span{}
	requests := 0
	for i := range spans.Len() {
		s := spans.At(i)
		if _, double := known[s.SpanID()]; double || s.SpanID().IsEmpty() || s.TraceID() != spans.At(0).TraceID() {
			wrong = append(wrong, s.Name()+": its ids are not its own")
		}
		known[s.SpanID()] = s
		parent, ok := known[s.ParentSpanID()]
		if root := i == 0; ok == root || root != s.ParentSpanID().IsEmpty() {
			wrong = append(wrong, s.Name()+": its parent is not before it")
		}
		if s.EndTimestamp() < s.StartTimestamp() || ok && s.StartTimestamp() < parent.StartTimestamp() {
			wrong = append(wrong, s.Name()+": it begins after its end, or before its parent")
		}
		if i > 0 {
			wrong = append(wrong, inference(s)...)
		}
		if _, request := s.Attributes().Get("chaosrun.attempt"); request {
			requests++
		}
		for j := range s.Events().Len() {
			e := s.Events().At(j)
			if e.Timestamp() < s.StartTimestamp() || e.Timestamp() > s.EndTimestamp() {
				wrong = append(wrong, s.Name()+": "+e.Name()+" is outside of it")
			}
			wrong = append(wrong, unknownAmong(e.Attributes())...)
		}
		wrong = append(wrong, unknownAmong(s.Attributes())...)
	}
	return append(wrong, unlike(spans.At(0), requests, run)...)
}

// unlike returns how the trace differs from the report.
func unlike(root ptrace.Span, requests int, run reports.Run) (wrong []string) {
	want := map[string]string{
		"chaosrun.scenario": run.Scenario, "chaosrun.verdict": run.Verdict.String(), "chaosrun.policy": run.Policy,
		"chaosrun.replay": run.Replay,
	}
	for key, value := range want {
		if got := valueOf(root, key); got != value {
			wrong = append(wrong, key+" is "+got+", want "+value)
		}
	}
	if failed := root.Status().Code() == ptrace.StatusCodeError; failed != (run.Verdict == assertions.Failed) {
		wrong = append(wrong, "its status is "+root.Status().Code().String())
	}
	least := 0
	for _, c := range run.Calls {
		for _, n := range c.Measures.Attempts {
			least += n
		}
	}
	if len(run.Timeline) == 0 {
		least = 0
	}
	if requests < least {
		wrong = append(wrong, "it lacks spans of requests")
	}
	return wrong
}

// valueOf returns an attribute of a span as a text, "" if it has none of that name.
func valueOf(s ptrace.Span, key string) string {
	value, ok := s.Attributes().Get(key)
	if !ok {
		return ""
	}
	return value.AsString()
}

// inference returns in what a span is none of an inference.
func inference(s ptrace.Span) (wrong []string) {
	text := func(key attribute.Key) string { return valueOf(s, string(key)) }
	operation := text(semconv.GenAIOperationNameKey)
	if operation != semconv.GenAIOperationNameChat.Value.AsString() &&
		operation != semconv.GenAIOperationNameGenerateContent.Value.AsString() {
		wrong = append(wrong, s.Name()+": operation "+operation)
	}
	if name := strings.TrimSpace(operation + " " + text(semconv.GenAIRequestModelKey)); s.Name() != name {
		wrong = append(wrong, s.Name()+": its name should be "+name)
	}
	if provider := text(semconv.GenAIProviderNameKey); !slices.Contains(providers(), provider) {
		wrong = append(wrong, s.Name()+": provider "+provider)
	}
	if s.Kind() != ptrace.SpanKindClient {
		wrong = append(wrong, s.Name()+": kind "+s.Kind().String())
	}
	_, typed := s.Attributes().Get(string(semconv.ErrorTypeKey))
	if typed != (s.Status().Code() == ptrace.StatusCodeError) {
		wrong = append(wrong, s.Name()+": error.type and status do not fit")
	}
	return wrong
}

// unknownAmong returns the attributes that the conventions do not have, or have with another type,
// but for our own.
func unknownAmong(attributes pcommon.Map) (wrong []string) {
	for key, value := range attributes.All() {
		if strings.HasPrefix(key, "chaosrun.") {
			continue
		}
		if want, ok := standard()[attribute.Key(key)]; !ok || value.Type() != want {
			wrong = append(wrong, key+" is "+value.Type().String())
		}
	}
	return wrong
}

// TestOTLPHasAll checks that the traces of the catalogue have every attribute that they may have,
// but for what the caller is told by engines in other processes.
func TestOTLPHasAll(t *testing.T) {
	text := string(written(t, "otlp", catalogue(t)))
	for key := range standard() {
		told := []attribute.Key{
			semconv.GenAIResponseModelKey, semconv.GenAIResponseFinishReasonsKey, semconv.GenAIUsageInputTokensKey,
			semconv.GenAIUsageOutputTokensKey,
		}
		if has := strings.Contains(text, `"key":"`+string(key)+`"`); !has && !slices.Contains(told, key) {
			t.Errorf("no run has %s", key)
		}
	}
	for _, event := range []string{
		"decision", "expectation", "limit", "fallback", "first_content", "kill", "cut", "close", "heartbeats",
		"problem",
	} {
		if !strings.Contains(text, `"name":"chaosrun.`+event+`"`) {
			t.Errorf("no span has the event %s", event)
		}
	}
	met := `"key":"chaosrun.fault","value":{"arrayValue":{"values":[{"stringValue":"heartbeat-only"}]}}`
	if !strings.Contains(text, met) {
		t.Error("no request says which fault it met")
	}
}

// TestOTLPTeeth checks that the tests above see what is wrong.
func TestOTLPTeeth(t *testing.T) {
	report := catalogue(t)
	at := slices.IndexFunc(report.Runs, func(r reports.Run) bool {
		return r.Scenario == "heartbeat-only" && r.Verdict == assertions.Failed
	})
	run := report.Runs[at]
	report.Runs = report.Runs[at : at+1]
	line := written(t, "otlp", report)
	for _, tt := range [][2]string{
		{`"gen_ai.provider.name"`, `"gen_ai.vendor"`},
		{`"intValue":"200"`, `"stringValue":"200"`},
		{`"name":"chat primary-model"`, `"name":"chat"`},
		{`"error.type"`, `"chaosrun.error"`},
		{`"kind":3`, `"kind":2`},
		{`"parentSpanId":"`, `"parentSpanId":"0`},
		{semconv.SchemaURL, "https://opentelemetry.io/schemas/1.40.0"},
		{`"stringValue":"` + run.Verdict.String() + `"`, `"stringValue":"passed"`},
	} {
		broken := bytes.ReplaceAll(line, []byte(tt[0]), []byte(tt[1]))
		request := ptraceotlp.NewExportRequest()
		if err := request.UnmarshalJSON(broken); err == nil && len(wrongIn(request.Traces(), run)) == 0 {
			t.Errorf("%s in the place of %s is not seen", tt[1], tt[0])
		}
	}
	if strictly(bytes.Replace(line, []byte(`"scopeSpans"`), []byte(`"scopeSpan"`), 1)) == nil {
		t.Error("a field that does not exist is not seen")
	}
}
