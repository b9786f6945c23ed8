package scenarios

import (
	"maps"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// A verb reads the arguments of one step.
type verb func(arguments *strictyaml.Node) fakeprovider.Step

// verbs maps the name of a step to what reads it: the only registry of steps.
//
//nolint:gochecknoglobals // an immutable table
var verbs = map[string]verb{
	"respond":   mapping(fakeprovider.Respond{}),
	"frame":     mapping(fakeprovider.SendFrame{}),
	"text":      short(fakeprovider.Text{}, func(s *fakeprovider.Text, value string) { s.Value = value }),
	"heartbeat": bare(fakeprovider.Heartbeat{}),
	"comment":   short(fakeprovider.Comment{}, func(s *fakeprovider.Comment, text string) { s.Text = text }),
	"wait":      wait,
	"repeat":    repeat,
	"finish":    short(fakeprovider.Finish{}, func(s *fakeprovider.Finish, reason string) { s.Reason = reason }),
	"problem":   mapping(fakeprovider.Fail{}),
	"raw":       short(fakeprovider.Raw{}, func(s *fakeprovider.Raw, value string) { s.Value = value }),
	"eof":       bare(fakeprovider.End{How: fakeprovider.EOF}),
	"cut":       bare(fakeprovider.End{How: fakeprovider.Cut}),
	"reset":     bare(fakeprovider.End{How: fakeprovider.Reset}),
	"hang":      bare(fakeprovider.End{How: fakeprovider.Hang}),
}

// verbNames are the names of all steps.
func verbNames() []string { return slices.Sorted(maps.Keys(verbs)) }

// mapping reads a step whose arguments are keys.
func mapping[S fakeprovider.Step](prototype S) verb {
	return func(n *strictyaml.Node) fakeprovider.Step {
		step := prototype
		if n.Kind() != strictyaml.Null {
			n.Decode(&step)
		}
		return step
	}
}

// short reads a step that may also be written with its main argument alone: `text: hello`.
func short[S fakeprovider.Step](prototype S, set func(step *S, value string)) verb {
	return func(n *strictyaml.Node) fakeprovider.Step {
		step := prototype
		switch n.Kind() { //nolint:exhaustive // the rest is the short form
		case strictyaml.Mapping:
			n.Decode(&step)
		case strictyaml.Null:
		default:
			if value, ok := n.String(); ok {
				set(&step, value)
			}
		}
		return step
	}
}

// bare reads a step without arguments.
func bare(step fakeprovider.Step) verb {
	return func(n *strictyaml.Node) fakeprovider.Step {
		if n.Kind() != strictyaml.Null {
			n.Report("this step takes no arguments")
		}
		return step
	}
}

func wait(n *strictyaml.Node) fakeprovider.Step {
	var step fakeprovider.Wait
	if n.Kind() == strictyaml.Mapping {
		n.Decode(&step)
	} else if d, ok := n.Duration(); ok {
		step.For = d
	}
	return step
}

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
	read, known := verbs[name]
	if !known {
		at.ReportUnknown("step", name, verbNames())
		return nil
	}
	step := read(arguments)
	if v, ok := step.(fakeprovider.Validator); ok && !n.Reported() {
		if err := v.Validate(); err != nil {
			arguments.Report("%s", lines(err))
		}
	}
	return step
}

// nameOf reads `name` or `name: arguments`. at is where the name stands; arguments is empty for a bare word.
func nameOf(n *strictyaml.Node, what string) (name string, at, arguments *strictyaml.Node, ok bool) {
	if n.Kind() != strictyaml.Mapping {
		name, ok = n.String()
		return name, n, n.Empty(), ok
	}
	fields := n.Fields()
	if len(fields) != 1 {
		n.Report("a %s is one key with its arguments; there are %d keys here", what, len(fields))
		return "", nil, nil, false
	}
	return fields[0].Name, fields[0].Key, fields[0].Value, true
}
