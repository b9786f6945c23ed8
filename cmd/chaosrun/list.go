package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets/builtin"
)

type listCmd struct {
	What string `arg:"" enum:"scenarios,faults,policies,targets,protocols,expectations" help:"scenarios, faults, policies, targets, protocols or expectations."`
	JSON bool   `help:"An array of objects, each with at least a name."`
}

// Help is shown below the flags.
func (listCmd) Help() string {
	return `Examples:
  chaosrun list scenarios
  chaosrun list faults --json`
}

// entry is one thing that can be named on the command line.
type entry struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Why   string   `json:"why,omitempty"`
	Issue string   `json:"issue,omitempty"`
	Tags  []string `json:"tags,omitempty"`
	// IDs are a fault's rows in the taxonomy.
	IDs  []string `json:"ids,omitempty"`
	kind string
	more string
}

// Run prints the list.
func (l *listCmd) Run(c console) error {
	entries := catalogues()[l.What]()
	if l.JSON {
		enc := json.NewEncoder(c.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(entries) //nolint:wrapcheck // standard output
	}
	width := 0
	for _, e := range entries {
		width = max(width, len(e.Name))
	}
	for _, e := range entries {
		fmt.Fprintf(c.out, "%-*s  %s\n", width, e.Name, e.Title)
	}
	return nil
}

// catalogues returns what can be listed and explained.
func catalogues() map[string]func() []entry {
	return map[string]func() []entry{
		"scenarios": scenarioEntries, "faults": faultEntries, "policies": policyEntries,
		"targets": targetEntries, "protocols": protocolEntries, "expectations": expectationEntries,
	}
}

func scenarioEntries() []entry {
	var entries []entry
	for _, s := range scenarios.Catalogue() {
		entries = append(entries, entry{
			kind: "scenario", Name: s.Name, Title: s.Title, Why: s.Why, Issue: s.Issue, Tags: s.Tags, more: strings.TrimRight(s.Source, "\n"),
		})
	}
	return entries
}

func faultEntries() []entry {
	var entries []entry
	for _, p := range fault.All() {
		e := entry{kind: "fault", Name: p.Name, Title: p.Title, Why: p.Why, IDs: p.IDs, more: faultDetails(p)}
		if len(p.Issues) > 0 {
			e.Issue = p.Issues[0]
		}
		entries = append(entries, e)
	}
	return entries
}

// faultDetails is what there is to know of a fault beside its why: what to do about it, where it works, what can be set.
func faultDetails(p fakeprovider.Info) string {
	var parts []string
	add := func(label, text string) {
		if text != "" {
			parts = append(parts, label+text)
		}
	}
	add("right:  ", p.Right.Note)
	add("rows:   ", strings.Join(p.IDs, ", "))
	var worlds []string
	for _, w := range fakeprovider.Worlds() {
		if why := p.Cannot[w]; why != "" {
			worlds = append(worlds, fmt.Sprintf("not in %s: %s", w, why))
			continue
		}
		worlds = append(worlds, string(w))
	}
	add("worlds: ", strings.Join(worlds, "; "))
	add("needs:  ", p.Asks())
	if len(p.Issues) > 1 {
		add("see:    ", strings.Join(p.Issues[1:], "\n        "))
	}
	add("\n", parameters(scenarios.FaultParameters(p)))
	return strings.Join(parts, "\n")
}

func policyEntries() []entry {
	var entries []entry
	for _, p := range failover.Policies() {
		more := ""
		if len(p.Fails) > 0 {
			more = "declares that it fails: " + strings.Join(p.Fails, ", ")
		}
		entries = append(entries, entry{kind: "policy", Name: p.Name, Title: p.Title, Why: p.Why, Issue: p.Issue, more: more})
	}
	return entries
}

func targetEntries() []entry {
	return []entry{{
		kind: "target", Name: builtin.Name, Title: "The built-in retry and fallback engine; --policy chooses its behaviour",
		Why: "It calls providers through the vendors' official Go SDKs, in this process, so it can run in virtual time.",
	}}
}

func protocolEntries() []entry {
	var entries []entry
	for _, p := range protocol.All() {
		entries = append(entries, entry{kind: "protocol", Name: p.Name(), Title: protocolTitle(p.Name())})
	}
	return entries
}

func protocolTitle(name string) string {
	switch name {
	case "openai-chat":
		return "OpenAI Chat Completions, POST /v1/chat/completions"
	case "openai-responses":
		return "OpenAI Responses, POST /v1/responses"
	case "anthropic-messages":
		return "Anthropic Messages, POST /v1/messages"
	case "gemini":
		return "Gemini, POST /v1beta/models/{model}:streamGenerateContent, as events or as a JSON array"
	case "openrouter":
		return "OpenRouter's form of OpenAI Chat Completions, POST /api/v1/chat/completions"
	case "azure-openai":
		return "Azure's form of OpenAI Chat Completions, POST /openai/deployments/{deployment}/chat/completions"
	}
	return name
}

func expectationEntries() []entry {
	titles := map[string]string{
		"answer":                "What the caller got: whose whole answer, or which outcome, after how many restarts",
		"attempts":              "How many requests each provider received",
		"connection_closed":     "Every request that was given up is closed in time",
		"no_fallback":           "Only the primary was asked: a fallback would have been a false alarm",
		"no_leaks":              "No connection and no goroutine outlives the calls",
		"time_to_answer":        "From the call's start to its success, against a limit",
		"time_to_fallback":      "From the call's start to the first request at another provider, against a limit",
		"time_to_first_content": "From the call's start to the first text, against a limit",
	}
	var entries []entry
	for _, e := range assertions.All() {
		entries = append(entries, entry{kind: "expectation", Name: e.Name(), Title: titles[e.Name()], more: parameters(scenarios.ExpectationParameters(e))})
	}
	return entries
}
