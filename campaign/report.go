package campaign

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
)

// StandardOutput is the path of a sink that writes to standard output.
const StandardOutput = "-"

// A Sink is the destination of one report: KIND=PATH.
type Sink struct {
	// Kind is the form of the report, such as "junit".
	Kind string
	// Path is the file, or a folder in which the report gets its usual name. It is written at the
	// end. "-" is standard output.
	Path string
	// Writer receives the report instead of a file.
	Writer io.Writer
}

// ParseSinks parses KIND=PATH and checks that each file is writable, without changing it. kinds
// are the known forms.
func ParseSinks(args []string, kinds []reports.Kind) ([]Sink, error) {
	var all []Sink
	for _, arg := range args {
		kind, path, ok := strings.Cut(arg, "=")
		if !ok || path == "" {
			return nil, usage("report",
				"{option} %q: write KIND=PATH, as in {option} json=report.json; PATH - is standard output", arg)
		}
		all = append(all, Sink{Kind: kind, Path: filed(kind, path, kinds)})
		if err := checkSinks(all, reports.Names(kinds)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// filed returns the path of a report's file: in path, if that is a folder.
func filed(name, path string, kinds []reports.Kind) string {
	i := slices.IndexFunc(kinds, func(k reports.Kind) bool { return k.Name == name })
	if info, err := os.Stat(path); i < 0 || err != nil || !info.IsDir() {
		return path
	}
	return filepath.Join(path, cmp.Or(kinds[i].File, name))
}

// same reports whether two paths name one file.
func same(a, b string) bool {
	if a == b || a == StandardOutput || b == StandardOutput {
		return a == b
	}
	if one, err := os.Stat(a); err == nil {
		if other, err := os.Stat(b); err == nil {
			return os.SameFile(one, other)
		}
	}
	a, errA := filepath.Abs(a)
	b, errB := filepath.Abs(b)
	return errA == nil && errB == nil && a == b
}

// checkSinks checks the last sink against those before it.
func checkSinks(all []Sink, kinds []string) error {
	before, s := all[:len(all)-1], all[len(all)-1]
	if !slices.Contains(kinds, s.Kind) {
		return usage("report", "{option} %q: no such report%s", s.String(), DidYouMean(s.Kind, kinds))
	}
	if s.Writer != nil {
		return nil
	}
	if slices.ContainsFunc(before, func(other Sink) bool { return other.Writer == nil && same(other.Path, s.Path) }) {
		if s.Path == StandardOutput {
			return usage("", "only one report can go to standard output")
		}
		return usage("", "two reports go to %s", s.Path)
	}
	if err := writable(s.Path); err != nil {
		return usage("report", "{option} %q: %v", s.String(), err)
	}
	return nil
}

// String returns KIND=PATH.
func (s Sink) String() string { return s.Kind + "=" + s.Path }

// writable returns an error if a file cannot be written. It changes nothing.
func writable(path string) error {
	if path == StandardOutput {
		return nil
	}
	known, missing := os.Stat(path)
	if missing == nil && !known.Mode().IsRegular() && !known.IsDir() {
		return nil // opening a pipe or a device has an effect
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644) //nolint:gosec // a report is for others to read
	if err != nil {
		return err
	}
	err = f.Close()
	if errors.Is(missing, fs.ErrNotExist) {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// ToStandardOutput reports whether a sink writes to standard output.
func ToStandardOutput(all []Sink) bool {
	return slices.ContainsFunc(all, func(s Sink) bool { return s.Writer == nil && s.Path == StandardOutput })
}

// Open returns the writer of the sink. It creates the file at the first write, so that an older
// report stays until then.
func (s Sink) Open(stdout io.Writer) io.WriteCloser { return s.open(stdout) }

func (s Sink) open(stdout io.Writer) *output {
	switch {
	case s.Writer != nil:
		return &output{w: s.Writer}
	case s.Path == StandardOutput:
		return &output{w: stdout, said: "standard output"}
	}
	return &output{path: s.Path}
}

// An output is a writer that opens its file at the first write. It writes a regular file under a
// temporary name and renames it at the end, so that a killed program leaves no partial report.
type output struct {
	w    io.Writer
	said string
	path string
	file *os.File
	// place is the final path of the file, "" if it is not renamed.
	place string
	// failed reports that a write has failed, so that the file is not a report.
	failed bool
}

// An OutputError reports a failure to write a report's file.
type OutputError struct{ Err error }

// Error returns the message with the file's name.
func (e *OutputError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *OutputError) Unwrap() error { return e.Err }

// Write writes to the open file.
func (o *output) Write(data []byte) (int, error) {
	if o.w == nil {
		if err := o.create(); err != nil {
			return 0, &OutputError{err}
		}
	}
	n, err := o.w.Write(data)
	if err != nil && o.file != nil {
		o.failed = true
		err = &OutputError{err}
	}
	return n, err
}

// create opens the file, under a temporary name in the same folder if it can.
func (o *output) create() (err error) {
	place := o.path
	if target, err := filepath.EvalSymlinks(place); err == nil {
		place = target
	}
	if info, err := os.Stat(place); err == nil && !info.Mode().IsRegular() {
		o.file, err = os.Create(o.path)
		o.w = o.file
		return err
	}
	beside := fmt.Sprintf("%s.%d.part", place, os.Getpid())
	o.place = place
	if o.file, err = os.Create(beside); err != nil { // a folder that takes no further file
		o.place = ""
		o.file, err = os.Create(o.path)
	}
	o.w = o.file
	return err
}

// Close closes the file, if it was opened, and renames it.
func (o *output) Close() error {
	if o.file == nil {
		return nil
	}
	err := o.file.Close()
	switch {
	case o.place == "":
	case err != nil || o.failed:
		err = errors.Join(err, os.Remove(o.file.Name()))
	default:
		err = os.Rename(o.file.Name(), o.place)
	}
	if err != nil {
		return &OutputError{err}
	}
	return nil
}

// A Report writes several reports at once, run by run.
type Report struct{ parts []part }

type part struct {
	stream reports.Stream
	out    *output
	hide   bool
	// failed holds the error with which the report cannot be written, or nil.
	failed error
}

// fails keeps the first error.
func (p *part) fails(err error) {
	if err == nil || p.failed != nil {
		return
	}
	if p.failed = err; p.out.said != "" {
		p.failed = &OutputError{fmt.Errorf("%s: %w", p.out.said, err)}
	}
}

// OpenReport starts a report in each sink. kinds are the known forms. stdout is the destination of
// the path "-".
func OpenReport(sinks []Sink, kinds []reports.Kind, header reports.Header, stdout io.Writer) (*Report, error) {
	r := &Report{}
	for _, s := range sinks {
		i := slices.IndexFunc(kinds, func(k reports.Kind) bool { return k.Name == s.Kind })
		if i < 0 {
			return nil,
				usage("report", "{option} %q: no such report%s", s.String(), DidYouMean(s.Kind, reports.Names(kinds)))
		}
		out, own := s.open(stdout), header
		if s.Path != StandardOutput {
			own.Screen = reports.Screen{}
		}
		r.parts = append(r.parts, part{stream: kinds[i].Open(out, own), out: out})
	}
	return r, nil
}

// Show adds a text report to w before the other reports. quiet omits runs that passed.
func (r *Report) Show(w io.Writer, header reports.Header, quiet bool) {
	out := &output{w: w, said: "standard output"}
	r.parts = slices.Insert(r.parts, 0, part{stream: reports.NewText(out, header), out: out, hide: quiet})
}

// Add adds a run to every report. A report that cannot be written is given up, and Close returns
// why, so that a full disk does not hide the verdict or another report. The error is always nil, so
// that Add fits [Plan.Execute].
func (r *Report) Add(run reports.Run) error {
	for i := range r.parts {
		p := &r.parts[i]
		hidden := p.hide && run.Verdict == assertions.Passed
		if p.failed == nil && !hidden {
			p.fails(p.stream.Add(run))
		}
	}
	return nil
}

// Close finishes all reports. The error says which could not be written; it is an [OutputError]
// unless the form itself failed.
func (r *Report) Close(total reports.Summary) error {
	var all []error
	for i := range r.parts {
		p := &r.parts[i]
		if p.failed == nil {
			p.fails(p.stream.Close(total))
		}
		p.fails(p.out.Close())
		all = append(all, p.failed)
	}
	return errors.Join(all...)
}
