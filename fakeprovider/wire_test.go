package fakeprovider_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// update is a flag, which has to be registered before the tests run.
var update = flag.Bool("update", false, "rewrite the golden files under testdata/wire")

// errorStatuses are the statuses that every protocol has an answer for.
func errorStatuses() []int {
	return []int{400, 401, 402, 403, 404, 405, 408, 409, 413, 422, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529}
}

// errorCodes are the errors of a status beside its usual one.
func errorCodes() map[string][]fakeprovider.Problem {
	return map[string][]fakeprovider.Problem{
		"openai-chat": {
			{Status: 400, Code: "context_length_exceeded"},
			{Status: 400, Code: "missing_required_parameter"},
			{Status: 401, Code: "missing_api_key"},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 429, Code: "requests"},
			{Status: 429, Code: "insufficient_quota"},
			{Status: 500, Code: fakeprovider.CodeEdgePage},
			{Status: 503, Code: "slow_down"},
			{Status: 503, Code: "server_is_overloaded"},
		},
		"openai-responses": {
			{Status: 400, Code: "context_length_exceeded"},
			{Status: 400, Code: "missing_required_parameter"},
			{Status: 400, Code: "missing_model"},
			{Status: 401, Code: "missing_api_key"},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 429, Code: "requests"},
			{Status: 429, Code: "insufficient_quota"},
			{Status: 500, Code: fakeprovider.CodeEdgePage},
			{Status: 503, Code: "slow_down"},
			{Status: 503, Code: "server_is_overloaded"},
		},
		"anthropic-messages": {
			{Status: 400, Code: "prompt_too_long"},
			{Status: 400, Code: "credit_balance_too_low"},
			{Status: 400, Code: "usage_limit_reached"},
			{Status: 400, Code: "prefill"},
			{Status: 401, Code: "missing_api_key"},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 413, Code: fakeprovider.CodeEdgePage},
		},
		"gemini": {
			{Status: 400, Code: "API_KEY_INVALID"},
			{Status: 400, Code: "missing_contents"},
			{Status: 400, Code: "context_length_exceeded"},
			{Status: 400, Code: "FAILED_PRECONDITION"},
			{Status: 403, Code: "missing_api_key"},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 429, Code: "per_day"},
			{Status: 429, Code: "insufficient_quota"},
			{Status: 503, Code: "high_demand"},
			{Status: 503, Code: fakeprovider.CodeEdgePage},
		},
		"openrouter": {
			{Status: 400, Code: "context_length_exceeded"},
			{Status: 401, Code: "missing_api_key"},
			{Status: 402, Code: "fewer_max_tokens"},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 429, Code: "free-models-per-day"},
			{Status: 429, Code: "insufficient_quota"},
			{Status: 502, Code: "provider_error"},
			{Status: 500, Code: fakeprovider.CodeEdgePage},
		},
		"azure-openai": {
			{Status: 400, Code: "content_filter"},
			{Status: 400, Code: "context_length_exceeded"},
			{Status: 401, Code: "missing_api_key"},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 429, Code: "insufficient_quota"},
			{Status: 500, Code: fakeprovider.CodeEdgePage},
		},
	}
}

// meta is a response whose ids and dates are fixed.
func meta(stream bool) fakeprovider.Meta {
	return fakeprovider.Meta{
		Request: fakeprovider.Request{
			Method: http.MethodPost, Path: "/v1/some/path", Model: "some-model", Stream: stream, IncludeUsage: true, InputTokens: 17,
		},
		Provider: "primary", Attempt: 1, Now: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), Rand: rand.New(rand.NewPCG(1, 2)),
	}
}

// parsed is meta with the notes that the protocol's own Parse leaves.
func parsed(t *testing.T, p fakeprovider.Protocol, stream bool) fakeprovider.Meta {
	t.Helper()
	r := ask(t.Context(), t, "http://provider.test"+path(p), stream)
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	req, problem := p.Parse(r, body.Bytes())
	if problem != nil {
		t.Fatalf("refused: %+v", problem)
	}
	m := meta(stream)
	m.Request.Vendor = req.Vendor
	return m
}

// golden compares with a file under testdata/wire, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "wire", filepath.FromSlash(name)+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run go test -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// dump writes a response as text, headers in order.
func dump(r fakeprovider.Response) []byte {
	b := fmt.Appendf(nil, "HTTP %d\n", r.Status)
	return append(dumpHeader(b, r.Header), r.Body...)
}

func dumpHeader(b []byte, h http.Header) []byte {
	var lines []string
	for name, values := range h {
		for _, value := range values {
			lines = append(lines, name+": "+value+"\n")
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		b = append(b, line...)
	}
	return append(b, '\n')
}

// conversation is every frame in the order of a full answer, and what may come between.
func conversation() []fakeprovider.Frame {
	return []fakeprovider.Frame{
		{Kind: fakeprovider.FrameHeartbeat},
		{Kind: fakeprovider.FrameComment, Text: "OPENROUTER PROCESSING"},
		{Kind: fakeprovider.FrameStart},
		{Kind: fakeprovider.FrameText, Text: "The"},
		{Kind: fakeprovider.FrameText, Text: ` <capital> & "Grüße" 🎉`},
		{Kind: fakeprovider.FrameError},
		{Kind: fakeprovider.FrameFinish},
		{Kind: fakeprovider.FrameUsage},
		{Kind: fakeprovider.FrameDone},
	}
}

func TestGoldenFrames(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			for _, f := range conversation() {
				if *update {
					_ = os.Remove(filepath.Join("testdata", "wire", p.Name(), "frame-"+f.Kind.String()+".txt"))
				}
			}
			encoder := p.Encoder(parsed(t, p, true))
			golden(t, p.Name()+"/stream-header", dumpHeader(nil, encoder.Header()))
			frames := map[fakeprovider.FrameKind][]byte{}
			for _, f := range conversation() {
				data, err := encoder.Encode(f)
				if err != nil {
					t.Fatalf("%s: %v", f.Kind, err)
				}
				frames[f.Kind] = append(frames[f.Kind], data...)
			}
			for kind, data := range frames {
				golden(t, p.Name()+"/frame-"+kind.String(), data)
			}
		})
	}
}

func TestGoldenWhole(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			encoder := p.Encoder(parsed(t, p, false))
			got := dumpHeader(nil, encoder.Header())
			for _, f := range conversation() {
				if f.Kind == fakeprovider.FrameError {
					continue
				}
				data, err := encoder.Encode(f)
				if err != nil {
					t.Fatalf("%s: %v", f.Kind, err)
				}
				got = append(got, data...)
			}
			golden(t, p.Name()+"/whole", got)
		})
	}
}

func TestGoldenErrors(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			problems := errorCodes()[p.Name()]
			for _, status := range errorStatuses() {
				problems = append(problems, fakeprovider.Problem{Status: status})
			}
			for _, problem := range problems {
				name := fmt.Sprintf("%s/error-%d", p.Name(), problem.Status)
				if problem.Code != "" {
					name += "-" + problem.Code
				}
				golden(t, name, dump(p.Problem(problem, meta(true))))
			}
		})
	}
}

// The recordings give two lengths, which only the right indentation and the right spaces yield.
func TestRecordedLengths(t *testing.T) {
	t.Parallel()
	got := protocol.AnthropicMessages{}.Problem(fakeprovider.Problem{Status: 404}, func() fakeprovider.Meta {
		m := meta(false)
		m.Request.Model = "claude-does-not-exist"
		return m
	}())
	if len(got.Body) != 136 {
		t.Errorf("Anthropic's 404 has %d bytes, want 136: %s", len(got.Body), got.Body)
	}
	got = protocol.OpenAIResponses{}.Problem(fakeprovider.Problem{Status: 400}, meta(false))
	if len(got.Body) != 236 {
		t.Errorf("OpenAI's 400 at Responses has %d bytes, want 236: %s", len(got.Body), got.Body)
	}
}

func TestGoldensCoverWhatIsThere(t *testing.T) {
	t.Parallel()
	if got := len(protocol.All()); got != len(errorCodes()) {
		t.Errorf("%d protocols, but golden errors for %d", got, len(errorCodes()))
	}
}
