package scenarios

import (
	"maps"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// A verb is a step as files write it.
type verb struct {
	// read reads the arguments.
	read func(arguments *strictyaml.Node) fakeprovider.Step
	// step is a step of its type. Its yaml tags are the arguments, unless the verb is bare.
	step fakeprovider.Step
	// main is the argument that may stand alone, as in `text: hello`; "" if there is none.
	main string
	// bare says that there are no arguments, needs that the step says nothing without its main one.
	bare, needs bool
}

// verbs maps the name of a step to what reads it: the only registry of steps.
func verbs() map[string]verb {
	return map[string]verb{
		"respond":   step[fakeprovider.Respond](""),
		"frame":     step[fakeprovider.SendFrame](""),
		"text":      step[fakeprovider.Text]("value"),
		"thinking":  needed(step[fakeprovider.Think]("value")),
		"refusal":   needed(step[fakeprovider.Refuse]("value")),
		"tool_call": needed(step[fakeprovider.CallTool]("name")),
		"heartbeat": bare(fakeprovider.Heartbeat{}),
		"comment":   step[fakeprovider.Comment]("text"),
		"wait":      needed(step[fakeprovider.Wait]("for")),
		"repeat":    {read: repeat, step: fakeprovider.Repeat{}},
		"finish":    step[fakeprovider.Finish]("reason"),
		"problem":   step[fakeprovider.Fail](""),
		"raw":       needed(step[fakeprovider.Raw]("value")),
		"eof":       bare(fakeprovider.End{How: fakeprovider.EOF}),
		"cut":       bare(fakeprovider.End{How: fakeprovider.Cut}),
		"reset":     bare(fakeprovider.End{How: fakeprovider.Reset}),
		"hang":      bare(fakeprovider.End{How: fakeprovider.Hang}),
	}
}

// step is a verb whose arguments are the fields of S.
func step[S fakeprovider.Step](main string) verb {
	var zero S
	return verb{step: zero, main: main, read: func(n *strictyaml.Node) fakeprovider.Step {
		var s S
		checkWords(n, s, main)
		switch {
		case n.Kind() == strictyaml.Null:
		case main != "" && n.Kind() != strictyaml.Mapping:
			n.DecodeField(&s, main)
		default:
			n.Decode(&s)
		}
		return s
	}}
}

// bare is a verb without arguments.
func bare(s fakeprovider.Step) verb {
	return verb{step: s, bare: true, read: func(n *strictyaml.Node) fakeprovider.Step {
		if n.Kind() != strictyaml.Null {
			n.Report("this step is a bare word, without a colon and arguments")
		}
		return s
	}}
}

// needed is a verb that says nothing without its main argument.
func needed(v verb) verb {
	read := v.read
	v.needs = true
	v.read = func(n *strictyaml.Node) fakeprovider.Step {
		if n.Kind() == strictyaml.Null {
			n.Report("this step needs its argument, %q, after a colon", v.main)
		}
		return read(n)
	}
	return v
}

// repeat reads its steps as this package writes them.
func repeat(n *strictyaml.Node) fakeprovider.Step {
	var arguments struct {
		Times int           `yaml:"times"`
		Every time.Duration `yaml:"every"`
		Steps script        `yaml:"steps"`
	}
	n.Decode(&arguments)
	return fakeprovider.Repeat{Times: arguments.Times, Every: arguments.Every, Steps: fakeprovider.Script(arguments.Steps)}
}

// script is a list of steps in a file.
type script fakeprovider.Script

var _ strictyaml.Decoder = (*script)(nil)

// DecodeYAML reads the steps, each a bare word or one key with its arguments.
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
	verb, known := verbs()[name]
	if _, err := fault.ByName(name); !known && err == nil {
		at.Report("%q is a fault, and not a step of a script: it stands by itself in on_request", name)
		return nil
	}
	if !known {
		at.ReportUnknown("step", name, slices.Sorted(maps.Keys(verbs())))
		return nil
	}
	s := verb.read(arguments)
	checked(arguments, s)
	return s
}

// nameOf reads `name` or `name: arguments`. at is where the name stands; arguments is empty for a bare word.
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
