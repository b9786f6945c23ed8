package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// goldenScenario plays the frames that the golden ones of package fakeprovider were made from, in
// their order.
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

// installed returns the path of a program of this machine, past the stand-ins of the scripts, or
// "".
func installed(program string) string {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, "family")); err == nil {
			continue // where TestMain put the stand-ins
		}
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path
		}
	}
	return ""
}

// curl -N shows the bytes that reviewers read in the golden files, each time.
func TestServeToCurl(t *testing.T) {
	curl := installed("curl")
	if curl == "" {
		t.Skip("there is no curl on this machine; package serve holds the same bytes over a connection of its own")
	}
	file := filepath.Join(t.TempDir(), "golden.yaml")
	if err := os.WriteFile(file, []byte(goldenScenario), 0o600); err != nil {
		t.Fatal(err)
	}
	// 17 tokens
	fill := fakeprovider.Blanks{Model: "some-model", Prompt: strings.Repeat("word ", 13) + "end", Key: "sk-any"}
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			var want strings.Builder
			for _, kind := range []string{"heartbeat", "comment", "start", "text", "error", "finish", "usage", "done"} {
				data, err := os.ReadFile(filepath.Join("..", "..", "fakeprovider", "protocol", "testdata", "wire",
					p.Name(), "frame-"+kind+".txt"))
				if err != nil {
					t.Fatal(err)
				}
				want.Write(data)
			}
			s := start(t, file, "--protocol", p.Name(), "--seed", "1", "--fixed-ids")
			about := p.About()
			at := slices.IndexFunc(about.Env, func(v fakeprovider.Variable) bool { return v.Value == "{base}" })
			request, err := about.Stream.Request(t.Context(),
				strings.TrimSuffix(s.env[about.Env[at].Name], about.BasePath), fill)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(request.Body)
			if err != nil {
				t.Fatal(err)
			}
			arguments := []string{"-sSN", request.URL.String(), "-d", string(body)}
			for name := range request.Header {
				arguments = append(arguments, "-H", name+": "+request.Header.Get(name))
			}
			for range 2 {
				got, err := exec.Command(curl, arguments...).CombinedOutput()
				if diff := cmp.Diff(want.String(), string(got)); diff != "" || err != nil {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
			}
		})
	}
}
