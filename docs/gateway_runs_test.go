package docs_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestProxyOnTheWire(t *testing.T) {
	run := harness.Run(t, "heartbeat-only", newProxy, harness.WithProtocols("anthropic-messages"))
	run.Check(t)
	g := gomega.NewWithT(t)
	g.Expect(run).To(assertions.HaveFallenBackWithin(31 * time.Second))
	g.Expect(run).To(assertions.HaveGivenTheClient(assertions.ClientWire{
		Status: 200, ContentType: "text/event-stream", Ordered: true, TerminalMark: true, Clean: true,
		Quiet: time.Minute,
	}))
	client := slices.DeleteFunc(slices.Clone(run.Timeline.Events),
		func(e timeline.Event) bool { return e.Lane != timeline.ClientLane(1) })
	says(t, "TESTING_A_GATEWAY.md",
		"    "+strings.ReplaceAll(strings.TrimSpace(timeline.Story(client, 0)), "\n", "\n    "))
}

// says complains about a page that does not say what came out.
func says(t *testing.T, path, what string) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.ReplaceAll(string(page), "\r\n", "\n"), what) {
		t.Errorf("%s has to say:\n%s", path, what)
	}
}

// vendors are the protocols whose SDKs call the gateway.
var vendors = []string{"openai-chat", "openai-responses", "anthropic-messages", "gemini"}

// gives are the scenarios that the proxy fails on some of the wires, and why. One that it learns to
// pass on all of them has to leave the list.
var gives = map[string]string{
	"comments-before-answer-gemini": "it leaves a provider after 30 s without content, and this one is only slow",
	"finish-then-heartbeats":        "it waits for the end of the stream behind the finish reason",
	"last-one-left":                 "it leaves a provider after 30 s without content, also the last one",
	"model-refusal":                 "it takes a refusal for content",
	"one-blip":                      "it asks no provider twice",
	"replayed-prefix":               "it hands on what comes, and does not compare",
	"second-call":                   "it forgets from call to call who was down",
	"slow-but-healthy":              "it leaves a provider after 30 s without content, and this one is only slow",
	"slow-trickle":                  "some content comes all the time, and a call has no deadline",
	"tool-call-truncated":           "it does not read what a tool call says",
	"very-slow-first-token":         "it leaves a provider after 30 s without content, also the last one",
}

// proxyRuns is one run of the catalogue for each vendor's SDK. Its users cannot be told to start
// over.
func proxyRuns(each func(vendor string, run *harness.Trial)) {
	for _, vendor := range vendors {
		for _, s := range scenarios.Catalogue() {
			each(vendor, harness.RunScenario(s, newProxy, harness.WithProtocols(vendor)))
		}
	}
}

func TestProxyRunsTheCatalogue(t *testing.T) {
	failed, said := map[string][]string{}, map[string][]string{}
	start := time.Now()
	proxyRuns(func(vendor string, run *harness.Trial) {
		name := run.Scenario.Name
		said[name] = append(said[name], run.Verdict().String())
		switch run.Verdict() {
		case assertions.Passed, assertions.Skipped:
		case assertions.Failed:
			failed[name] = append(failed[name], vendor)
			if gives[name] == "" {
				t.Errorf("%s on %s:\n%s", name, vendor, run.Judgement.Results[0].Message)
			}
		case assertions.Partial, assertions.Unknown:
			t.Errorf("%s on %s is %s", name, vendor, run.Verdict())
		}
	})
	// It takes a second. Nothing in it may wait for real time.
	if took := time.Since(start) / time.Duration(len(vendors)); took > time.Minute {
		t.Errorf("the catalogue took %s a wire", took)
	}
	for name := range gives {
		if failed[name] == nil {
			t.Errorf("%s passes: it has to leave the list", name)
		}
	}
	says(t, "TESTING_A_GATEWAY.md", proxyTable(said))
}

// proxyTable is the table of the page: what the proxy fails, on which wire, and why.
func proxyTable(said map[string][]string) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "| scenario | %s | why |\n|---|%s---|\n", strings.Join(vendors, " | "),
		strings.Repeat("---|", len(vendors)))
	for _, s := range scenarios.Catalogue() {
		if verdicts := said[s.Name]; slices.Contains(verdicts, "failed") {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, strings.Join(verdicts, " | "), gives[s.Name])
		}
	}
	return b.String()
}

// Twenty callers at once get an answer each, whatever the primary does, and nothing is left behind.
func TestProxyServesTwentyAtOnce(t *testing.T) {
	for _, vendor := range vendors {
		s := scenarios.OfFault("twenty", fault.HeartbeatOnly{})
		s.Calls[0].Count = 20
		harness.Run(t, s, newProxy, harness.WithProtocols(vendor), harness.WithExpect(
			assertions.Answer{From: "secondary"}, assertions.NoLeaks{},
			assertions.ClientWire{Status: 200, Ordered: true, TerminalMark: true, Clean: true},
		)).Check(t)
	}
}

// A caller that hangs up is not answered by anybody any more.
func TestProxyLetsGoOfACallerThatHangsUp(t *testing.T) {
	for _, vendor := range vendors {
		s := scenarios.OfFault("gone", fault.NoResponse{})
		s.Calls[0].HangUp = 7 * time.Second
		harness.Run(t, s, newProxy, harness.WithProtocols(vendor),
			harness.WithExpect(assertions.HangUp{Within: time.Second}, assertions.NoLeaks{})).Check(t)
	}
}

// If everybody says when to come again, so does the gateway.
func TestProxyHandsRetryAfterOn(t *testing.T) {
	s := scenarios.OfFault("busy", fault.RetryAfterSeconds{Wait: 5 * time.Second})
	for i := range s.Providers {
		s.Providers[i].OnRequest = []fakeprovider.Fault{fault.RetryAfterSeconds{Wait: 5 * time.Second}}
	}
	for _, vendor := range vendors {
		harness.Run(t, s, newProxy, harness.WithProtocols(vendor), harness.WithExpect(
			assertions.Answer{Outcome: assertions.Outcomes{"failed"}}, assertions.ClientWire{
				Status: 429, RetryAfter: true, Clean: true,
			},
		)).Check(t)
	}
}

// BenchmarkProxyCatalogue is the catalogue on four wires.
func BenchmarkProxyCatalogue(b *testing.B) {
	for b.Loop() {
		proxyRuns(func(string, *harness.Trial) {})
	}
}
