package scenarios_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/scenarios"
)

// TestCatalogue checks every shipped scenario against the rules of the catalogue.
func TestCatalogue(t *testing.T) {
	all := scenarios.Catalogue()
	if !slices.IsSortedFunc(all, func(a, b scenarios.Scenario) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the catalogue is not in order")
	}
	for _, s := range all {
		t.Run(s.Name, func(t *testing.T) {
			if err := s.Validate(); err != nil {
				t.Error(err)
			}
			if s.File != "catalog/"+s.Name+".yaml" {
				t.Errorf("it stands in %s", s.File)
			}
			if s.Title == "" || s.Why == "" || len(s.Tags) == 0 || !strings.HasPrefix(s.Issue, "https://github.com/") {
				t.Error("a scenario of the catalogue has a title, why, tags and the link of a report")
			}
			if !strings.HasPrefix(s.Source, "# yaml-language-server: $schema=../scenario.schema.json\n") {
				t.Error("editors are not told where the schema is")
			}
			mustNotFallBack := slices.Contains(s.Tags, "false-alarm")
			hasNoFallback := slices.Contains(s.Expectations(), assertions.Expectation(assertions.NoFallback{}))
			if mustNotFallBack && !hasNoFallback {
				t.Error("it is tagged false-alarm and allows a fallback")
			}
			checkBounds(t, s)
		})
	}
}

// checkBounds checks that every scenario expects no leaks, and at most three requests per provider,
// or three for each of the callers that call at once.
func checkBounds(t *testing.T, s scenarios.Scenario) {
	t.Helper()
	leaks, bounded, callers := false, map[string]bool{}, 1
	for _, c := range s.Calls {
		callers = max(callers, c.Callers())
	}
	for _, e := range s.Expectations() {
		switch e := e.(type) {
		case assertions.NoLeaks:
			leaks = true
		case assertions.NoFallback:
			for _, p := range s.Providers[1:] {
				bounded[p.Name] = true
			}
		case assertions.Attempts:
			for name, r := range e {
				bounded[name] = r.Max != nil && *r.Max <= 3*callers
			}
		}
	}
	if !leaks {
		t.Error("nobody looks for leaks")
	}
	for _, p := range s.Providers {
		if !bounded[p.Name] {
			t.Errorf("nothing bounds the requests that %s gets", p.Name)
		}
	}
}

func TestFindAndMatch(t *testing.T) {
	if s, err := scenarios.Find("heartbeat-only"); err != nil || s.Name != "heartbeat-only" {
		t.Errorf("got %q, %v", s.Name, err)
	}
	for name, want := range map[string]string{
		"heartbeat-olny": `no such scenario: "heartbeat-olny" (did you mean "heartbeat-only"?)`,
		"zebra":          `no such scenario: "zebra"; see: chaosrun list scenarios`,
	} {
		_, err := scenarios.Find(name)
		var unknown *scenarios.UnknownError
		if !errors.As(err, &unknown) || unknown.Name != name || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	found, err := scenarios.Match("rate-limited*")
	if err != nil || len(found) != 2 {
		t.Errorf("found %d, %v", len(found), err)
	}
	if _, err := scenarios.Match("[a"); err == nil {
		t.Error("a malformed pattern is accepted")
	}
	if found, err := scenarios.Match("zebra*"); err != nil || found != nil {
		t.Errorf("found %d, %v", len(found), err)
	}
}

func TestWithLimits(t *testing.T) {
	before, err := scenarios.Find("heartbeat-only-tight")
	if err != nil {
		t.Fatal(err)
	}
	after := before.WithLimits(assertions.Limits{"time_to_fallback": time.Hour, "time_to_answer": time.Second})
	want := assertions.Limits{"time_to_fallback": time.Hour, "time_to_first_content": 50 * time.Second}
	if diff := cmp.Diff(want, after.Limits); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := after.Expect[0].Expectation; got != assertions.Expectation(assertions.TimeToFallback{Max: time.Hour}) {
		t.Errorf("the expectation is %+v", got)
	}
	if before.Expect[0].Expectation != assertions.Expectation(assertions.TimeToFallback{Max: 45 * time.Second}) ||
		before.Limits["time_to_fallback"] != 45*time.Second {
		t.Error("the scenario itself has changed")
	}
	if after.Expect[0].Line != before.Expect[0].Line || after.Validate() != nil {
		t.Errorf("line %d, %v", after.Expect[0].Line, after.Validate())
	}
}

// TestValidateLiterals checks errors that only Go literals can have. TestProblems checks files.
func TestValidateLiterals(t *testing.T) {
	good := func() scenarios.Scenario { return scenarios.OfFault("literal", fault.HeartbeatOnly{}) }
	if err := good().Validate(); err != nil {
		t.Fatalf("the smallest scenario: %v", err)
	}
	for want, spoil := range map[string]func(s *scenarios.Scenario){
		"the scenario has no name":                  func(s *scenarios.Scenario) { s.Name = "" },
		"the deadline has to be above zero, not 0s": func(s *scenarios.Scenario) { s.Deadline = 0 },
		"there are no calls":                        func(s *scenarios.Scenario) { s.Calls = nil },
		"the prompt is empty":                       func(s *scenarios.Scenario) { s.Calls[0].Prompt = "" },
		"there is nothing here":                     func(s *scenarios.Scenario) { s.Providers[0].OnRequest[0] = nil },
		`did you mean "openai-chat"?`: func(s *scenarios.Scenario) {
			s.Providers[0].Protocol = "openai-chta"
		},
		`did you mean "secondary"?`: func(s *scenarios.Scenario) {
			s.Expect = scenarios.Expecting(assertions.Answer{From: "secondry"})
		},
		`did you mean "time_to_answer"?`: func(s *scenarios.Scenario) {
			s.Limits = assertions.Limits{"time_to_anwser": 1}
		},
		"nothing is held against": func(s *scenarios.Scenario) {
			s.Limits = assertions.Limits{"time_to_answer": 1}
		},
		"has no limit to be held against": func(s *scenarios.Scenario) {
			s.Expect = scenarios.Expecting(assertions.TimeToAnswer{})
		},
		"heartbeat-only: every is -1s": func(s *scenarios.Scenario) {
			s.Providers[0].OnRequest[0] = fault.HeartbeatOnly{Every: -time.Second}
		},
		"this step is never played: the response has": func(s *scenarios.Scenario) {
			s.Providers[0].OnRequest[0] = cutThenText()
		},
		`there are two providers called "primary"`: func(s *scenarios.Scenario) {
			s.Providers[1].Name = "primary"
		},
		`"secondary" answers the same as "primary"`:     sameAnswers,
		"has another limit than the 1m0s of Limits":     otherLimit,
		"nothing is expected, so the scenario cannot f": func(s *scenarios.Scenario) { s.Expect = nil },
	} {
		s := good()
		spoil(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.HasPrefix(err.Error(), "scenario ") {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

func otherLimit(s *scenarios.Scenario) {
	s.Limits = assertions.Limits{"time_to_answer": time.Minute}
	s.Expect = scenarios.Expecting(assertions.TimeToAnswer{Max: time.Hour})
}

func cutThenText() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.End{How: fakeprovider.Cut}, fakeprovider.Text{}}
}

func sameAnswers(s *scenarios.Scenario) {
	for i := range s.Providers {
		s.Providers[i].OnRequest = []fakeprovider.Fault{fakeprovider.Healthy{Text: "hello"}}
	}
}
