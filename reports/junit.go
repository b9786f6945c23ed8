package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// The structs follow the fields that Ginkgo documents for its JUnit report, which the common CI servers read:
// https://onsi.github.io/ginkgo/#generating-machine-readable-reports
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Disabled int          `xml:"disabled,attr"`
		Errors   int          `xml:"errors,attr"`
		Failures int          `xml:"failures,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Package    string          `xml:"package,attr"`
		Tests      int             `xml:"tests,attr"`
		Disabled   int             `xml:"disabled,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Errors     int             `xml:"errors,attr"`
		Failures   int             `xml:"failures,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		Classname string        `xml:"classname,attr"`
		Status    string        `xml:"status,attr"`
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

// JUnit writes the XML that CI servers read: a suite per target and policy, a case per scenario. Unknown is an
// error, which is not a success either. Times are scenario time.
func JUnit(w io.Writer, r Report) error {
	all := junitSuites{}
	index := map[string]int{}
	var total timeline.Seconds
	for _, run := range r.Runs {
		name := strings.Trim(run.Target+"/"+run.Policy, "/")
		i, known := index[name]
		if !known {
			i = len(all.Suites)
			index[name] = i
			all.Suites = append(all.Suites, junitSuite{Name: name, Package: "chaosrun", Properties: []junitProperty{
				{Name: "version", Value: r.Version}, {Name: "seed", Value: strconv.FormatUint(r.Seed, 10)}, {Name: "clock", Value: run.Clock},
			}})
		}
		all.Suites[i].add(run)
		total += run.Simulated
	}
	for i := range all.Suites {
		s := &all.Suites[i]
		var suite timeline.Seconds
		for _, run := range r.Runs {
			if strings.Trim(run.Target+"/"+run.Policy, "/") == s.Name {
				suite += run.Simulated
			}
		}
		s.Time = seconds(suite)
		all.Tests += s.Tests
		all.Errors += s.Errors
		all.Failures += s.Failures
		all.Disabled += s.Disabled
	}
	all.Time = seconds(total)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("reports: junit: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return fmt.Errorf("reports: junit: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("reports: junit: %w", err)
	}
	return nil
}

func (s *junitSuite) add(run Run) {
	c := junitCase{Name: run.Scenario, Classname: s.Name, Status: run.Verdict.String(), Time: seconds(run.Simulated)}
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
	case assertions.Passed:
	}
	if run.Verdict != assertions.Passed {
		c.SystemOut = printable(story(run.Timeline))
	}
	s.Cases = append(s.Cases, c)
}

// problem gathers the findings of one verdict: the first in the attribute, all of them in the text, with the replay line.
func problem(run Run, v assertions.Verdict) *junitMessage {
	m := &junitMessage{Type: v.String(), Message: "nothing was expected, so nothing was looked at"}
	var lines []string
	for _, e := range run.Expectations {
		if e.Verdict != v {
			continue
		}
		line := e.Name + ": " + e.Message
		if len(lines) == 0 {
			m.Message = printable(line)
		}
		if e.Limit != nil && e.Got != nil {
			line += fmt.Sprintf(" (limit %s, got %s)", value(e.Limit), value(e.Got))
		}
		lines = append(lines, line)
	}
	lines = append(lines, "replay: "+run.Replay)
	m.Text = printable(strings.Join(lines, "\n"))
	return m
}

func seconds(s timeline.Seconds) string {
	return strconv.FormatFloat(s.Duration().Seconds(), 'f', 3, 64)
}

// printable drops what XML 1.0 cannot carry.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r >= 0x20 && r <= 0xD7FF, r >= 0xE000 && r <= 0xFFFD, r >= 0x10000:
			return r
		}
		return -1
	}, s)
}
