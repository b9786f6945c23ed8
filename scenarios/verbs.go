package scenarios

import (
	"reflect"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// A Verb describes how files write a step.
type Verb struct {
	// Name is the step's name in files.
	Name string
	// Step is a value of the step's type. Its yaml tags are the arguments, unless the verb is
	// Bare.
	Step fakeprovider.Step
	// Main is the argument that may be given without its name, as in `text: hello`. It is "" if
	// there is none.
	Main string
	// Bare verbs take no arguments. Needs marks verbs that require their main argument.
	Bare, Needs bool

	// custom reads the arguments if the yaml tags of Step cannot describe them.
	custom func(arguments *strictyaml.Node) fakeprovider.Step
}

// verbs returns the shipped steps.
func verbs() []Verb {
	return []Verb{
		{Name: "respond", Step: fakeprovider.Respond{}},
		{Name: "frame", Step: fakeprovider.SendFrame{}},
		{Name: "text", Step: fakeprovider.Text{}, Main: "value"},
		{Name: "thinking", Step: fakeprovider.Think{}, Main: "value", Needs: true},
		{Name: "refusal", Step: fakeprovider.Refuse{}, Main: "value", Needs: true},
		{Name: "tool_call", Step: fakeprovider.CallTool{}, Main: "name", Needs: true},
		{Name: "heartbeat", Step: fakeprovider.Heartbeat{}, Bare: true},
		{Name: "comment", Step: fakeprovider.Comment{}, Main: "text"},
		{Name: "wait", Step: fakeprovider.Wait{}, Main: "for", Needs: true},
		{Name: "repeat", Step: fakeprovider.Repeat{}, custom: repeat},
		{Name: "finish", Step: fakeprovider.Finish{}, Main: "reason"},
		{Name: "problem", Step: fakeprovider.Fail{}},
		{Name: "raw", Step: fakeprovider.Raw{}, Main: "value", Needs: true},
		{Name: "eof", Step: fakeprovider.End{How: fakeprovider.EOF}, Bare: true},
		{Name: "cut", Step: fakeprovider.End{How: fakeprovider.Cut}, Bare: true},
		{Name: "reset", Step: fakeprovider.End{How: fakeprovider.Reset}, Bare: true},
		{Name: "hang", Step: fakeprovider.End{How: fakeprovider.Hang}, Bare: true},
	}
}

// read decodes the arguments of a step and reports missing or superfluous ones.
func (v Verb) read(n *strictyaml.Node) fakeprovider.Step {
	switch {
	case v.custom != nil:
		return v.custom(n)
	case v.Bare:
		if n.Kind() != strictyaml.Null {
			n.Report("this step is a bare word, without a colon and arguments")
		}
		return v.Step
	case v.Needs && n.Kind() == strictyaml.Null:
		n.Report("this step needs its argument, %q, after a colon", v.Main)
	}
	s := reflect.New(reflect.TypeOf(v.Step))
	checkWords(n, v.Step, v.Main)
	switch {
	case n.Kind() == strictyaml.Null:
	case v.Main != "" && n.Kind() != strictyaml.Mapping:
		n.DecodeField(s.Interface(), v.Main)
	default:
		n.Decode(s.Interface())
	}
	step, _ := reflect.TypeAssert[fakeprovider.Step](s.Elem())
	return step
}

// repeat decodes a repeat step. Its nested steps use the verbs of this package.
func repeat(n *strictyaml.Node) fakeprovider.Step {
	var arguments struct {
		Times int           `yaml:"times"`
		Every time.Duration `yaml:"every"`
		Steps script        `yaml:"steps"`
	}
	n.Decode(&arguments)
	return fakeprovider.Repeat{
		Times: arguments.Times, Every: arguments.Every, Steps: fakeprovider.Script(arguments.Steps),
	}
}

// script is a list of steps in a file.
type script fakeprovider.Script

var _ strictyaml.Decoder = (*script)(nil)

// DecodeYAML reads the steps. Each is a bare word, or one key with its arguments.
func (s *script) DecodeYAML(n *strictyaml.Node) {
	for _, item := range n.Items() {
		if step := decodeStep(item); step != nil {
			*s = append(*s, step)
		}
	}
}

func decodeStep(n *strictyaml.Node) fakeprovider.Step {
	name, at, arguments, ok := nameOf(n, "step")
	if !ok {
		return nil
	}
	words := vocabularyOf(n)
	verb, known := words.step(name)
	if _, isFault := words.Fault(name); !known && isFault {
		at.Report("%q is a fault, and not a step of a script: it stands by itself in on_request", name)
		return nil
	}
	if !known {
		at.ReportUnknown("step", name, words.stepNames())
		return nil
	}
	s := verb.read(arguments)
	checked(arguments, s)
	return s
}

// nameOf reads `name` or `name: arguments`. It returns the node of the name in at. For a bare
// word, arguments is an empty node.
func nameOf(n *strictyaml.Node, what string) (name string, at, arguments *strictyaml.Node, ok bool) {
	if n.Kind() != strictyaml.Mapping {
		name, ok = n.String()
		arguments = n.Empty()
		return name, n, arguments, ok
	}
	fields := n.Fields()
	if len(fields) != 1 {
		n.Report("a %s is one name with its arguments indented below it; there are %d names here", what, len(fields))
		return "", nil, nil, false
	}
	return fields[0].Name, fields[0].Key, fields[0].Value, true
}
