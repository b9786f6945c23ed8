package failover_test

import (
	"errors"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chaosrun/chaosrun/failover"
)

func TestShippedPoliciesDocumentThemselves(t *testing.T) {
	t.Parallel()
	policies := failover.Policies()
	if len(policies) == 0 {
		t.Fatal("no policy ships")
	}
	for i, p := range policies {
		if p.Name != failover.PolicyNames()[i] {
			t.Errorf("file %q holds policy %q", failover.PolicyNames()[i], p.Name)
		}
		if p.Title == "" || p.Why == "" || p.Issue == "" {
			t.Errorf("%s: title, why or issue is missing", p.Name)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

func TestFindPolicy(t *testing.T) {
	t.Parallel()
	if _, err := failover.FindPolicy("recommendet"); !errors.Is(err, failover.ErrNoPolicy) {
		t.Errorf("got %v", err)
	}
}

// A policy that extends another is that other, but for what it says.
func TestExtends(t *testing.T) {
	t.Parallel()
	got, err := failover.LoadPolicy("mine.yaml", []byte("policy: mine\nextends: recommended\nwatch: {stale: 90s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := policy(t, "recommended")
	want.Name, want.Extends, want.Title, want.Why, want.Issue, want.Fails, want.Violates = "mine", "recommended", "",
		"", "", nil, nil
	want.Watch.Stale = 90 * time.Second
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(failover.Policy{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// Everything that is wrong with a file is told at once, at its place: the cases are files, what is
// said stands beside.
func TestWrongPolicies(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/wrong/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = failover.LoadPolicy(filepath.Base(file), data)
		if err == nil {
			t.Errorf("%s: nothing is wrong with it", file)
			continue
		}
		golden := strings.TrimSuffix(file, ".yaml") + ".err"
		if *update {
			if err := os.WriteFile(golden, []byte(err.Error()+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, readErr := os.ReadFile(golden)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if diff := cmp.Diff(string(want), err.Error()+"\n"); diff != "" {
			t.Errorf("%s (-want +got)\n%s", file, diff)
		}
	}
}

// Everything that a policy can be told is wrong with it stands in one of the cases.
func TestEveryContradictionHasACase(t *testing.T) {
	t.Parallel()
	goldens, err := filepath.Glob("testdata/wrong/*.err")
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	for _, file := range goldens {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		told.Write(data)
	}
	formats := reportedFormats(t)
	if len(formats) < 40 {
		t.Errorf("found only %d checks: this test no longer understands how they are written", len(formats))
	}
	for _, format := range formats {
		if !regexp.MustCompile(verb.ReplaceAllString(regexp.QuoteMeta(format), ".+")).MatchString(told.String()) {
			t.Errorf("no case is told %q", format)
		}
	}
}

var verb = regexp.MustCompile(`%[sdqv]`)

// reportedFormats are what the checks of a policy say, before the numbers are filled in; what says
// nothing by itself is left out.
func reportedFormats(t *testing.T) (formats []string) {
	t.Helper()
	checks, err := filepath.Glob("policy_validate*.go")
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{"addf": 1, "addOrf": 2}
	for _, name := range checks {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, _ := n.(*ast.CallExpr)
			if call == nil {
				return true
			}
			method, _ := call.Fun.(*ast.SelectorExpr)
			if method == nil || at[method.Sel.Name] == 0 {
				return true
			}
			if format, ok := call.Args[at[method.Sel.Name]].(*ast.BasicLit); ok && format.Value != `"%s"` {
				text, err := strconv.Unquote(format.Value)
				if err != nil {
					t.Fatal(err)
				}
				formats = append(formats, text)
			}
			return true
		})
	}
	return formats
}

// Accelerated time is the same story, told faster: under a tenth of the times a call makes the same
// requests.
func TestScaled(t *testing.T) {
	t.Parallel()
	p := policy(t, "hermes-0.13-tls")
	p.Retry.Backoff.Jitter = 0
	chain := func(every time.Duration) []provider {
		return []provider{openai("primary", func(x *exchange) {
			for x.wait(every) {
				x.heartbeat()
			}
		}), openai("secondary", answers)}
	}
	arrivals := func(p failover.Policy, every time.Duration) (hits []time.Duration) {
		within(t, p, chain(every), func(l *lab) {
			l.call(tokens[2])
			hits = slices.Concat(l.hits["primary"], l.hits["secondary"])
		})
		return hits
	}
	want := arrivals(p, 7*time.Second)
	for i := range want {
		want[i] /= 10
	}
	if diff := cmp.Diff(want, arrivals(p.Scaled(10), 700*time.Millisecond)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if p.Watch.StaleScaling[1].AtLeast != 300*time.Second ||
		p.Watch.Read.ByProtocol[failover.AnthropicMessages] != 900*time.Second {
		t.Errorf("the policy itself was changed: %+v", p.Watch)
	}
}

func TestScaledRetryAfter(t *testing.T) {
	t.Parallel()
	p := policy(t, "hermes-0.13").Scaled(2).Scaled(5)
	within(t, p, []provider{openai("primary", fails(429, `{}`, "Retry-After", "7"))}, func(l *lab) {
		l.call(tokens[0])
		diff := cmp.Diff([]time.Duration{0, 700 * time.Millisecond, 1400 * time.Millisecond}, l.hits["primary"])
		if diff != "" {
			t.Errorf("requests (-want +got)\n%s", diff)
		}
	})
}

func FuzzLoadPolicy(f *testing.F) {
	for _, name := range failover.PolicyNames() {
		data, err := os.ReadFile("policies/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := failover.LoadPolicy("fuzz.yaml", data)
		if err != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Errorf("loaded, and yet: %v", err)
		}
	})
}
