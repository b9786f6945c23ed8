package cli

import (
	"io"
	"os"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

// Options say what the command is made for.
type Options struct {
	// Program is the command's name, as messages and the lines that repeat a run say it. Default:
	// "chaosrun".
	Program string
	// Targets are the engines that can be tested. The first is tested unless --target names another
	// one.
	Targets campaign.Targets
	// Vocabulary is what scenario files may name: faults, protocols, steps and expectations.
	// Default: scenarios.Shipped(), to which a program appends its own.
	Vocabulary *scenarios.Vocabulary
	// Reports are forms of reports beside those that ship.
	Reports []reports.Kind
	// Args are the arguments. Default: those of the process.
	Args []string
	// Stdout and Stderr are where the command writes. Default: those of the process.
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
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	return o
}

// vars returns what the help texts say about the first target: how it is called, and what is chosen
// where nothing is said.
func (o Options) vars() map[string]string {
	vars := map[string]string{"engine": "the engine", "target": "none", "policy": "none"}
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

// reports returns every form of report.
func (o Options) reports() []reports.Kind { return append(reports.All(), o.Reports...) }
