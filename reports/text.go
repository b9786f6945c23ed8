package reports

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// Text writes one line per run. A run that did not pass also gets its findings, its story
// and the command that repeats it.
func Text(w io.Writer, r Report) error { return Kind{Open: NewText}.whole(w, r) }

// TextOf returns what Text writes of one run.
func TextOf(run Run) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s  %s\n", run.Verdict, run.Label(), headline(run))
	if run.Verdict > assertions.Passed {
		detail(&b, run)
	}
	return b.String()
}

// NewText starts a report in the form of Text. It buffers the lines until Close, because the
// longest label sets the column width.
func NewText(w io.Writer, _ Header) Stream { return &textStream{w: w} }

type textStream struct {
	w     io.Writer
	lines spool
	width int
}

// Add buffers the line of the run and its details.
func (s *textStream) Add(run Run) error {
	s.width = max(s.width, len(run.Label()))
	var b strings.Builder
	if run.Verdict > assertions.Passed {
		detail(&b, run)
	}
	var data []byte
	for _, part := range [textParts]string{run.Verdict.String(), run.Label(), headline(run), b.String()} {
		data = append(binary.AppendUvarint(data, uint64(len(part))), part...)
	}
	if _, err := s.lines.Write(data); err != nil {
		return fmt.Errorf("reports: text: %w", err)
	}
	return nil
}

// textParts is the number of strings that the spool stores per run.
const textParts = 4

// readParts reads the strings of one run from the spool. It returns io.EOF at the end.
func readParts(r *bufio.Reader) (parts [textParts]string, err error) {
	for i := range parts {
		if parts[i], err = readPart(r); err != nil {
			return parts, err
		}
	}
	return parts, nil
}

// readPart reads one string from the spool. It returns io.EOF at the end.
func readPart(r *bufio.Reader) (string, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return "", err
	}
	part := make([]byte, n)
	if _, err := io.ReadFull(r, part); err != nil {
		return "", err
	}
	return string(part), nil
}

// Close writes the lines and the summary.
func (s *textStream) Close(total Summary) error {
	if err := errors.Join(s.write(total), s.lines.drop()); err != nil {
		return fmt.Errorf("reports: text: %w", err)
	}
	return nil
}

func (s *textStream) write(total Summary) error {
	lines, err := s.lines.reader()
	if err != nil {
		return err
	}
	in, out := bufio.NewReader(lines), bufio.NewWriter(s.w)
	for {
		parts, err := readParts(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%-7s  %-*s  %s\n%s", parts[0], s.width, parts[1], parts[2], parts[3])
	}
	fmt.Fprintln(out)
	for _, u := range total.Unequal {
		fmt.Fprintln(out, u)
	}
	fmt.Fprintln(out, total)
	return out.Flush()
}

// String returns the counts in one line.
func (s Summary) String() string {
	parts := []string{fmt.Sprintf("%d passed", s.Passed)}
	for _, p := range []struct {
		n    int
		what string
	}{{s.Partial, "partial"}, {s.Failed, "failed"}, {s.Unknown, "unknown"}, {s.Skipped, "skipped"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return fmt.Sprintf("%s: %s of scenario time in %s", strings.Join(parts, ", "),
		s.Simulated.Duration().Round(time.Second), s.Wall.Duration().Round(time.Millisecond))
}

// headline summarizes the calls of a run: one by one, or many as groups with the same outcome.
func headline(run Run) string {
	if run.Verdict == assertions.Skipped {
		return run.SkipReason
	}
	if len(run.Calls) > mostCalls {
		return headlineOfMany(run)
	}
	var said []string
	for _, c := range run.Calls {
		words := c.ended()
		if took := c.took(); took != nil {
			words += " after " + run.measure(*took)
		}
		if c.Measures.TimeToFallback != nil {
			words += ", fallback at " + run.measure(*c.Measures.TimeToFallback)
		}
		said = append(said, words)
	}
	return strings.Join(said, "; ")
}

// ended says how a call ended.
func (c Call) ended() string {
	words := cmp.Or(c.Word, c.Outcome.String())
	if c.AnsweredBy != "" {
		words += " by " + c.AnsweredBy
	}
	return words
}

// took returns the time to a call's end, or nil for an outcome without an end of its own.
func (c Call) took() *timeline.Seconds {
	switch c.Outcome { //nolint:exhaustive // the others have no end of their own
	case timeline.FailedClearly, timeline.Hung, timeline.HungUp:
		return new(total(c.Measures.WhereTimeWent))
	}
	return c.Measures.TimeToAnswer
}

// headlineOfMany summarizes calls that were made at once, with ranges of their times.
func headlineOfMany(run Run) string {
	var words []string
	alike := map[string][]Call{}
	for _, c := range run.Calls {
		if alike[c.ended()] == nil {
			words = append(words, c.ended())
		}
		alike[c.ended()] = append(alike[c.ended()], c)
	}
	for i, how := range words {
		calls := alike[how]
		words[i] = fmt.Sprintf("%d × %s", len(calls), how)
		if between := run.between(calls, Call.took); between != "" {
			words[i] += " after " + between
		}
		if between := run.between(calls, func(c Call) *timeline.Seconds {
			return c.Measures.TimeToFallback
		}); between != "" {
			words[i] += ", fallback at " + between
		}
	}
	return strings.Join(words, "; ")
}

// between formats the range of a measure over some calls, or returns "" if none of them has it.
func (r Run) between(calls []Call, value func(Call) *timeline.Seconds) string {
	var all []timeline.Seconds
	for _, c := range calls {
		if v := value(c); v != nil {
			all = append(all, *v)
		}
	}
	if all == nil {
		return ""
	}
	soonest, latest := r.measure(slices.Min(all)), r.measure(slices.Max(all))
	if soonest == latest {
		return soonest
	}
	return soonest + " to " + latest
}

// measure formats a measured time, with its scheduling error if there is one.
func (r Run) measure(s timeline.Seconds) string {
	if r.SchedulingError == 0 {
		return short(s)
	}
	return short(s) + " ±" + short(r.SchedulingError)
}

func total(p timeline.Phases) timeline.Seconds {
	return p.Connect + p.Headers + p.FirstContent + p.Stall + p.Backoff + p.Answer
}

// mostCalls is how many calls the details of a run show.
const mostCalls = 10

func detail(b *strings.Builder, run Run) {
	if run.Title != "" {
		fmt.Fprintf(b, "    %s\n", run.Title)
	}
	for _, e := range run.Expectations {
		fmt.Fprintf(b, "    %-7s  %s%s: %s\n", e.Verdict, e.Name, e.aside(), e.Message)
	}
	for line := range strings.Lines(Story(run.Timeline)) {
		b.WriteString("      " + line)
	}
	for i, c := range run.Calls[:min(len(run.Calls), mostCalls)] {
		within := ""
		if run.SchedulingError > 0 {
			within = ", each ±" + short(run.SchedulingError)
		}
		fmt.Fprintf(b, "    call %d: %s%s\n", i+1, whereTimeWent(c.Measures.WhereTimeWent), within)
		if told := c.told(); told != "" {
			fmt.Fprintf(b, "    call %d: reported to the caller: %s\n", i+1, told)
		}
	}
	if more := len(run.Calls) - mostCalls; more > 0 {
		fmt.Fprintf(b, "    and %d more calls\n", more)
	}
	if run.Cadence > 0 {
		fmt.Fprintf(b, "    heartbeats every %s, more often than the scenario says, because the engine's idle timer "+
			"is short\n", run.Cadence.Duration())
	}
	for _, line := range []string{slowed(run.Distortion), label("clock:  ", evidence(run))} {
		if line != "" {
			fmt.Fprintf(b, "    %s\n", line)
		}
	}
	if run.Issue != "" {
		fmt.Fprintf(b, "    issue:  %s\n", run.Issue)
	}
	if engine := run.engine(); engine != "" {
		fmt.Fprintf(b, "    engine: %s\n", engine)
	}
	if run.Advice != "" {
		fmt.Fprintf(b, "    advice: %s\n", run.Advice)
	}
	fmt.Fprintf(b, "    replay: %s\n", run.Replay)
	if line := run.inRealTime(); line != "" {
		fmt.Fprintf(b, "    %s\n", line)
	}
}

// engine returns the version and the settings of an engine in another process, "" if none is known.
func (r Run) engine() string {
	var parts []string
	if r.TargetVersion != "" {
		parts = append(parts, "version "+r.TargetVersion)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Settings)) {
		parts = append(parts, name+"="+r.Settings[name])
	}
	return strings.Join(parts, ", ")
}

// slowHealthy is the time that an engine may add to a healthy call before the report mentions it.
const slowHealthy = timeline.Seconds(100 * time.Millisecond)

func whereTimeWent(p timeline.Phases) string {
	var parts []string
	for _, phase := range []struct {
		what string
		took timeline.Seconds
	}{
		{"connect", p.Connect},
		{"headers", p.Headers},
		{"first content", p.FirstContent},
		{"stall", p.Stall},
		{"backoff", p.Backoff},
		{"answer", p.Answer},
	} {
		if phase.took >= timeline.Seconds(time.Millisecond) {
			parts = append(parts, phase.what+" "+short(phase.took))
		}
	}
	if parts == nil {
		return "no time passed"
	}
	return strings.Join(parts, ", ")
}

// short formats a duration with about three significant digits.
func short(s timeline.Seconds) string {
	d := s.Duration()
	switch {
	case d >= time.Minute:
		return d.Round(100 * time.Millisecond).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(100 * time.Microsecond).String()
}

// value formats a limit or a measure.
func value(v any) string {
	switch v := v.(type) {
	case timeline.Seconds:
		return v.Duration().Round(time.Millisecond).String()
	case string:
		return v
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}
