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
	// Targets are the engines that can be tested. The first is tested unless --target names another one.
	Targets campaign.Targets
	// TargetHelp is what the help of --target says about the first target. Default: its name.
	TargetHelp string
	// Vocabulary is what scenario files may name: faults, protocols, steps and expectations. Default: scenarios.Shipped(), to
	// which a program appends its own.
	Vocabulary *scenarios.Vocabulary
	// Reports are forms of reports beside those that ship.
	Reports []reports.Kind
	// Args are the arguments. Default: those of the process.
	Args []string
	// Stdout and Stderr are where the command writes. Default: those of the process.
	Stdout, Stderr io.Writer
}

func (o Options) withDefaults() Options {
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

// vars returns what the help texts say about the targets.
func (o Options) vars() map[string]string {
	vars := map[string]string{"target": "none", "policy": "none", "engine": "the engine"}
	if len(o.Targets) == 0 {
		return vars
	}
	first := o.Targets[0]
	vars["target"], vars["engine"] = first.Name, first.Name
	if o.TargetHelp != "" {
		vars["target"] = o.TargetHelp
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
