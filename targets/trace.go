package targets

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/chaosrun/chaosrun/internal/process"
)

// A trace keeps the beginning of the text that Go prints when a panic ends a process. It is safe
// for concurrent use.
type trace struct {
	mu   sync.Mutex
	text []byte
	// found says that text begins with the panic. Until then it is the line so far.
	found bool
}

// maxTrace bounds the text that is kept, in bytes.
const maxTrace = 16 << 10

// starts returns the possible beginnings of the first line of a trace.
func starts() [][]byte { return [][]byte{[]byte("panic: "), []byte("fatal error: ")} }

// Write takes the next part of the standard error output.
func (t *trace) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range bytes.Lines(p) {
		if len(t.text) < maxTrace {
			t.text = append(t.text, line...)
		}
		if !t.found && slices.ContainsFunc(starts(), func(s []byte) bool { return bytes.HasPrefix(t.text, s) }) {
			t.found = true
		}
		if !t.found && line[len(line)-1] == '\n' {
			t.text = t.text[:0]
		}
	}
	return len(p), nil
}

// String returns the value of the panic and its two innermost frames outside of the runtime, or "".
func (t *trace) String() string {
	const frames = 2
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.found {
		return ""
	}
	lines := strings.Split(string(t.text), "\n")
	_, value, _ := strings.Cut(lines[0], ": ")
	text := []string{value}
	for i := 1; i+1 < len(lines) && len(text) <= frames; i++ {
		where, isFrame := strings.CutPrefix(lines[i+1], "\t")
		if !isFrame || strings.HasPrefix(lines[i], "\t") || strings.HasPrefix(lines[i], "runtime.") ||
			strings.HasPrefix(lines[i], "panic(") {
			continue
		}
		function := lines[i]
		if at := strings.LastIndexByte(function, '('); at > 0 && !strings.HasPrefix(function, "created by ") {
			function = function[:at]
		}
		function, _, _ = strings.Cut(function, " in goroutine ")
		where, _, _ = strings.Cut(where, " +0x")
		text = append(text, function+" at "+where)
	}
	if len(text) > 1 {
		text = append([]string{text[0] + " in " + text[1]}, text[2:]...)
	}
	return process.Cut(strings.Join(text, ", "), maxTraceText)
}

// maxTraceText bounds the text about a panic, in bytes.
const maxTraceText = 1000
