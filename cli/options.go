package cli

import (
	"io"
	"os"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
)

// Options configure [Main].
type Options struct {
	// Program is the command's name in messages and replay commands. Default: "chaosrun".
	Program string
	// Targets are the engines to test. Default of --target: the first one.
	Targets campaign.Targets
	// Outside holds engines in other processes that --target finds by name, such as
	// targets.Shipped(). Default: none. The path of a target file always works.
	Outside targets.Catalogue
	// Vocabulary holds the faults, protocols, steps and expectations that scenario files may use.
	// A program appends its own to scenarios.Shipped(). Default: scenarios.Shipped().
	Vocabulary *scenarios.Vocabulary
	// Reports are additional forms of reports.
	Reports []reports.Kind
	// Args are the arguments. Default: those of the process.
	Args []string
	// Stdin is what the worker command reads. Default: that of the process.
	Stdin io.Reader
	// Stdout and Stderr receive the output. Default: those of the process.
	Stdout, Stderr io.Writer
}

func (o Options) withDefaults() Options {
	if o.Program == "" {
		o.Program = "chaosrun"
	}
	if o.Vocabulary == nil {
		o.Vocabulary = scenarios.Shipped()
	}
	if o.Args == nil {
		o.Args = os.Args[1:]
	}
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	return o
}

// vars returns the variables of the help texts: the kinds of reports, and the names of the first
// target and of its default policy.
func (o Options) vars() map[string]string {
	vars := map[string]string{
		"engine": "the engine", "target": "none", "policy": "none",
		"kinds": strings.Join(reports.Names(o.reports()), ", "),
	}
	if len(o.Targets) == 0 {
		return vars
	}
	first := o.Targets[0]
	vars["engine"], vars["target"] = first.Name, first.Name
	if first.Called != "" {
		vars["engine"], vars["target"] = first.Called, first.Name+", "+first.Called
	}
	for _, v := range first.All() {
		if first.Policies != nil && v.Reference {
			vars["policy"] = v.Name
		}
	}
	return vars
}

// reports returns all forms of reports.
func (o Options) reports() []reports.Kind { return append(reports.All(), o.Reports...) }
