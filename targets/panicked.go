package targets

import (
	"errors"
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/internal/process"
)

// traceLines is how much of the end of a log is searched for a panic. A trace of many goroutines is
// longer, but a Log keeps no more than its last 64 KiB anyway.
const traceLines = 10_000

// goPanicCode is the exit code of a Go program that panicked.
const goPanicCode = 2

// panicked returns the panic of a Go program that ended with err and this log: its value, and its
// innermost frame. It returns "" if the program did not panic, or is not of Go.
//
// A Go engine runs in a worker so that its panics do not end chaosrun. They are the engine's all the
// same.
func panicked(err error, log string) string {
	exit, ok := errors.AsType[*process.ExitError](err)
	if !ok || exit.Code != goPanicCode {
		return ""
	}
	lines := strings.Split(log, "\n")
	value := ""
	for i, line := range lines {
		if text, ok := cutAnyPrefix(line, "panic: ", "fatal error: "); ok {
			value = strings.TrimSuffix(text, " [recovered]")
		}
		if value != "" && strings.HasPrefix(line, "goroutine ") && strings.Contains(line, "[running") {
			return value + frame(lines[i+1:])
		}
	}
	return ""
}

func cutAnyPrefix(s string, prefixes ...string) (string, bool) {
	for _, p := range prefixes {
		if after, ok := strings.CutPrefix(s, p); ok {
			return after, true
		}
	}
	return "", false
}

// frame returns the innermost frame of a trace that is not the runtime's: " in FUNCTION at FILE".
func frame(lines []string) string {
	for i := 0; i+1 < len(lines); i += 2 {
		function, file := lines[i], strings.TrimSpace(lines[i+1])
		if function == "" || strings.HasPrefix(function, "goroutine ") {
			break
		}
		if strings.HasPrefix(function, "panic(") || strings.HasPrefix(function, "runtime.") {
			continue
		}
		if at := strings.LastIndex(function, "("); at > 0 {
			function = function[:at]
		}
		file, _, _ = strings.Cut(file, " +0x")
		return fmt.Sprintf(" in %s at %s", function, file)
	}
	return ""
}
