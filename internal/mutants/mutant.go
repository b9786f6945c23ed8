package main

import (
	"fmt"
	"path"
	"strings"
)

// A mutant is one small mistake in the code.
type mutant struct {
	// id switches it on. It counts from 1 in a room.
	id int
	// operator names the kind of mistake.
	operator string
	// file is relative to the root, with slashes. line counts from 1.
	file string
	line int
	// function is the function or method that it is in, "" outside of any.
	function string
	// from is the code as it stands, to what takes its place. Both have no line breaks.
	from, to string
	// code is to as it is written.
	code string
	// nth tells mutants of a function apart that read alike. It counts from 1.
	nth int
}

// key identifies the mutant whatever happens to the lines above it.
func (m mutant) key() string {
	nth := ""
	if m.nth > 1 {
		nth = fmt.Sprintf(" #%d", m.nth)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s%s: %s => %s", m.file, m.function, m.operator, nth, m.from, m.to))
}

// String returns the mutant in one line, as a compiler reports an error.
func (m mutant) String() string {
	text := fmt.Sprintf("%s:%d: %s in %s: %s => %s", m.file, m.line, m.operator, m.function, brief(m.from), brief(m.to))
	return strings.TrimSpace(text)
}

// brief cuts a text in the middle if it is long.
func brief(s string) string {
	const most, part = 100, 45
	if runes := []rune(s); len(runes) > most {
		return string(runes[:part]) + " … " + string(runes[len(runes)-part:])
	}
	return s
}

// A room is a package whose code is changed, and whose own tests have to notice.
type room struct {
	// dir is relative to the root.
	dir string
	// files is a pattern of the names of the files to change.
	files string
	// slow are tests, and texts of specs, that take seconds and see nothing that faster ones do not
	// see. They are left out.
	slow []string
}

// rooms returns the rooms: what judges, what runs engines, and the clock of the built-in one.
func rooms() []room {
	return []room{
		{dir: "timeline", files: "*.go"},
		{dir: "assertions", files: "*.go", slow: []string{"TestJudgingIsLinear"}},
		{dir: "harness", files: "*.go", slow: []string{
			"TestCheckFitsOnAScreen", "TestFaultsForACallerWithoutRestarts",
			"a seed makes the same timeline a thousand times, lane by lane and to the byte",
			"calls at once have the same verdict in each of twenty runs, of an engine that is right and of one that " +
				"waits too long",
		}},
		{dir: "failover", files: "watchdog*.go", slow: []string{
			"TestFaultKinds", "TestABodyWithoutEndIsLeft", "TestHealthyOverhead",
			"TestRecommendedAsksNobodyMoreThanThrice", "TestAThousandCalls",
			"TestMeasuredTwice", "TestSchedules", "TestRandomScenarios",
		}},
	}
}

// holds reports whether a file of the room is to be changed.
func (r room) holds(name string) bool {
	ok, err := path.Match(r.files, name)
	return err == nil && ok && !strings.HasSuffix(name, "_test.go")
}
