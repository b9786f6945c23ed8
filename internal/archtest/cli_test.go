package archtest_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// cliLines is the maximum number of lines of a file in package cli. Longer files do more than
// flags and printing.
const cliLines = 200

func TestFilesOfTheCommandAreShort(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "cli", "*.go"))
	if err != nil || len(files) < 5 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(data, []byte("\n")); n > cliLines && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s has %d lines, more than %d: what it does belongs to a room that Go users can call", file, n,
				cliLines)
		}
	}
}

// vendors returns the modules of the vendors' SDKs. Requiring them would decide which versions a
// user's engine is tested with.
func vendors() []string {
	return []string{"github.com/openai/openai-go", "github.com/anthropics/anthropic-sdk-go", "google.golang.org/genai"}
}

func TestTheCommandHasNoSDK(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module+"/cli", module+"/campaign").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for dep := range strings.Lines(string(out)) {
		for _, vendor := range vendors() {
			if within(strings.TrimSpace(dep), vendor) {
				t.Errorf("cli or campaign imports %s, but an engine is linked by who tests it", strings.TrimSpace(dep))
			}
		}
	}
}
