package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/chaosrun/chaosrun/internal/process"
)

// onLoopback runs the command again where engines reach loopback only, if all of the targets can do
// with that. done is false if this process has to do the work itself. Where the system does not
// permit it, a warning says so.
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

// ours reports whether this is the command line of the process, with its streams. Only then can the
// process be started again to carry it out.
func (c console) ours() bool {
	return c.out == os.Stdout && c.err == os.Stderr && len(os.Args) > 0 && slices.Equal(c.Args, os.Args[1:])
}
