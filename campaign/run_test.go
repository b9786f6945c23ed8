package campaign_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/campaign"
)

// quiet is a test without subtests, like those of some frameworks.
type quiet struct {
	mu     sync.Mutex
	said   []string
	failed bool
}

func (q *quiet) Helper() {}

func (q *quiet) FailNow() { q.failed = true }

func (q *quiet) Errorf(format string, args ...any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.said = append(q.said, fmt.Sprintf(format, args...))
}

// suite is a test with subtests, some of which are excluded.
type suite struct {
	quiet

	name    string
	only    string
	skipped string
	logged  string

	subs struct {
		sync.Mutex

		all []*suite
	}
}

func (s *suite) Name() string { return s.name }

func (s *suite) Run(name string, body func(*suite)) bool {
	if s.only != "" && name != s.only {
		return true
	}
	sub := &suite{name: s.name + "/" + name}
	body(sub)
	s.subs.Lock()
	defer s.subs.Unlock()
	s.subs.all = append(s.subs.all, sub)
	return len(sub.said) == 0
}

func (s *suite) Skipf(format string, args ...any) { s.skipped = fmt.Sprintf(format, args...) }

func (s *suite) Logf(format string, args ...any) { s.logged = fmt.Sprintf(format, args...) }

// outcomes returns the results of the subtests, by name.
func (s *suite) outcomes() map[string]string {
	all := map[string]string{}
	for _, sub := range s.subs.all {
		outcome := "ok"
		switch {
		case len(sub.said) > 0:
			outcome = "error"
		case sub.skipped != "":
			outcome = "skip"
		case sub.logged != "":
			outcome = "known"
		}
		all[strings.TrimPrefix(sub.name, s.name+"/")] = outcome
	}
	return all
}

// With a *testing.T each scenario is a subtest.
func TestRun(t *testing.T) {
	result := campaign.Run(t, newPlain, campaign.Options{
		Name: "mine", Scenarios: []string{"healthy", "rate-limited", "heartbeat-only-anthropic"},
	})
	if s := result.Summary; s.Passed != 2 || s.Skipped != 1 {
		t.Errorf("got %+v", s)
	}
}

func TestRunTellsSubtests(t *testing.T) {
	known := filepath.Join(t.TempDir(), "known.txt")
	if err := os.WriteFile(known, []byte("heartbeat-only / mine\nhealthy / mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tb := &suite{name: "TestX"}
	report := filepath.Join(t.TempDir(), "report.xml")
	result := campaign.Run(tb, newPlain, campaign.Options{
		Name: "mine", Baseline: known, Reports: []campaign.Sink{{Kind: "junit", Path: report}},
		Scenarios: []string{"healthy", "heartbeat-only", "heartbeat-only-small", "heartbeat-only-anthropic"},
	})
	want := map[string]string{
		"healthy": "ok", "heartbeat-only": "known", "heartbeat-only-small": "error", "heartbeat-only-anthropic": "skip",
	}
	if diff := cmp.Diff(want, tb.outcomes()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(tb.said) != 1 || !strings.Contains(tb.said[0], "healthy / mine is in the baseline but passed") {
		t.Errorf("the test said %q", tb.said)
	}
	i := slices.IndexFunc(tb.subs.all, func(s *suite) bool { return s.name == "TestX/heartbeat-only-small" })
	if said := tb.subs.all[i].said; len(said) != 1 || !strings.Contains(said[0], "time_to_fallback") {
		t.Errorf("the failed subtest said %q", said)
	}
	if got, want := result.Failures[1].Replay, "go test -run '^TestX$/^heartbeat-only-small$' # seed 1"; got != want {
		t.Errorf("got the replay %q, want %q", got, want)
	}
	if xml, err := os.ReadFile(report); err != nil ||
		!strings.Contains(string(xml), `<testcase name="heartbeat-only" classname="mine"`) ||
		!strings.Contains(string(xml), `<failure message=`) {
		t.Errorf("%v, the report is %s", err, xml)
	}
}

// An engine that speaks one protocol says so, and runs all that is not about another one's wire. A
// test that ran nothing is skipped, or fails where it cannot be.
func TestRunOfOneProtocol(t *testing.T) {
	t.Parallel()
	all := []string{"rate-limited", "heartbeat-only-gemini"}
	tb := &suite{name: "TestX"}
	campaign.Run(tb, newPlain, campaign.Options{Scenarios: all, Protocols: []string{"openai-chat"}})
	diff := cmp.Diff(map[string]string{"rate-limited": "ok", "heartbeat-only-gemini": "skip"}, tb.outcomes())
	if diff != "" || tb.skipped != "" {
		t.Errorf("skipped for %q (-want +got)\n%s", tb.skipped, diff)
	}
	const why = "the target can run none of the 1 scenarios; the first: it is about a vendor's wire, gemini, and the " +
		"target speaks only openai-chat"
	none := campaign.Options{Scenarios: all[1:], Protocols: []string{"openai-chat"}}
	tb = &suite{name: "TestX"}
	campaign.Run(tb, newPlain, none)
	if tb.skipped != why || len(tb.said) > 0 {
		t.Errorf("skipped for %q, said %q", tb.skipped, tb.said)
	}
	plain := &quiet{}
	campaign.Run(plain, newPlain, none)
	if !slices.Equal(plain.said, []string{why}) {
		t.Errorf("said %q", plain.said)
	}
}

// A subtest that go test -run excludes is neither run nor reported.
func TestRunOfOneSubtest(t *testing.T) {
	tb := &suite{name: "TestX", only: "healthy/seed-2"}
	result := campaign.Run(tb, newPlain, campaign.Options{Scenarios: []string{"healthy", "heartbeat-only"}, Repeat: 3})
	if diff := cmp.Diff(map[string]string{"healthy/seed-2": "ok"}, tb.outcomes()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if result.Summary.Runs() != 1 {
		t.Errorf("got %+v", result.Summary)
	}
}

// Without subtests the test itself receives every failure.
func TestRunWithoutSubtests(t *testing.T) {
	tb := &quiet{}
	campaign.Run(tb, newPlain, campaign.Options{Scenarios: []string{"healthy", "heartbeat-only"}})
	if len(tb.said) != 1 || !strings.HasPrefix(tb.said[0], "scenario heartbeat-only, seed 1\n") {
		t.Errorf("got %q", tb.said)
	}
}

func TestRunRefusesWrongOptions(t *testing.T) {
	for want, o := range map[string]campaign.Options{
		"no such scenario":  {Scenarios: []string{"healty"}},
		"nothing to run":    {Tags: "nothing"},
		"no such report":    {Reports: []campaign.Sink{{Kind: "xml", Path: "-"}}},
		"two reports go to": {Reports: []campaign.Sink{{Kind: "json", Path: "x"}, {Kind: "text", Path: "x"}}},
	} {
		tb := &quiet{}
		campaign.Run(tb, newPlain, o)
		if !tb.failed || len(tb.said) != 1 || !strings.Contains(tb.said[0], want) {
			t.Errorf("got %q, want %q", tb.said, want)
		}
	}
}
