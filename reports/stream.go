package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Header holds what a report writes before its runs.
type Header struct {
	// Version is the version of the program. Seed is the seed of the first run.
	Version string
	Seed    uint64
	// SDKVersions maps the libraries that the engine under test uses to their versions, by short
	// name.
	SDKVersions map[string]string
	// Screen is where a text is read.
	Screen Screen
	// Files lists the files of the other reports, KIND=PATH. A report that leaves runs out names
	// the one with all of them.
	Files []string
	// Plan says which runs there should be, nil if there is no plan.
	Plan *Plan
	// Ended is when the runs ended, for traces of now. Default: every run begins at [Epoch].
	Ended time.Time
}

// A Stream writes one report run by run, so that memory does not grow with the number of runs. It
// is not safe for concurrent use.
type Stream interface {
	// Add writes the next run. Forms that start with the totals buffer it, in memory or in a
	// temporary file.
	Add(run Run) error
	// Close writes the rest of the report with the totals, and releases all resources. It does not
	// close the writer. The error comes from the writer or from a temporary file. No method may be
	// called after Close.
	Close(total Summary) error
}

// A Kind is one form of report. cli.Options.Reports adds kinds to the command.
type Kind struct {
	// Name selects the form on the command line, as in NAME=PATH.
	Name string
	// Open starts a report. It writes nothing to w before the first Add.
	Open func(w io.Writer, header Header) Stream
	// File is the name of the report's file if the command line gives a folder. Default: Name.
	File string
}

// All returns the shipped forms, sorted by name.
func All() []Kind {
	return []Kind{
		{Name: "chrome-trace", Open: NewChromeTrace, File: "trace.json"},
		{Name: "github", Open: NewGitHub, File: "annotations.txt"},
		{Name: "html", Open: NewHTML, File: "report.html"},
		{Name: "json", Open: NewJSON, File: "report.json"},
		{Name: "junit", Open: NewJUnit, File: "junit.xml"},
		{Name: "markdown", Open: NewMarkdown, File: "summary.md"},
		{Name: "otlp", Open: NewOTLP, File: "traces.jsonl"},
		{Name: "scorecard", Open: NewScorecard, File: "CONFORMANCE.md"},
		{Name: "svg", Open: NewSVG, File: "lanes.svg"},
		{Name: "text", Open: NewText, File: "report.txt"},
	}
}

// Kinds returns the names of the shipped forms, sorted.
func Kinds() []string { return Names(All()) }

// Names returns the names of the given forms, sorted.
func Names(kinds []Kind) []string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = kind.Name
	}
	slices.Sort(names)
	return names
}

// A Writer writes a whole Report in one form.
type Writer func(w io.Writer, r Report) error

// ForKind returns the writer of the named shipped form. It returns an error for an unknown name.
func ForKind(kind string) (Writer, error) {
	for _, known := range All() {
		if known.Name == kind {
			return known.whole, nil
		}
	}
	return nil, fmt.Errorf("no such report: %q; one of %s", kind, strings.Join(Kinds(), ", "))
}

// whole writes a Report in one go.
func (k Kind) whole(w io.Writer, r Report) error {
	stream := k.Open(w, Header{Version: r.Version, Seed: r.Seed, SDKVersions: r.SDKVersions, Plan: r.Plan})
	for _, run := range r.Runs {
		if err := stream.Add(run); err != nil {
			_ = stream.Close(r.Summary) // the first error is returned
			return err
		}
	}
	return stream.Close(r.Summary)
}
