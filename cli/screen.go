package cli

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/reports"
)

// screenOf returns how people read a stream. COLUMNS sets the width of every stream. Without it, a
// terminal has its own, and what is no terminal has the default. A narrower terminal than 20 counts
// as one of 20.
func screenOf(w io.Writer) reports.Screen {
	s := reports.Screen{ASCII: !speaksUTF8(), Colour: isTerminal(w) && colours()}
	if f, ok := w.(*os.File); ok {
		s.Width = windowWidth(f)
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		s.Width = n
	}
	return s
}

// isTerminal reports whether people read a stream at a terminal that can move its cursor.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isWindow(f) && os.Getenv("TERM") != "dumb"
}

// colours reports whether the environment permits colours: NO_COLOR forbids them, and so does a
// console of Windows that does not say that it knows them. https://no-color.org
func colours() bool {
	return os.Getenv("NO_COLOR") == "" && (runtime.GOOS != "windows" || os.Getenv("WT_SESSION") != "")
}

// speaksUTF8 reports whether the locale shows every character. An environment without a locale, as
// in most containers, says nothing about who reads the output, so that it counts as UTF-8.
func speaksUTF8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(os.Getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return true
}

// sayShell prints lines for a shell. Only comments are broken.
func (c console) sayShell(lines string) {
	for line := range strings.Lines(lines) {
		if strings.HasPrefix(line, "#") {
			line = c.screen.Fold(line)
		}
		fmt.Fprint(c.out, line)
	}
}

// say prints a text for people on standard output, in lines that fit.
func (c console) say(format string, args ...any) {
	fmt.Fprint(c.out, c.screen.Fold(fmt.Sprintf(format, args...)))
}
