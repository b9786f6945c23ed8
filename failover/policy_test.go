package failover_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
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
	got, err := failover.LoadPolicy("mine.yaml", []byte("policy: mine\nextends: recommended\nwatch: {stale: 30s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := policy(t, "recommended")
	want.Name, want.Extends, want.Title, want.Why, want.Issue, want.Fails, want.Violates = "mine", "recommended", "", "", "", nil, nil
	want.Watch.Stale = 30 * time.Second
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(failover.Policy{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// Everything that is wrong with a file is told at once, at its place: the cases are files, what is said stands beside.
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

// Accelerated time is the same story, told faster: under a tenth of the times a call makes the same requests.
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
	if p.Watch.StaleScaling[1].AtLeast != 300*time.Second || p.Watch.Read.ByProtocol[failover.AnthropicMessages] != 900*time.Second {
		t.Errorf("the policy itself was changed: %+v", p.Watch)
	}
}

func TestScaledRetryAfter(t *testing.T) {
	t.Parallel()
	p := policy(t, "hermes-0.13").Scaled(2).Scaled(5)
	within(t, p, []provider{openai("primary", fails(429, `{}`, "Retry-After", "7"))}, func(l *lab) {
		l.call(tokens[0])
		if diff := cmp.Diff([]time.Duration{0, 700 * time.Millisecond, 1400 * time.Millisecond}, l.hits["primary"]); diff != "" {
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
