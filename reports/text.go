package reports

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	var s Screen
	text := s.headed(s.verdict(run.Verdict), run.Label(), said(run))
	if run.Verdict > assertions.Passed {
		text += detail(run, s)
	}
	return text
}

// headed returns the first line of a run. What does not fit beside the label stands below it.
func (s Screen) headed(verdict, label, said string) string {
	line := verdict + "  " + label + "  " + said
	if wide(line) > s.Columns() {
		line = verdict + "  " + label + "\n" + strings.Repeat(" ", verdictWidth) + said
	}
	return s.Fold(line + "\n")
}

// said returns what the line of a run says: its sentence if the engine did not do as expected, else
// how its calls ended. Why a run is unknown stands below it.
func said(run Run) string {
	switch run.Verdict { //nolint:exhaustive // of the others the calls say enough
	case assertions.Failed, assertions.Partial:
		return Sentence(run)
	}
	return headline(run)
}

// NewText starts a report in the form of Text, for the header's Screen. It buffers the lines until
// Close, because the longest name sets the column width.
func NewText(w io.Writer, h Header) Stream { return &textStream{w: w, on: h.Screen} }

type textStream struct {
	w     io.Writer
	on    Screen
	lines spool
	runs  int
	// engine is that of all runs, "" if they differ.
	engine string
	// scenario, label and brief are the widths of the longest ones.
	scenario, label, brief int
}

// A textLine is what the spool keeps of a run.
type textLine struct{ verdict, scenario, label, headline, brief, details string }

// fields returns what the spool writes, in order.
func (l *textLine) fields() []*string {
	return []*string{&l.verdict, &l.scenario, &l.label, &l.headline, &l.brief, &l.details}
}

// Add buffers the line of the run and its details.
func (s *textStream) Add(run Run) error {
	l := textLine{
		verdict: s.on.verdict(run.Verdict), scenario: run.Scenario, label: run.Label(), headline: said(run),
	}
	if run.Verdict > assertions.Passed {
		l.details = detail(run, s.on)
	} else {
		run.Calls = slices.Clone(run.Calls)
		for i := range run.Calls {
			run.Calls[i].Measures.TimeToFallback = nil
		}
		l.brief = headline(run)
		s.brief = max(s.brief, wide(l.brief))
	}
	s.runs++
	if s.runs == 1 {
		s.engine = engineOf(run)
	} else if s.engine != engineOf(run) {
		s.engine = ""
	}
	s.scenario, s.label = max(s.scenario, wide(l.scenario)), max(s.label, wide(l.label))
	var data []byte
	for _, field := range l.fields() {
		data = append(binary.AppendUvarint(data, uint64(len(*field))), *field...)
	}
	if _, err := s.lines.Write(data); err != nil {
		return fmt.Errorf("reports: text: %w", err)
	}
	return nil
}

// read reads the line of one run from the spool. It returns io.EOF at the end.
func (l *textLine) read(r *bufio.Reader) (err error) {
	for _, field := range l.fields() {
		if *field, err = readPart(r); err != nil {
			return err
		}
	}
	return nil
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

// verdictWidth is the width of the column of verdicts, and of the gap behind a column.
const verdictWidth, columnGap = 9, 2

func (s *textStream) write(total Summary) error {
	lines, err := s.lines.reader()
	if err != nil {
		return err
	}
	width, room := s.label, s.on.Columns()-verdictWidth-columnGap
	// One engine for all runs need not stand in each line.
	once := s.engine != "" && s.runs > 1 && s.label+s.brief > room
	if once {
		width = s.scenario
	}
	in, out := bufio.NewReader(lines), bufio.NewWriter(s.w)
	for {
		var l textLine
		err := l.read(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if once {
			l.label = l.scenario
		}
		if l.brief != "" && width+wide(l.headline) > room {
			l.headline = l.brief
		}
		fmt.Fprint(out, s.on.headed(l.verdict, fmt.Sprintf("%-*s", width, l.label), l.headline)+l.details)
	}
	fmt.Fprintln(out)
	for _, u := range total.Unequal {
		fmt.Fprint(out, s.on.Fold(fmt.Sprintln(u)))
	}
	if once {
		fmt.Fprint(out, s.on.Fold("engine: "+s.engine+"\n"))
	}
	fmt.Fprint(out, s.on.Fold(total.String()+"\n"))
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
