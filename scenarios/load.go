package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// document is a scenario file: the keys that it may have.
type document struct {
	Scenario  string         `yaml:"scenario"`
	Title     string         `yaml:"title"`
	Why       string         `yaml:"why"`
	Issue     string         `yaml:"issue"`
	Tags      []string       `yaml:"tags"`
	Deadline  time.Duration  `yaml:"deadline"`
	Providers []providerNode `yaml:"providers"`
	Calls     []callNode     `yaml:"calls"`
	Limits    limits         `yaml:"limits"`
	Expect    expects        `yaml:"expect"`
}

type providerNode struct {
	Name      string    `yaml:"name"`
	Protocol  string    `yaml:"protocol"`
	OnRequest onRequest `yaml:"on_request"`
}

// callNode is a call that starts from DefaultCall.
type callNode Call

var _ strictyaml.Decoder = (*callNode)(nil)

// DecodeYAML reads the call over the defaults.
func (c *callNode) DecodeYAML(n *strictyaml.Node) {
	call := DefaultCall()
	n.Decode(&call)
	*c = callNode(call)
}

// limits are times by measure.
type limits assertions.Limits

var _ strictyaml.Decoder = (*limits)(nil)

// DecodeYAML reads the limits and refuses measures that do not exist.
func (l *limits) DecodeYAML(n *strictyaml.Node) {
	*l = limits{}
	for _, f := range n.Fields() {
		if !slices.Contains(measures(), f.Name) {
			f.Key.ReportUnknown("measure", f.Name, measures())
			continue
		}
		d, ok := f.Value.Duration()
		if ok && d <= 0 {
			f.Value.Report("a limit must be above zero")
		}
		(*l)[f.Name] = d
	}
}

// measures are the names of all limits.
func measures() []string {
	var names []string
	for _, e := range assertions.All() {
		if l, ok := e.(assertions.Limited); ok {
			names = append(names, l.Measure())
		}
	}
	return names
}

// onRequest is what a provider does with its requests.
type onRequest []fakeprovider.Preset

var _ strictyaml.Decoder = (*onRequest)(nil)

// DecodeYAML reads the entries: a fault by name, with or without parameters, or a script.
func (all *onRequest) DecodeYAML(n *strictyaml.Node) {
	for _, item := range n.Items() {
		*all = append(*all, decodeEntry(item))
	}
}

func decodeEntry(n *strictyaml.Node) fakeprovider.Preset {
	name, at, arguments, ok := nameOf(n, "fault")
	if !ok {
		return nil
	}
	if name == "script" {
		var s script
		arguments.Decode(&s)
		return fakeprovider.Script(s)
	}
	info, err := fakeprovider.PresetByName(name)
	if err == nil {
		return decodePreset(info, arguments)
	}
	if _, isStep := verbs[name]; isStep {
		at.Report("%q is a step, and an entry of on_request is a fault or a script: put the steps under `script:`, as in\n"+
			"    - script:\n        - %s: …", name, name)
		return nil
	}
	at.ReportUnknown("fault", name, append(presetNames(), "script"))
	return nil
}

// decodePreset reads the parameters over a copy of the preset's defaults.
func decodePreset(info fakeprovider.PresetInfo, arguments *strictyaml.Node) fakeprovider.Preset {
	preset := reflect.New(reflect.TypeOf(info.Default))
	preset.Elem().Set(reflect.ValueOf(info.Default))
	if arguments.Kind() != strictyaml.Null {
		arguments.Decode(preset.Interface())
	}
	p, ok := preset.Elem().Interface().(fakeprovider.Preset)
	if !ok {
		return nil
	}
	if v, ok := p.(fakeprovider.Validator); ok && !arguments.Reported() {
		if err := v.Validate(); err != nil {
			arguments.Report("%s", lines(err))
		}
	}
	return p
}

func presetNames() []string {
	var names []string
	for _, p := range fakeprovider.Presets() {
		names = append(names, p.Name)
	}
	return names
}

// Load reads a scenario file. The error is strictyaml.Problems: everything that is wrong, with line, column and caret.
func Load(file string, data []byte) (Scenario, error) {
	doc, err := strictyaml.Parse(file, data)
	if err != nil {
		return Scenario{}, err //nolint:wrapcheck // Problems
	}
	root := doc.Root()
	var d document
	root.Decode(&d)
	s := Scenario{
		Name: d.Scenario, Title: d.Title, Why: d.Why, Issue: d.Issue, Tags: d.Tags, Deadline: d.Deadline,
		Limits: assertions.Limits(d.Limits), Expect: d.Expect, File: file, Source: string(data),
	}
	if s.Limits == nil {
		s.Limits = assertions.Limits{}
	}
	for _, p := range d.Providers {
		s.Providers = append(s.Providers, Provider{Name: p.Name, Protocol: p.Protocol, OnRequest: p.OnRequest})
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
	if len(s.Limits) > 0 {
		s = s.WithLimits(s.Limits)
	}
	s.check(root)
	if err := doc.Err(); err != nil {
		return Scenario{}, err //nolint:wrapcheck // Problems
	}
	return s, nil
}

// check reports what Validate finds, each at its place in the file, where nothing is reported yet.
func (s Scenario) check(root *strictyaml.Node) {
	s.validate(func(at place, format string, args ...any) {
		node := root
		for _, part := range at {
			node = descend(node, part)
		}
		if node != root && node.Reported() {
			return // when it was read
		}
		if len(at) > 0 && at[len(at)-1] == "protocol" {
			text, _ := node.String()
			node.ReportUnknown("protocol", text, protocolNames())
			return
		}
		node.Report(format, args...)
	})
}

// descend follows one part of a place: a key, or a position in a list. What is not there leaves it where it is.
func descend(n *strictyaml.Node, part any) *strictyaml.Node {
	switch part := part.(type) {
	case string:
		return n.FieldNode(part)
	case int:
		if n.Kind() == strictyaml.Sequence {
			if items := n.Items(); part < len(items) {
				return items[part]
			}
		}
	}
	return n
}

func protocolNames() []string {
	names := map[string]bool{}
	for _, p := range fakeprovider.Protocols() {
		names[p.Name()] = true
	}
	return slices.Sorted(maps.Keys(names))
}
