package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// goldenScenario plays the frames that the golden ones of package fakeprovider were made from, in their order.
const goldenScenario = `
scenario: golden
providers:
  - name: primary
    on_request:
      - script:
          - heartbeat
          - comment: OPENROUTER PROCESSING
          - frame: {kind: start}
          - frame: {kind: text, text: The}
          - frame: {kind: text, text: ' <capital> & "Grüße" 🎉'}
          - frame: {kind: error}
          - finish
expect: [no_leaks]
`

// curl -N shows the bytes that reviewers read in the golden files, each time.
func TestServeToCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("there is no curl on this machine; package serve holds the same bytes over a connection of its own")
	}
	file := filepath.Join(t.TempDir(), "golden.yaml")
	if err := os.WriteFile(file, []byte(goldenScenario), 0o600); err != nil {
		t.Fatal(err)
	}
	bases := map[string]struct{ variable, path string }{
		"openai-chat":        {"OPENAI_BASE_URL", "/chat/completions"},
		"openai-responses":   {"OPENAI_BASE_URL", "/responses"},
		"anthropic-messages": {"ANTHROPIC_BASE_URL", "/v1/messages"},
		"gemini":             {"GOOGLE_GEMINI_BASE_URL", "/v1beta/models/some-model:streamGenerateContent?alt=sse"},
		"openrouter":         {"OPENAI_BASE_URL", "/chat/completions"},
		"azure-openai":       {"AZURE_OPENAI_ENDPOINT", "/openai/deployments/some-model/chat/completions?api-version=2024-10-21"},
	}
	prompt := strings.Repeat("word ", 13) + "end" // 17 tokens by the rule of thumb
	body := fmt.Sprintf(`{"model":"some-model","max_tokens":100,"messages":[{"role":"user","content":%[1]q}],"input":%[1]q,`+
		`"contents":[{"parts":[{"text":%[1]q}]}],"stream":true,"stream_options":{"include_usage":true}}`, prompt)
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			var want strings.Builder
			for _, kind := range []string{"heartbeat", "comment", "start", "text", "error", "finish", "usage", "done"} {
				data, err := os.ReadFile(filepath.Join("..", "..", "fakeprovider", "protocol", "testdata", "wire", p.Name(), "frame-"+kind+".txt"))
				if err != nil {
					t.Fatal(err)
				}
				want.Write(data)
			}
			s := start(t, file, "--protocol", p.Name(), "--seed", "1", "--fixed-ids")
			base := bases[p.Name()]
			for range 2 {
				got, err := exec.Command(curl, "-sSN", s.env[base.variable]+base.path, "-H", "Authorization: Bearer sk-any",
					"-H", "Anthropic-Version: 2023-06-01", "-H", "Content-Type: application/json", "-d", body).CombinedOutput()
				if diff := cmp.Diff(want.String(), string(got)); diff != "" || err != nil {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
			}
		})
	}
}
