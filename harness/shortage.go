package harness

import (
	"errors"
	"strings"
	"sync/atomic"
	"syscall"
)

// shortage keeps the first thing of which this machine, or what this process may have of it, had
// none left. The engine meets it as a failure of its providers, and is not to blame. It is safe for
// concurrent use.
type shortage struct{ first atomic.Pointer[string] }

// dialed looks at the error of a dial, and returns it.
func (s *shortage) dialed(err error) error {
	for _, short := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL} {
		if errors.Is(err, short) {
			s.note("a client could not connect: " + short.Error())
		}
	}
	return err
}

// Write takes a line of the log of net/http.
func (s *shortage) Write(line []byte) (int, error) {
	if _, what, ok := strings.Cut(strings.TrimSpace(string(line)), "Accept error: "); ok {
		what, _, _ = strings.Cut(what, "; retrying")
		s.note("a provider could not accept a connection: " + what)
	}
	return len(line), nil
}

func (s *shortage) note(what string) { s.first.CompareAndSwap(nil, &what) }

// explain returns what was short, or "".
func (s *shortage) explain() string {
	if what := s.first.Load(); what != nil {
		return *what
	}
	return ""
}
