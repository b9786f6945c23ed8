package reports

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// These structs have elements and attributes of the XML schema of Jenkins' xUnit plugin,
// junit-10.xsd, and no others: what the common CI servers read. A testcase has no properties there.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Errors   int          `xml:"errors,attr"`
		Failures int          `xml:"failures,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Package    string          `xml:"package,attr"`
		Tests      int             `xml:"tests,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Errors     int             `xml:"errors,attr"`
		Failures   int             `xml:"failures,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		Classname string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Skipped   *junitMessage `xml:"skipped,omitempty"`
		Error     *junitMessage `xml:"error,omitempty"`
		Failure   *junitMessage `xml:"failure,omitempty"`
		SystemOut string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the XML that CI servers read: one suite per target and policy, one case per
// scenario. A run with an unknown verdict is an error, and a partial one passes and says why. Times
// are scenario time.
func JUnit(w io.Writer, r Report) error { return Kind{Open: NewJUnit}.whole(w, r) }

// NewJUnit starts a report in the form of [JUnit]. It buffers the cases until Close, because each
// suite starts with its totals.
func NewJUnit(w io.Writer, header Header) Stream {
	return &junitStream{w: w, header: header, index: map[string]*suiteStream{}}
}

type junitStream struct {
	w      io.Writer
	header Header
	suites []*suiteStream
	index  map[string]*suiteStream
}

// A suiteStream is one suite with buffered cases.
type suiteStream struct {
	totals junitSuite
	time   timeline.Seconds
	cases  spool
}

// Add buffers the case of one run.
func (s *junitStream) Add(run Run) error {
	name := strings.Trim(run.Target+"/"+run.Policy, "/")
	suite, known := s.index[name]
	if !known {
		suite = &suiteStream{totals: junitSuite{
			Name: name, Package: "chaosrun", Properties: suiteProperties(s.header, run),
		}}
		s.index[name] = suite
		s.suites = append(s.suites, suite)
	}
	if err := suite.add(run); err != nil {
		return fmt.Errorf("reports: junit: %w", err)
	}
	return nil
}

// add counts a run and buffers its case, indented for its suite.
func (s *suiteStream) add(run Run) error {
	s.time += run.Simulated
	if _, err := io.WriteString(&s.cases, "\n"); err != nil {
		return err
	}
	enc := xml.NewEncoder(&s.cases)
	enc.Indent("    ", "  ")
	return enc.EncodeElement(s.totals.count(run), xml.StartElement{Name: xml.Name{Local: "testcase"}})
}

// count adds a run to the totals and returns its case.
func (s *junitSuite) count(run Run) junitCase {
	c := junitCase{Name: run.Scenario, Classname: s.Name, Time: seconds(run.Simulated)}
	s.Tests++
	switch run.Verdict {
	case assertions.Skipped:
		s.Skipped++
		c.Skipped = &junitMessage{Message: run.SkipReason}
	case assertions.Unknown:
		s.Errors++
		c.Error = problem(run, assertions.Unknown)
	case assertions.Failed:
		s.Failures++
		c.Failure = problem(run, assertions.Failed)
	case assertions.Partial:
		c.SystemOut = "partial: " + problem(run, assertions.Partial).Text + "\n"
	case assertions.Passed:
	}
	c.SystemOut += caseProperties(run)
	if run.Verdict != assertions.Passed {
		c.SystemOut += printable(Story(run.Timeline))
	}
	return c
}

// Close writes the suites with their totals.
func (s *junitStream) Close(Summary) error {
	err := s.write()
	for _, suite := range s.suites {
		err = errors.Join(err, suite.cases.drop())
	}
	if err != nil {
		return fmt.Errorf("reports: junit: %w", err)
	}
	return nil
}

// suiteEnd ends a suite. Names and values cannot contain it, because their brackets are escaped.
const suiteEnd = "\n  </testsuite>"

// write encodes the suites without cases, and inserts the cases of each before its end.
func (s *junitStream) write() error {
	all := junitSuites{}
	var total timeline.Seconds
	for _, suite := range s.suites {
		suite.totals.Time = seconds(suite.time)
		all.Suites = append(all.Suites, suite.totals)
		all.Tests += suite.totals.Tests
		all.Errors += suite.totals.Errors
		all.Failures += suite.totals.Failures
		total += suite.time
	}
	all.Time = seconds(total)
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(s.w, xml.Header); err != nil {
		return err
	}
	parts := strings.SplitAfter(string(text), suiteEnd)
	for i, part := range parts[:len(parts)-1] {
		if _, err := io.WriteString(s.w, strings.TrimSuffix(part, suiteEnd)); err != nil {
			return err
		}
		if err := s.suites[i].cases.copyTo(s.w); err != nil {
			return err
		}
		if _, err := io.WriteString(s.w, suiteEnd); err != nil {
			return err
		}
	}
	_, err = io.WriteString(s.w, parts[len(parts)-1]+"\n")
	return err
}

func seconds(s timeline.Seconds) string {
	return strconv.FormatFloat(s.Duration().Seconds(), 'f', 3, 64)
}

// printable drops the runes that XML 1.0 does not allow.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r >= 0x20 && r <= 0xD7FF, r >= 0xE000 && r <= 0xFFFD, r >= 0x10000:
			return r
		}
		return -1
	}, s)
}
