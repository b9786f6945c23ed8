package bubble

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Goroutine is one goroutine of a stack dump.
type Goroutine struct {
	ID int
	// State says what it waits for, such as "chan receive".
	State string
	// Func, File and Line are its innermost frame outside of the runtime and of packages that only
	// wait.
	Func string
	File string
	Line int
	// Stack is its part of the dump.
	Stack string

	bubble  int
	durable bool // blocked in a way that only its own bubble can end
}

// Place says in one line what the goroutine waits for and where. It leaves out the number, which
// differs from run to run.
func (g Goroutine) Place() string {
	return fmt.Sprintf("[%s] in %s at %s:%d", g.State, g.Func, g.File, g.Line)
}

// Durable reports whether virtual time may go on while the goroutine waits.
func (g Goroutine) Durable() bool { return g.durable }

// Functions returns the functions on its stack, the innermost first, and at last the one that
// started it.
func (g Goroutine) Functions() []string {
	var all []string
	for text := range strings.SplitSeq(g.Stack, "\n") {
		if text != "" && !strings.HasPrefix(text, "\t") && !strings.HasPrefix(text, "goroutine ") &&
			!strings.HasPrefix(text, "...") {
			all = append(all, functionName(text))
		}
	}
	return all
}

// At returns the goroutine at its innermost frame with a wanted function, or unchanged if it has
// none.
func (g Goroutine) At(wanted func(function string) bool) Goroutine {
	lines := strings.Split(g.Stack, "\n")
	for i, text := range lines[:max(0, len(lines)-1)] {
		if strings.HasPrefix(text, "\t") || !strings.HasPrefix(lines[i+1], "\t") || !wanted(functionName(text)) {
			continue
		}
		g.Func = functionName(text)
		g.File, g.Line = position(lines[i+1])
		return g
	}
	return g
}

// header is the first line of a goroutine in a dump: goroutine 7 [chan receive, 3 minutes, synctest
// bubble 5]:
var header = regexp.MustCompile(`^goroutine (\d+)(?: gp=\S+)?(?: m=\S+)?(?: mp=\S+)? \[([^\]]*)\]:`)

// parse takes a stack dump apart. What it does not understand it leaves out.
func parse(dump string) []Goroutine {
	var all []Goroutine
	for block := range strings.SplitSeq(dump, "\n\n") {
		m := header.FindStringSubmatch(block)
		if m == nil {
			continue
		}
		id, err := strconv.Atoi(m[1])
		if err != nil {
			continue
		}
		g := Goroutine{ID: id, Stack: block}
		state, rest, _ := strings.Cut(m[2], ", ")
		for part := range strings.SplitSeq(rest, ", ") {
			if n, ok := strings.CutPrefix(part, "synctest bubble "); ok {
				g.bubble, _ = strconv.Atoi(n)
			}
		}
		g.State, g.durable = strings.CutSuffix(strings.TrimSuffix(state, " (scan)"), " (durable)")
		g.Func, g.File, g.Line = frame(block)
		all = append(all, g)
	}
	return all
}

// waitingRoom reports whether a frame belongs to the code of waiting, not to the code that waits.
func waitingRoom(function string) bool {
	prefixes := []string{
		"runtime.", "runtime/", "internal/", "sync.", "sync/", "time.", "testing.", "testing/", "net.", "syscall.",
		"os.",
	}
	return function == "panic" ||
		slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(function, prefix) })
}

// frame returns the innermost frame of the code that waits, else the innermost of all.
func frame(stack string) (function, file string, line int) {
	name := ""
	for text := range strings.SplitSeq(stack, "\n") {
		if !strings.HasPrefix(text, "\t") {
			name = text
			continue
		}
		if name == "" || strings.HasPrefix(name, "goroutine ") ||
			function != "" && strings.HasPrefix(name, "created by ") {
			continue
		}
		here := functionName(name)
		if who := !waitingRoom(here); who || function == "" {
			function = here
			file, line = position(text)
			if who {
				break
			}
		}
		name = ""
	}
	return function, file, line
}

// origin returns where a goroutine panicked or exited, given its stack in a deferred function. A
// panic that was recovered and raised again is on the stack twice; the outer one is the origin.
func origin(stack string) string {
	from := max(strings.LastIndex(stack, "\npanic("), strings.LastIndex(stack, "\nruntime.Goexit("), 0)
	function, file, line := frame(stack[from:])
	return fmt.Sprintf("%s at %s:%d", function, file, line)
}

// Left returns where a goroutine left by runtime.Goexit: function, file and line. It is for the
// goroutine's deferred functions, which give it their debug.Stack.
func Left(stack []byte) string { return origin(string(stack)) }

// functionName cuts the arguments off: "main.(*T).f(0xc000…, …)" is "main.(*T).f".
func functionName(s string) string {
	s = strings.TrimPrefix(s, "created by ")
	s, _, _ = strings.Cut(s, " in goroutine ")
	if !strings.HasSuffix(s, ")") {
		return s
	}
	if i := strings.LastIndex(s, "("); i > 0 {
		return s[:i]
	}
	return s
}

// position reads "\t/path/file.go:12 +0x1d" and keeps the last two parts of the path, which are the
// same on every machine.
func position(s string) (file string, line int) {
	s, _, _ = strings.Cut(strings.TrimSpace(s), " +0x")
	i := strings.LastIndex(s, ":")
	if i < 0 {
		return s, 0
	}
	line, _ = strconv.Atoi(s[i+1:])
	parts := strings.Split(s[:i], "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/"), line
}
