package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// LoadOnRequest reads the value of `on_request`, a list of entries or a single one, in YAML or
// JSON. The error is a strictyaml.Problems.
func (words *Vocabulary) LoadOnRequest(file string, data []byte) ([]fakeprovider.Fault, error) {
	doc, err := strictyaml.ParseFor(words, file, data)
	if err != nil {
		return nil, err //nolint:wrapcheck // Problems
	}
	root, alone := doc.Root(), false
	var all onRequest
	switch root.Kind() { //nolint:exhaustive // the rest is one entry
	case strictyaml.Sequence:
		root.Decode(&all)
	case strictyaml.Null:
		root.Report("there is nothing here: write `healthy`, or any other fault")
	default:
		alone = true
		all = onRequest{decodeEntry(root)}
	}
	if len(all) == 0 && !root.Reported() {
		root.Report("the list is empty: write `[healthy]`, or any other fault")
	}
	v := &validation{words: words}
	for i, fault := range all {
		at := location{i}
		if alone {
			at = location{}
		}
		v.entry(at, "", fault, map[string]string{})
	}
	report(root, v.found)
	if err := doc.Err(); err != nil {
		return nil, err //nolint:wrapcheck // Problems
	}
	return all, nil
}

// ErrNoSuchFault reports a text that does not start with the name of a fault.
var ErrNoSuchFault = errors.New("no such fault")

// ParseFault reads a fault with its parameters as a command line or a header writes it:
//
//	heartbeat-only
//	heartbeat-only,every=5s
//	healthy,text=one, two and three,ttft=1s
//	rate-limited,retry_after=7,first=2
//	silence,between=[10s,60s]
//
// Limits are written among the parameters. A comma that is not followed by NAME= belongs to the
// value before it. An unknown name returns ErrNoSuchFault with a suggestion. Other errors describe
// an invalid parameter.
func (words *Vocabulary) ParseFault(text string) (fakeprovider.Fault, error) {
	name, rest, _ := strings.Cut(text, ",")
	if _, ok := words.Fault(name); !ok {
		if near := strictyaml.Nearest(name, words.FaultNames()); near != "" {
			return nil, fmt.Errorf("%w: %q (did you mean %q?)", ErrNoSuchFault, name, near)
		}
		return nil, fmt.Errorf("%w: %q; see: chaosrun list faults", ErrNoSuchFault, name)
	}
	arguments, limits, err := parseArguments(rest)
	if err != nil {
		return nil, fmt.Errorf("fault %s: %w", name, err)
	}
	entry := fmt.Sprintf("{%s: {%s}%s}", name, strings.Join(arguments, ", "),
		strings.Join(append([]string{""}, limits...), ", "))
	all, err := words.LoadOnRequest(name, []byte(entry))
	if problems, ok := errors.AsType[strictyaml.Problems](err); ok { // its lines and columns refer to generated text
		var all []error
		for _, p := range problems {
			message := p.Message
			if p.Suggestion != "" {
				message += fmt.Sprintf(" (did you mean %q?)", p.Suggestion)
			}
			all = append(all, errors.New(message))
		}
		return nil, fmt.Errorf("fault %s: %s", name, oneLine(errors.Join(all...)))
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// argument matches the start of a parameter. scalarEntry matches a value that YAML reads without
// ambiguity, and listEntry a list of such values.
var (
	argument    = regexp.MustCompile(`^\s*([a-z][a-z0-9_]*)=(.*)$`)
	listEntry   = regexp.MustCompile(`^\[[A-Za-z0-9., ]*\]$`)
	scalarEntry = regexp.MustCompile(`^[A-Za-z0-9+-][A-Za-z0-9_.+-]*$`)
)

// parseArguments splits `name=value,…` into entries of two YAML mappings: the fault's own
// parameters and its limits.
func parseArguments(text string) (own, limits []string, err error) {
	if text == "" {
		return nil, nil, nil
	}
	var names, values []string
	for piece := range strings.SplitSeq(text, ",") {
		if m := argument.FindStringSubmatch(piece); m != nil {
			names, values = append(names, m[1]), append(values, m[2])
			continue
		}
		if names == nil {
			return nil, nil, fmt.Errorf("%q is no parameter: write NAME=VALUE", piece)
		}
		values[len(values)-1] += "," + piece
	}
	for i, value := range values {
		isLimit := slices.Contains(limitKeys(), names[i])
		if !scalarEntry.MatchString(value) && (!isLimit || !listEntry.MatchString(value)) ||
			strings.EqualFold(value, "null") {
			quoted, err := json.Marshal(strings.ToValidUTF8(value, "\uFFFD")) // a JSON string is a YAML string
			if err != nil {
				return nil, nil, err
			}
			value = string(quoted)
		}
		if entry := names[i] + ": " + value; isLimit {
			limits = append(limits, entry)
		} else {
			own = append(own, entry)
		}
	}
	return own, limits, nil
}
