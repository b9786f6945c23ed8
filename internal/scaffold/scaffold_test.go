package scaffold_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"go/format"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/internal/scaffold"
)

// root is the root of this checkout. The tests do not write to it.
var root = filepath.Join("..", "..")

// compile is a flag. CI sets it.
var compile = flag.Bool("compile", false, "compile what is begun, and run its test")

// overlaid returns an overlay file that shows the go command a plan as if it had been written.
func overlaid(t *testing.T, p scaffold.Plan) string {
	t.Helper()
	dir := t.TempDir()
	abs, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	for _, files := range []map[string][]byte{p.Files, p.Changed} {
		for path, data := range files {
			name := filepath.Join(dir, strings.ReplaceAll(path, "/", "_"))
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
			replace[filepath.Join(abs, filepath.FromSlash(path))] = name
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}

// New code compiles with its tests. Its own test fails until the code is completed.
func TestWhatIsBegunCompilesAndIsRed(t *testing.T) {
	for kind, room := range map[string]string{
		"fault": "fakeprovider/fault", "protocol": "fakeprovider/protocol", "expectation": "assertions",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p, err := scaffold.New(root, kind, "made-up-thing")
			if err != nil {
				t.Fatal(err)
			}
			want := []string{room + "/made_up_thing.go", room + "/made_up_thing_test.go"}
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(p.Files))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			for path, data := range p.Files {
				if formatted, err := format.Source(data); err != nil || !bytes.Equal(formatted, data) {
					t.Errorf("%s is not formatted: %v", path, err)
				}
			}
			if len(p.Changed) != 1 || len(p.Next) < 2 {
				t.Errorf("%d files are changed, and %d things come next", len(p.Changed), len(p.Next))
			}
			if !*compile {
				t.Skip("the rest compiles three packages and their tests; go test ./internal/scaffold -compile, as " +
					".ci/run does")
			}
			cmd := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlaid(t, p), "./"+room, "-run",
				"^TestMadeUpThing$")
			cmd.Dir = root
			out, err := cmd.CombinedOutput()
			if failed := "--- FAIL: TestMadeUpThing"; err == nil || !strings.Contains(string(out), failed) {
				t.Errorf("want %q, got %v:\n%s", failed, err, out)
			}
		})
	}
}

// No existing file is overwritten, and an invalid name is reported.
func TestNames(t *testing.T) {
	for _, test := range []struct{ kind, name, says string }{
		{"fault", "Heartbeat", "is no name"},
		{"fault", "a--b", "is no name"},
		{"fault", "../evil", "is no name"},
		{"fault", "", "is no name"},
		{
			"fault", "heartbeat-only",
			"fakeprovider/fault/heartbeat_only.go, fakeprovider/fault/heartbeat_only_test.go exist already",
		},
		{"fault", "dns-slow", "DNSSlow is in fakeprovider/fault/fault.go already"},
		{
			"expectation", "time_to_fallback",
			"assertions/time_to_fallback.go, assertions/time_to_fallback_test.go exist already",
		},
		{"policy", "x", "one of expectation, fault, protocol"},
	} {
		if _, err := scaffold.New(root, test.kind, test.name); !errors.Is(err, scaffold.ErrUsage) ||
			!strings.Contains(err.Error(), test.says) {
			t.Errorf("%s %q: got %v, want %q", test.kind, test.name, err, test.says)
		}
	}
	if _, err := scaffold.New(t.TempDir(), "fault", "x"); !errors.Is(err, scaffold.ErrUsage) ||
		!strings.Contains(err.Error(), "is no checkout") {
		t.Errorf("elsewhere: got %v", err)
	}
}

// Write writes exactly the planned files.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"go.mod", "assertions/all.go"} {
		data, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := scaffold.New(dir, "expectation", "calm")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Write(dir); err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile(filepath.Join(dir, "assertions", "all.go"))
	if err != nil || !strings.Contains(string(all), "\t\tTimeToFirstContent{},\n\t\tCalm{},\n") {
		t.Errorf("the list is\n%s%v", all, err)
	}
	if _, err := scaffold.New(dir, "expectation", "calm"); err == nil {
		t.Error("it may be begun twice")
	}
}
