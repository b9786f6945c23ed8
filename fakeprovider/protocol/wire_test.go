package protocol_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

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
				if *rig.Update {
					_ = os.Remove(filepath.Join("testdata", "wire", p.Name(), "frame-"+f.Kind.String()+".txt"))
				}
			}
			encoder := p.Encoder(rig.Parsed(t, p, true))
			rig.Golden(t, p.Name()+"/stream-header", rig.DumpHeader(nil, encoder.Header()))
			frames := map[fakeprovider.FrameKind][]byte{}
			for _, f := range conversation() {
				data, err := encoder.Encode(f)
				if err != nil {
					t.Fatalf("%s: %v", f.Kind, err)
				}
				frames[f.Kind] = append(frames[f.Kind], data...)
			}
			for kind, data := range frames {
				rig.Golden(t, p.Name()+"/frame-"+kind.String(), data)
			}
		})
	}
}

func TestGoldenWhole(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			encoder := p.Encoder(rig.Parsed(t, p, false))
			got := rig.DumpHeader(nil, encoder.Header())
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
			rig.Golden(t, p.Name()+"/whole", got)
		})
	}
}

func TestGoldenErrors(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			problems := errorCodes()[p.Name()]
			for _, status := range rig.ErrorStatuses() {
				problems = append(problems, fakeprovider.Problem{Status: status})
			}
			for _, problem := range problems {
				name := fmt.Sprintf("%s/error-%d", p.Name(), problem.Status)
				if problem.Code != "" {
					name += "-" + problem.Code
				}
				rig.Golden(t, name, rig.Dump(p.Problem(problem, rig.Meta(true))))
			}
		})
	}
}

// The recordings give two lengths, which only the right indentation and the right spaces yield.
func TestRecordedLengths(t *testing.T) {
	t.Parallel()
	got := protocol.AnthropicMessages{}.Problem(fakeprovider.Problem{Status: 404}, func() fakeprovider.Meta {
		m := rig.Meta(false)
		m.Request.Model = "claude-does-not-exist"
		return m
	}())
	if len(got.Body) != 136 {
		t.Errorf("Anthropic's 404 has %d bytes, want 136: %s", len(got.Body), got.Body)
	}
	got = protocol.OpenAIResponses{}.Problem(fakeprovider.Problem{Status: 400}, rig.Meta(false))
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
