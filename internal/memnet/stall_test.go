package memnet_test

import (
	"errors"
	"io"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/internal/memnet"
)

func TestStallHoldsEverythingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := memnet.Pipe()
		a.Stall()
		write(t, a, "held")
		if err := a.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if err := b.SetReadDeadline(time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got, err := read(t, b); got != "" || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read %q, %v through a stall", got, err)
		}
		if err := b.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		b.Resume()
		if got, err := read(t, b); got != "held" || err != nil {
			t.Errorf("read %q, %v after the stall", got, err)
		}
		if _, err := read(t, b); !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want the close that was held back", err)
		}
	})
}

func TestStallDeliversWhatHadArrivedBefore(t *testing.T) {
	a, b := memnet.Pipe()
	write(t, a, "before")
	a.Stall()
	if got, err := read(t, b); got != "before" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

// TestStallHidesEnds shows a half-open connection: one side is gone and the other does not know.
func TestStallHidesEnds(t *testing.T) {
	tests := map[string]struct {
		linger      int
		got         string
		read, write error
	}{
		"close": {-1, "held", io.EOF, syscall.EPIPE},
		"reset": {0, "", syscall.ECONNRESET, syscall.ECONNRESET}, // a reset overtakes what has yet to arrive
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := memnet.Pipe()
				b.Stall()
				write(t, a, "held")
				if err := errors.Join(a.SetLinger(test.linger), a.Close(),
					b.SetDeadline(time.Now().Add(time.Hour))); err != nil {
					t.Fatal(err)
				}
				if n, err := b.Write(make([]byte, 1<<20)); n == 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("wrote %d, %v into the stall, want a full buffer and the deadline", n, err)
				}
				if err := b.SetDeadline(time.Time{}); err != nil {
					t.Fatal(err)
				}
				a.Resume()
				got, err := io.ReadAll(b)
				if err == nil {
					err = io.EOF // as ReadAll has it
				}
				if string(got) != test.got || !errors.Is(err, test.read) {
					t.Errorf("read %q, %v after the stall, want %q, %v", got, err, test.got, test.read)
				}
				if _, err := b.Write([]byte("x")); !errors.Is(err, test.write) {
					t.Errorf("write gave %v after the stall, want %v", err, test.write)
				}
			})
		})
	}
}

// Abandoned tells of the peer's end at once, whether or not that arrives, and not of a half-close.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	told := func(c *memnet.Conn) bool {
		select {
		case <-c.Abandoned():
			return true
		default:
			return false
		}
	}
	for _, stalled := range []bool{false, true} {
		a, b := memnet.Pipe()
		if stalled {
			a.Stall()
		}
		if err := b.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if told(a) {
			t.Errorf("stalled %v: told of a half-close", stalled)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if !told(a) || told(b) {
			t.Errorf("stalled %v: the peer's end is told: %v, to the one that closed: %v", stalled, told(a), told(b))
		}
		_ = a.Close()
	}
}
