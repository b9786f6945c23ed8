package campaign

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/internal/atomicfile"
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
	if s.Path == StandardOutput {
		return nil
	}
	if err := atomicfile.Check(s.Path); err != nil {
		return usage("report", "{option} %q: %v", s.String(), err)
	}
	return nil
}

// String returns KIND=PATH.
func (s Sink) String() string { return s.Kind + "=" + s.Path }

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

// An output is a writer that opens its file at the first write.
type output struct {
	w    io.Writer
	said string
	path string
	file *atomicfile.File
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
		file, err := atomicfile.Create(o.path, 0o644)
		if err != nil {
			return 0, &OutputError{err}
		}
		o.file, o.w = file, file
	}
	n, err := o.w.Write(data)
	if err != nil && o.file != nil {
		err = &OutputError{err}
	}
	return n, err
}

// Close puts the file in its place, if it was opened. After a failed write it gives the file up.
func (o *output) Close() error {
	if o.file == nil {
		return nil
	}
	if err := o.file.Commit(); err != nil {
		return &OutputError{err}
	}
	return nil
}

// end closes the output, or gives its file up if the report has failed.
func (o *output) end(failed error) error {
	if failed == nil || o.file == nil {
		return o.Close()
	}
	if err := o.file.Discard(); err != nil {
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
		if s.Writer == nil && s.Path != StandardOutput {
			header.Files = append(header.Files, s.String())
		}
	}
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
		p.fails(p.out.end(p.failed))
		all = append(all, p.failed)
	}
	return errors.Join(all...)
}

// Discard gives all reports up because of an error, which it returns. Files stay as they were.
func (r *Report) Discard(why error) error {
	for i := range r.parts {
		p := &r.parts[i]
		p.out.w = io.Discard // the stream is closed only to release what it holds
		_ = p.stream.Close(reports.Summary{})
		_ = p.out.end(why) // why is the reason that matters
	}
	return why
}
