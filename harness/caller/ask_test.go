package caller_test

import (
	"encoding/json"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/caller"
)

// talk is a request with everything in it.
func talk() harness.Request {
	return harness.Request{
		Prompt: "and in Rome?", System: "Be brief.", Stream: true,
		Messages: []harness.Message{
			{Role: "user", Text: "How warm is it in Paris?"}, {Role: "assistant", Text: "20 degrees."},
		},
		Tools: []harness.Tool{
			{
				Name: "weather", Description: "The weather of a town.",
				Parameters: `{"type":"object","properties":{"town":{"type":"string"}},"required":["town"]}`,
			},
			{Name: "now"},
		},
	}
}

// The body has the shape that the vendor documents, and the fake provider takes it.
func TestAsks(t *testing.T) {
	t.Parallel()
	const schema = `{"type":"object","properties":{"town":{"type":"string"}},"required":["town"]}`
	const none = `{"type":"object","properties":{}}`
	openAI := `[{"role":"user","content":"How warm is it in Paris?"},{"role":"assistant","content":"20 degrees."},{"role":"user","content":"and in Rome?"}]`
	for name, want := range map[string]string{
		"openai-chat": `{"model":"m","stream":true,"stream_options":{"include_usage":true},
			"messages":[{"role":"system","content":"Be brief."},` + openAI[1:] + `,
			"tools":[{"type":"function","function":{"name":"weather","description":"The weather of a town.","parameters":` + schema + `}},
				{"type":"function","function":{"name":"now","parameters":` + none + `}}]}`,
		"openai-responses": `{"model":"m","stream":true,"instructions":"Be brief.","input":` + openAI + `,
			"tools":[{"type":"function","name":"weather","description":"The weather of a town.","parameters":` + schema + `,"strict":false},
				{"type":"function","name":"now","parameters":` + none + `,"strict":false}]}`,
		"anthropic-messages": `{"model":"m","stream":true,"max_tokens":100,"system":"Be brief.","messages":` +
			openAI + `,
			"tools":[{"name":"weather","description":"The weather of a town.","input_schema":` + schema + `},{"name":"now","input_schema":` + none + `}]}`,
		"gemini": `{"systemInstruction":{"role":"user","parts":[{"text":"Be brief."}]},
			"contents":[{"role":"user","parts":[{"text":"How warm is it in Paris?"}]},{"role":"model","parts":[{"text":"20 degrees."}]},{"role":"user","parts":[{"text":"and in Rome?"}]}],
			"tools":[{"functionDeclarations":[{"name":"weather","description":"The weather of a town.","parametersJsonSchema":` + schema + `},{"name":"now","parametersJsonSchema":` + none + `}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := protocol.ByName(name)
			if err != nil {
				t.Fatal(err)
			}
			client, err := caller.New(caller.Options{
				Protocol: p, BaseURL: "http://provider.test" + p.About().BasePath, Model: "m", Key: "k",
			})
			if err != nil {
				t.Fatal(err)
			}
			r, err := client.Request(t.Context(), talk())
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parsed(t, []byte(want)), parsed(t, body)); diff != "" {
				t.Errorf("wanted and got:\n%s", diff)
			}
			got, problem := p.Parse(r, body)
			if problem != nil || got.Prompt != "and in Rome?" || got.InputTokens < 10 {
				t.Errorf("the provider understands %+v, %+v", got, problem)
			}
		})
	}
}

// parsed returns a JSON document as a value.
func parsed(t *testing.T, data []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return v
}

// A part of a request that is not there leaves no trace of it.
func TestAsksNothingMore(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		client, err := caller.New(caller.Options{Protocol: p, BaseURL: "http://provider.test", Model: "m", Key: "k"})
		if err != nil {
			continue // its answers cannot be read
		}
		for _, req := range []harness.Request{{Prompt: "hi"}, {Prompt: "hi", Tools: []harness.Tool{{Name: "now"}}}} {
			r, err := client.Request(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(r.Body)
			object, _ := parsed(t, body).(map[string]any)
			_, tools := object["tools"]
			for _, name := range []string{"system", "instructions", "systemInstruction"} {
				if _, ok := object[name]; ok || tools != (req.Tools != nil) {
					t.Errorf("%s: %s", p.Name(), body)
				}
			}
		}
	}
}
