package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/chaosrun/chaosrun/internal/process"
)

// onLoopback runs the command again in a network of loopback only, if that is enough for all
// targets. done is false if this process must do the work itself. If the system does not permit it,
// onLoopback prints a warning.
func (c console) onLoopback(chosen []string) (code int, done bool) {
	outside := false
	for _, arg := range chosen {
		if c.isEngine(arg) {
			continue
		}
		t, err := c.target(withoutVariant(arg))
		if err != nil || !t.OnLoopback() {
			return 0, false // an error is reported elsewhere
		}
		outside = true
	}
	if !outside || !c.ours() {
		return 0, false
	}
	code, done, err := process.Isolate()
	if errors.Is(err, process.ErrNotPermitted) {
		fmt.Fprintf(c.err, "%s: engines may reach other machines: %v\n", c.Program, err)
	}
	return code, done
}

// ours reports whether the console has the process's own arguments and streams. Only then can the
// command line run again in another process.
func (c console) ours() bool {
	return c.out == os.Stdout && c.err == os.Stderr && len(os.Args) > 0 && slices.Equal(c.Args, os.Args[1:])
}
