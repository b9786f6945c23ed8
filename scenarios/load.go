package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// document is a scenario file with all its keys. The schema shows the comments in editors.
type document struct {
	// Scenario is the name, as reports show it.
	Scenario string `yaml:"scenario"`
	// Title is one line about what happens.
	Title string `yaml:"title"`
	// Why explains what engines get wrong.
	Why string `yaml:"why"`
	// Issue is the URL of the bug report.
	Issue string `yaml:"issue"`
	// Tags are words to select scenarios by, as in --tags 'stall && !flagship'.
	Tags []string `yaml:"tags"`
	// Deadline is the time limit of each call, in scenario time. Default 2h.
	Deadline time.Duration `yaml:"deadline"`
	// Providers is the fallback chain. The first provider is the primary.
	Providers []providerNode `yaml:"providers"`
	// Outages are faults that several providers share for a while. They override on_request.
	Outages []outageNode `yaml:"outages"`
	// Calls are made one after the other. Default: one streamed call.
	Calls []callNode `yaml:"calls"`
	// Limits are the longest times allowed, by measure. --limit and target files can replace them.
	Limits map[string]time.Duration `yaml:"limits"`
	// Unreached says "ok" if the run may pass although no request met one of the faults, because
	// that is the point. Default: such a run is unknown.
	Unreached unreached `yaml:"unreached"`
	// Expect lists the expectations that must hold. With `advisory: true` among its arguments an
	// expectation that fails makes the run partial, not failed.
	Expect expects `yaml:"expect"`
}

type providerNode struct {
	// Name is unique in the scenario, and made of small letters, digits and hyphens.
	Name string `yaml:"name"`
	// Protocol is the provider's wire protocol. Default: the target's.
	Protocol string `yaml:"protocol"`
	// OnRequest lists the provider's responses. The nth entry serves the nth request, and the last
	// one repeats.
	OnRequest onRequest `yaml:"on_request"`
}

// unreached is the key of a scenario that does not need its faults to be met.
type unreached bool

var _ strictyaml.Decoder = (*unreached)(nil)

// unreachedWords are the words that may stand under the key.
func unreachedWords() []string { return []string{"ok"} }

// DecodeYAML reads the one word that there is.
func (u *unreached) DecodeYAML(n *strictyaml.Node) {
	_, ok := n.OneOf("word for unreached", unreachedWords())
	*u = unreached(ok)
}

// callNode is a call of a scenario file, with the defaults of DefaultCall.
type callNode Call

var _ strictyaml.Decoder = (*callNode)(nil)

// DecodeYAML reads the call over its defaults.
func (c *callNode) DecodeYAML(n *strictyaml.Node) {
	call := DefaultCall()
	n.Decode(&call)
	*c = callNode(call)
	// In Go 0 is what nobody set. Written down it would be nobody who calls, or hangs up at once.
	if f, given := n.Field("count"); given && call.Count == 0 && !f.Value.Reported() {
		f.Value.Report("count: 0 would be a call that nobody makes: leave it out for one caller, or write 1 to %d",
			MostCallers)
	}
	if f, given := n.Field("hang_up"); given && call.HangUp == 0 && !f.Value.Reported() {
		f.Value.Report("hang_up: a caller that hangs up at once asks nothing: leave it out for one that waits, or " +
			"write a time above zero")
	}
}

// Load reads a scenario file. The error is a strictyaml.Problems: every problem in the file, with
// line, column and caret.
func (words *Vocabulary) Load(file string, data []byte) (Scenario, error) {
	doc, err := strictyaml.ParseFor(words, file, data)
	if err != nil {
		return Scenario{}, err //nolint:wrapcheck // Problems
	}
	root := doc.Root()
	var d document
	root.Decode(&d)
	if root.Kind() != strictyaml.Mapping {
		return Scenario{}, doc.Err() //nolint:wrapcheck // Problems
	}
	s := Scenario{
		Name: d.Scenario, Title: d.Title, Why: d.Why, Issue: d.Issue, Tags: d.Tags, Deadline: d.Deadline,
		Limits: d.Limits, Expect: d.Expect, UnreachedOK: bool(d.Unreached), File: file, Source: string(data),
	}
	for _, p := range d.Providers {
		s.Providers = append(s.Providers, Provider{Name: p.Name, Protocol: p.Protocol, OnRequest: p.OnRequest})
	}
	for _, o := range d.Outages {
		s.Outages = append(s.Outages, Outage(o))
	}
	for _, c := range d.Calls {
		s.Calls = append(s.Calls, Call(c))
	}
	sum := sha256.Sum256(data)
	s.SHA256 = hex.EncodeToString(sum[:])
	if _, given := root.Field("deadline"); !given {
		s.Deadline = DefaultDeadline
	}
	if _, given := root.Field("calls"); !given {
		s.Calls = []Call{DefaultCall()}
	}
	s = s.WithLimits(s.Limits)
	report(root, words.flaws(s))
	if err := doc.Err(); err != nil {
		return Scenario{}, err //nolint:wrapcheck // Problems
	}
	return s, nil
}

// report attaches the flaws found by Validate to their nodes in the file. It skips nodes that
// already have a problem.
func report(root *strictyaml.Node, flaws []flaw) {
	for _, f := range flaws {
		node := root
		for _, part := range f.at {
			node = descend(node, part)
		}
		switch {
		case node != root && node.Reported():
		case f.what != "":
			node.ReportUnknown(f.what, f.word, f.known)
		default:
			node.Report("%s", f.message)
		}
	}
}

// descend returns the child of n that part of a location names. It returns n if there is none.
func descend(n *strictyaml.Node, part any) *strictyaml.Node {
	switch part := part.(type) {
	case string:
		return n.FieldNode(part)
	case key:
		if f, ok := n.Field(string(part)); ok {
			return f.Key
		}
	case int:
		if n.Kind() == strictyaml.Sequence && part < len(n.Items()) {
			return n.Items()[part]
		}
	}
	return n
}
