package targets

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// gatewayFile is the call of a target file.
const gatewayFile = `
target: gw
kind: gateway
protocols: [openai-chat, anthropic-messages]
start: {command: [gw, --port, "{{port}}"]}
call:
  protocol: anthropic-messages
  base_url: "{{url}}/team"
  model: "route-{{settings.route}}"
  key: "${TOKEN}"
  headers: {X-Route: "{{upstream.2.name}} ${TOKEN}"}
  body: '{"metadata": {"user_id": "{{upstream.1.model}}"}, "max_tokens": 9}'
settings: {route: east}
`

func TestGatewayCall(t *testing.T) {
	var path, header string
	var body struct {
		Model     string `json:"model"`
		MaxTokens int    `json:"max_tokens"`
		Metadata  struct {
			User string `json:"user_id"`
		} `json:"metadata"`
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(data, &body); err != nil {
			t.Errorf("%v: %s", err, data)
		}
		path, header = r.URL.Path, r.Header.Get("X-Api-Key")+", "+r.Header.Get("X-Route")
		_, _ = io.WriteString(w,
			`{"type":"message","model":"m1","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn"}`)
	}))
	defer server.Close()
	target, err := Load(scenarios.Shipped(), "gw.yaml", []byte(gatewayFile))
	if err != nil {
		t.Fatal(err)
	}
	v := sample()
	v.url, v.settings = server.URL, map[string]string{"route": "east"}
	gateway, err := newGatewayCaller(target, v, scenarios.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	var got []harness.Delta
	err = gateway.Call(t.Context(), harness.Request{Prompt: "say hello"}, func(d harness.Delta) {
		if d.Kind < harness.DeltaRequest { // not what it got on the wire
			got = append(got, d)
		}
	})
	if err != nil || len(got) != 3 || got[0] != (harness.Delta{Kind: harness.DeltaModel, Text: "m1"}) ||
		got[1] != harness.Text("hello") {
		t.Errorf("got %v, %v", got, err)
	}
	if path != "/team/v1/messages" || header != "secret, secondary secret" || body.Model != "route-east" ||
		body.MaxTokens != 9 || body.Metadata.User != "m1" {
		t.Errorf("got %s, header %q, %+v", path, header, body.Metadata)
	}
}

func TestGatewayCallNeedsItsVariables(t *testing.T) {
	target, err := Load(scenarios.Shipped(), "gw.yaml", []byte(gatewayFile))
	if err != nil {
		t.Fatal(err)
	}
	v := sample()
	v.settings["route"] = "east"
	v.env = func(string) (string, bool) { return "", false }
	if _, err := newGatewayCaller(target, v, scenarios.Shipped()); err == nil ||
		err.Error() != "call.key: the environment variable TOKEN is not set" {
		t.Errorf("got %v", err)
	}
}
