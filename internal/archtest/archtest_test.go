package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// list returns the packages of every workspace module in a folder. It includes packages that do
// not compile.
func list(t *testing.T, dir string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports",
		"work")
	cmd.Dir = dir
	workspace, err := filepath.Abs(filepath.Join(dir, "go.work"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), "GOWORK="+workspace) // whatever the test was started with
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		pkgs = append(pkgs, p)
	}
}

func TestWalls(t *testing.T) {
	pkgs := list(t, filepath.Join("..", ".."))
	if len(pkgs) < len(rooms())/2 {
		t.Fatalf("got %d packages, so most were not seen", len(pkgs))
	}
	for _, v := range violations(pkgs) {
		t.Error(v)
	}
}

// TestTeeth checks that a forbidden import in a real module is found.
func TestTeeth(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":              "module " + module + "\n\ngo 1.26.0\n",
		"go.work":             "go 1.26.0\n\nuse (\n\t.\n\t./failover\n\t./cmd/chaosrun\n)\n",
		"failover/go.mod":     "module " + module + "/failover\n\ngo 1.26.0\n",
		"failover/f.go":       "package failover\n\nimport _ \"" + module + "/timeline\"\n",
		"cmd/chaosrun/go.mod": "module " + module + "/cmd/chaosrun\n\ngo 1.26.0\n",
		"cmd/chaosrun/c.go":   "package main\n\nimport _ \"" + module + "/harness\"\n",
		"harness/sdk_test.go": "package harness_test\n\nimport _ \"google.golang.org/genai\"\n",
		"harness/h.go":        "package harness\n",
		"reports/r.go":        "package reports\n\nimport _ \"" + module + "/harness\"\n",
		"timeline/t.go":       "package timeline\n",
		"timeline/t_test.go": "package timeline_test\n\nimport (\n\t_ \"math/rand\"\n\t_ \"" + module +
			"/failover\"\n)\n",
		"fakeprovider/sub/s.go":   "package sub\n\nimport _ \"" + module + "/failover\"\n",
		"fakeprovider/p.go":       "package fakeprovider\n\nimport _ \"" + module + "/fakeprovider/fault\"\n",
		"fakeprovider/fault/f.go": "package fault\n",
		"attic/a.go":              "package attic\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := violations(list(t, dir))
	for _, want := range []string{
		"reports imports " + module + "/harness, but",
		"fakeprovider/sub imports " + module + "/failover, but",
		"fakeprovider imports " + module + "/fakeprovider/fault, but",
		"timeline imports math/rand, but",
		"attic belongs to no room",
		"failover imports " + module + "/timeline, but",
		"cmd/chaosrun imports " + module + "/harness, but",
		"harness imports google.golang.org/genai, but",
	} {
		n := 0
		for _, v := range got {
			if strings.HasPrefix(v, want) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("got %d violations that begin with %q, want 1", n, want)
		}
	}
	if len(got) != 8 {
		t.Errorf("got %d violations, want 8:\n%s", len(got), strings.Join(got, "\n"))
	}
}

func TestRules(t *testing.T) {
	tests := []struct {
		name string
		pkg  pkg
		want int
	}{
		{
			"a leaf knows nothing of ours",
			pkg{ImportPath: "timeline", Imports: []string{"time", module + "/internal/strictyaml"}},
			1,
		},
		{"the engine reads YAML", pkg{ImportPath: "failover", Imports: []string{module + "/internal/strictyaml"}}, 0},
		{"the engine has no network", pkg{ImportPath: "failover", Imports: []string{module + "/internal/memnet"}}, 1},
		{"its tests have one", pkg{ImportPath: "failover", XTestImports: []string{module + "/internal/memnet"}}, 0},
		{
			"expectations are matchers",
			pkg{ImportPath: "assertions", Imports: []string{"github.com/onsi/gomega/types"}},
			0,
		},
		{"and assert nothing", pkg{ImportPath: "assertions", Imports: []string{"github.com/onsi/gomega"}}, 1},
		{"tests use Gomega", pkg{ImportPath: "assertions", XTestImports: []string{"github.com/onsi/gomega"}}, 0},
		{
			"but never testify",
			pkg{ImportPath: "assertions", XTestImports: []string{"github.com/stretchr/testify/require"}},
			1,
		},
		{"rand v2", pkg{ImportPath: "harness", Imports: []string{"math/rand/v2"}}, 0},
		{"rand v1", pkg{ImportPath: "harness", Imports: []string{"math/rand"}}, 1},
		{"rand v1 where the SDKs are seeded", pkg{ImportPath: "cmd/chaosrun", Imports: []string{"math/rand"}}, 0},
		{
			"the command wires",
			pkg{ImportPath: "cmd/chaosrun", Imports: []string{module + "/cli", module + "/failover/target"}},
			0,
		},
		{
			"and does no more",
			pkg{ImportPath: "cmd/chaosrun", Imports: []string{module + "/failover", module + "/reports"}},
			2,
		},
		{
			"the core needs no SDK",
			pkg{ImportPath: "scenarios", XTestImports: []string{"github.com/openai/openai-go/v3/option"}},
			1,
		},
		{"the engine does", pkg{ImportPath: "failover", Imports: []string{"github.com/openai/openai-go/v3/option"}}, 0},
		{"flags know no provider", pkg{ImportPath: "cli", Imports: []string{module + "/fakeprovider"}}, 1},
		{"nor what was seen", pkg{ImportPath: "cli", Imports: []string{module + "/timeline"}}, 1},
		{"nor an engine", pkg{ImportPath: "cli", Imports: []string{module + "/failover/target"}}, 1},
		{"a campaign knows no policy", pkg{ImportPath: "campaign", Imports: []string{module + "/failover"}}, 1},
		{"nor how it was asked for", pkg{ImportPath: "campaign", Imports: []string{module + "/cli"}}, 1},
		{"policies become variants", pkg{ImportPath: "failover/target", Imports: []string{module + "/campaign"}}, 0},
		{"outside of the engine", pkg{ImportPath: "failover", Imports: []string{module + "/campaign"}}, 1},
		{"a name that only begins alike", pkg{ImportPath: "reports", Imports: []string{module + "/timelines"}}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.pkg.ImportPath = module + "/" + tt.pkg.ImportPath
			if got := violations([]pkg{tt.pkg}); len(got) != tt.want {
				t.Errorf("got %q, want %d violations", got, tt.want)
			}
		})
	}
}
