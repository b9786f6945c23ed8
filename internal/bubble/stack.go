package bubble

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A Goroutine is one goroutine of a stack dump.
type Goroutine struct {
	ID int
	// State is what it waits for, "chan receive" for instance.
	State string
	// Func, File and Line are its innermost frame outside the runtime and the packages where one only waits.
	Func string
	File string
	Line int
	// Stack is its part of the dump.
	Stack string

	bubble  int
	durable bool // blocked in a way that only its own bubble can end
}

// Place says in one line what the goroutine waits for and where. It leaves out the number, which differs from run to run.
func (g Goroutine) Place() string {
	return fmt.Sprintf("[%s] in %s at %s:%d", g.State, g.Func, g.File, g.Line)
}

// header is the first line of a goroutine in a dump: goroutine 7 [chan receive, 3 minutes, synctest bubble 5]:
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
		var states []string
		for part := range strings.SplitSeq(m[2], ", ") {
			if n, ok := strings.CutPrefix(part, "synctest bubble "); ok {
				g.bubble, _ = strconv.Atoi(n)
			} else if !strings.HasSuffix(part, " minutes") {
				states = append(states, part)
			}
		}
		g.State, g.durable = strings.CutSuffix(strings.Join(states, ", "), " (durable)")
		g.Func, g.File, g.Line = frame(block)
		all = append(all, g)
	}
	return all
}

// waitingRoom says whether a frame only tells how a goroutine waits, not who does.
func waitingRoom(function string) bool {
	for _, prefix := range []string{"runtime.", "runtime/", "internal/", "sync.", "sync/", "time.", "testing.", "testing/", "panic(", "net.", "syscall.", "os."} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}

// frame returns the innermost frame that says who waits; the innermost of all if there is none.
func frame(block string) (function, file string, line int) {
	lines := strings.Split(block, "\n")
	for i := 1; i+1 < len(lines); i += 2 {
		if strings.HasPrefix(lines[i], "created by ") && function != "" {
			break
		}
		name := functionName(lines[i])
		path, number := position(lines[i+1])
		if function == "" || !waitingRoom(name) {
			function, file, line = name, path, number
		}
		if !waitingRoom(name) {
			break
		}
	}
	return function, file, line
}

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

// position reads "\t/path/file.go:12 +0x1d" and keeps the last two parts of the path, which are the same on every machine.
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
