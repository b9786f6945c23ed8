// Package docs_test keeps the pages true: excerpts are code that exists, scenarios load, links lead
// somewhere.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
)

// A page is a Markdown file, by its path from the module's root.
type page struct{ path, text string }

func pages(t *testing.T) []page {
	t.Helper()
	var all []page
	for _, pattern := range []string{"../*.md", "*.md", "*/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page{path: path, text: strings.ReplaceAll(string(text), "\r\n", "\n")})
		}
	}
	return all
}

var (
	excerpt  = regexp.MustCompile("(?s)<!-- from (\\S+) -->\n```\\w+\n(.*?)```\n")
	yamlCode = regexp.MustCompile("(?s)```yaml\n(.*?)```\n")
)

// TestExcerpts compares every block below a `<!-- from FILE -->` with that file; "…" on a line of
// its own leaves lines out.
func TestExcerpts(t *testing.T) {
	found := 0
	for _, p := range pages(t) {
		for _, m := range excerpt.FindAllStringSubmatch(p.text, -1) {
			found++
			source, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(m[1])))
			if err != nil {
				t.Errorf("%s: %v", p.path, err)
				continue
			}
			rest := strings.ReplaceAll(string(source), "\r\n", "\n")
			for part := range strings.SplitSeq(m[2], "…\n") {
				_, after, ok := strings.Cut(rest, strings.Trim(part, "\n"))
				if !ok {
					t.Errorf("%s: %s does not say, or no longer says in this order:\n%s", p.path, m[1], part)
				}
				rest = after
			}
		}
	}
	if found == 0 {
		t.Error("no page has an excerpt")
	}
}

// TestTargets loads every block that is a whole target file.
func TestTargets(t *testing.T) {
	found := 0
	for _, p := range pages(t) {
		for _, m := range yamlCode.FindAllStringSubmatch(p.text, -1) {
			if !strings.HasPrefix(m[1], "target:") {
				continue
			}
			found++
			// The files that the examples name are there.
			_, err := targets.Load(scenarios.Shipped(), "../targets/testdata/good/page.yaml", []byte(m[1]))
			if err != nil {
				t.Errorf("a target in %s: %v", p.path, err)
			}
		}
	}
	if found < 4 {
		t.Errorf("found %d targets", found)
	}
}

// TestScenarios loads every block that is a whole scenario.
func TestScenarios(t *testing.T) {
	found := 0
	for _, p := range pages(t) {
		for _, m := range yamlCode.FindAllStringSubmatch(p.text, -1) {
			if !strings.HasPrefix(m[1], "scenario:") {
				continue
			}
			found++
			if _, err := scenarios.Load(p.path, []byte(m[1])); err != nil {
				t.Errorf("a scenario in %s: %v", p.path, err)
			}
		}
	}
	if found == 0 {
		t.Error("no page has a scenario")
	}
}
