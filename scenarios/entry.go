package scenarios

import (
	"reflect"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// onRequest is a provider's on_request list.
type onRequest []fakeprovider.Fault

var _ strictyaml.Decoder = (*onRequest)(nil)

const (
	// scriptKey introduces a list of steps in place of a fault. togetherKey introduces a list of
	// faults that apply at once.
	scriptKey   = "script"
	togetherKey = "together"
)

// DecodeYAML reads the entries of the list.
func (all *onRequest) DecodeYAML(n *strictyaml.Node) {
	for _, item := range n.Items() {
		*all = append(*all, decodeEntry(item))
	}
}

// decodeEntry reads one entry and its limits. An entry is a fault with or without parameters, a
// script, or several faults together.
func decodeEntry(n *strictyaml.Node) fakeprovider.Fault {
	var limit fakeprovider.Limit
	faults, limits := splitFields(n, limitKeys())
	for _, f := range limits {
		f.Value.DecodeField(&limit, f.Name)
		notZero(f)
	}
	if n.Kind() == strictyaml.Mapping && len(faults) != 1 {
		if !misspelt(n, faults, limitKeys()) {
			n.Report("an entry is one fault with its parameters indented below it, and beside it the limits of when "+
				"it applies; "+
				"there are %d faults here", len(faults))
		}
		return nil
	}
	fault := decodeFault(n, faults, true)
	if len(limits) == 0 || fault == nil {
		return fault
	}
	limited := fakeprovider.Limited{Fault: fault, Limit: limit}
	if err := limited.Validate(); err != nil && !n.Reported() &&
		!slices.ContainsFunc(limits, func(f strictyaml.Field) bool { return f.Value.Reported() }) {
		limits[0].Value.Report("%s", oneLine(err))
	}
	return limited
}

// notZero reports a limit of 0. It would read as never, and in Go it is no limit.
func notZero(f strictyaml.Field) {
	zero := false
	switch f.Value.Kind() { //nolint:exhaustive // what is no number is none
	case strictyaml.Int:
		n, ok := f.Value.Int()
		zero = ok && n == 0
	case strictyaml.Float:
		n, ok := f.Value.Float()
		zero = ok && n == 0
	}
	if zero {
		f.Value.Report("%s: 0 would be never: leave it out for always, or write a number above zero", f.Name)
	}
}

// splitFields divides the fields of a mapping into those listed in names and the others.
func splitFields(n *strictyaml.Node, names []string) (others, named []strictyaml.Field) {
	if n.Kind() != strictyaml.Mapping {
		return nil, nil
	}
	for _, f := range n.Fields() {
		if slices.Contains(names, f.Name) {
			named = append(named, f)
		} else {
			others = append(others, f)
		}
	}
	return others, named
}

// misspelt reports the fields that name no fault, if at least one other field names one. The
// suggestions come from beside.
func misspelt(n *strictyaml.Node, fields []strictyaml.Field, beside []string) (found bool) {
	faults := append(vocabularyOf(n).FaultNames(), scriptKey, togetherKey)
	if !slices.ContainsFunc(fields, func(f strictyaml.Field) bool { return slices.Contains(faults, f.Name) }) {
		return false
	}
	for _, f := range fields {
		if !slices.Contains(faults, f.Name) {
			f.Key.ReportUnknown("key", f.Name, beside)
			found = true
		}
	}
	return found
}

func limitKeys() []string { return strictyaml.Keys(fakeprovider.Limit{}) }

// decodeFault reads a fault from a bare word or from the first of faults. It accepts a script or
// several faults together only if whole is set.
func decodeFault(n *strictyaml.Node, faults []strictyaml.Field, whole bool) fakeprovider.Fault {
	var name string
	at, arguments := n, n.Empty()
	if n.Kind() == strictyaml.Mapping {
		name, at, arguments = faults[0].Name, faults[0].Key, faults[0].Value
	} else {
		var ok bool
		if name, ok = n.String(); !ok {
			return nil
		}
	}
	switch {
	case whole && name == scriptKey:
		var s script
		arguments.Decode(&s)
		return fakeprovider.Script(s)
	case whole && name == togetherKey:
		return decodeTogether(arguments)
	}
	words := vocabularyOf(n)
	if info, ok := words.Fault(name); ok {
		return decodeParameters(info, arguments)
	}
	if _, isStep := words.step(name); isStep && whole {
		at.ReportHint(scriptKey+":",
			"%q is a step, and an entry here is what one whole request gets, a fault or a script: "+
				"put the steps below `- script:`", name)
		return nil
	}
	known := words.FaultNames()
	if whole {
		known = append(known, scriptKey, togetherKey)
	}
	at.ReportUnknown("fault", name, known)
	return nil
}

// decodeTogether reads a list of faults. It checks each fault at its own position, and then the
// combination.
func decodeTogether(n *strictyaml.Node) fakeprovider.Fault {
	var all fakeprovider.Together
	if n.Kind() != strictyaml.Sequence {
		n.Report("several faults together are a list: `together: [slow-trickle, crlf]`")
		return nil
	}
	for _, item := range n.Items() {
		fields := []strictyaml.Field(nil)
		if item.Kind() == strictyaml.Mapping {
			fields = item.Fields()
			if len(fields) != 1 {
				item.Report("a fault is one name with its parameters indented below it; there are %d names here",
					len(fields))
				continue
			}
		}
		if fault := decodeFault(item, fields, false); fault != nil {
			all = append(all, fault)
		}
	}
	if len(all) == len(n.Items()) {
		checked(n, all)
	}
	return all
}

// outageNode is an outage as files write it: a fault, its providers and its time.
type outageNode Outage

var _ strictyaml.Decoder = (*outageNode)(nil)

// DecodeYAML reads the outage.
func (o *outageNode) DecodeYAML(n *strictyaml.Node) {
	if n.Kind() != strictyaml.Mapping {
		n.Report("an outage is a fault and its providers: `{refused: {}, providers: [primary, secondary], between: " +
			"[10s, 60s]}`")
		return
	}
	faults, rest := splitFields(n, strictyaml.Keys(Outage{}))
	if len(faults) != 1 {
		if misspelt(n, faults, strictyaml.Keys(Outage{})) {
			return
		}
		n.Report("an outage is one fault, with its providers and its time beside it; there are %d faults here",
			len(faults))
		return
	}
	for _, f := range rest {
		f.Value.DecodeField((*Outage)(o), f.Name)
		notZero(f)
	}
	o.Fault = decodeFault(n, faults, true)
}

// decodeParameters reads the parameters into a copy of the fault's defaults.
func decodeParameters(info fakeprovider.Info, arguments *strictyaml.Node) fakeprovider.Fault {
	fault := reflect.New(reflect.TypeOf(info.Default))
	fault.Elem().Set(reflect.ValueOf(info.Default))
	checkWords(arguments, info.Default, "")
	if arguments.Kind() != strictyaml.Null {
		arguments.Decode(fault.Interface())
	}
	p, ok := reflect.TypeAssert[fakeprovider.Fault](fault.Elem())
	if !ok {
		return nil
	}
	checked(arguments, p)
	return p
}

// checked validates part, unless n already has a problem, and reports the error at n.
func checked(n *strictyaml.Node, part any) {
	v, ok := part.(fakeprovider.Validator)
	if !ok || n.Reported() {
		return
	}
	if err := v.Validate(); err != nil {
		n.Report("%s", oneLine(err))
	}
}
