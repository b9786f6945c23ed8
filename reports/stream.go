package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Header is what a report says before its runs.
type Header struct {
	// Version is the program's, Seed that of the first run.
	Version string
	Seed    uint64
	// SDKVersions are the versions of the libraries that the engine under test calls through, by
	// short name.
	SDKVersions map[string]string
}

// A Stream writes one report while its runs come in, so that nobody has to hold them all. It is not
// safe for concurrent use.
type Stream interface {
	// Add writes the next run, in memory or in a temporary file where the form needs the totals first.
	Add(run Run) error
	// Close writes the rest, with the totals of all runs, and releases what the stream holds. No
	// method may be called after it. It does not close the writer. The error is the writer's, or
	// that of a temporary file.
	Close(total Summary) error
}

// A Kind is one form of report. To add a form is to add a Kind: see cli.Options.Reports.
type Kind struct {
	// Name chooses the form on the command line: NAME=PATH.
	Name string
	// Open starts a report. Nothing is written to w before the first Add.
	Open func(w io.Writer, header Header) Stream
}

// All returns the forms that ship, by name.
func All() []Kind {
	return []Kind{{"json", NewJSON}, {"junit", NewJUnit}, {"text", NewText}}
}

// Kinds returns the names of the forms that ship.
func Kinds() []string { return Names(All()) }

// Names returns the names of forms, sorted.
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

// ForKind returns the writer of a report form that ships.
func ForKind(kind string) (Writer, error) {
	for _, known := range All() {
		if known.Name == kind {
			return known.whole, nil
		}
	}
	return nil, fmt.Errorf("no such report: %q; one of %s", kind, strings.Join(Kinds(), ", "))
}

// whole writes all runs of a Report at once.
func (k Kind) whole(w io.Writer, r Report) error {
	stream := k.Open(w, Header{Version: r.Version, Seed: r.Seed, SDKVersions: r.SDKVersions})
	for _, run := range r.Runs {
		if err := stream.Add(run); err != nil {
			_ = stream.Close(r.Summary) // the first error says it
			return err
		}
	}
	return stream.Close(r.Summary)
}
