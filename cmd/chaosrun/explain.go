package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

type explainCmd struct {
	Name string `arg:"" help:"A name, or kind:name where two share it: fault:heartbeat-only."`
}

// Help is shown below the flags.
func (explainCmd) Help() string {
	return `Examples:
  chaosrun explain heartbeat-only
  chaosrun explain fault:heartbeat-only`
}

// Run prints everything that bears the name.
func (e *explainCmd) Run(c console) error {
	kind, name, qualified := strings.Cut(e.Name, ":")
	if !qualified {
		kind, name = "", e.Name
	}
	var found []entry
	var names, kinds []string
	for _, list := range []string{"scenarios", "faults", "policies", "targets", "expectations", "protocols"} {
		for _, x := range catalogues()[list]() {
			if !slices.Contains(kinds, x.kind) {
				kinds = append(kinds, x.kind)
			}
			names = append(names, x.Name)
			if x.Name == name && (kind == "" || kind == x.kind) {
				found = append(found, x)
			}
		}
	}
	if kind != "" && !slices.Contains(kinds, kind) {
		return usage("no such kind: %q%s", kind, didYouMean(kind, kinds))
	}
	if found == nil {
		slices.Sort(names)
		return usage("nothing is called %q%s", e.Name, didYouMean(name, slices.Compact(names)))
	}
	for i, x := range found {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		x.explain(c)
	}
	return nil
}

func (x entry) explain(c console) {
	fmt.Fprintf(c.out, "%s %s\n%s\n", x.kind, x.Name, x.Title)
	if x.Why != "" {
		fmt.Fprintf(c.out, "\n%s\n", strings.TrimSpace(x.Why))
	}
	if x.Issue != "" {
		fmt.Fprintf(c.out, "\nissue: %s\n", x.Issue)
	}
	if x.Tags != nil {
		fmt.Fprintf(c.out, "tags:  %s\n", strings.Join(x.Tags, ", "))
	}
	if x.more != "" {
		fmt.Fprintf(c.out, "\n%s\n", x.more)
	}
}

// parameters lists the fields of a plain struct that scenario files can set, with their defaults.
func parameters(v any) string {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Struct {
		return ""
	}
	var lines []string
	for i := range rv.NumField() {
		name, _, _ := strings.Cut(rv.Type().Field(i).Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		lines = append(lines, fmt.Sprintf("  %s: %s", name, defaultText(rv.Field(i))))
	}
	if lines == nil {
		return ""
	}
	return "parameters and their defaults:\n" + strings.Join(lines, "\n")
}

func defaultText(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return x.String()
	case string:
		return fmt.Sprintf("%q", x)
	case fmt.Stringer:
		return x.String()
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return "not set"
	}
	return fmt.Sprint(v.Interface())
}
