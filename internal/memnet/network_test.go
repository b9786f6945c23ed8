package memnet_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/internal/memnet"
)

func TestDial(t *testing.T) {
	n := memnet.New()
	l, err := n.Listen("a.test:80")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Listen("a.test:80"); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listening twice gave %v, want EADDRINUSE", err)
	}
	var dns *net.DNSError
	if _, err := n.DialContext(t.Context(), "tcp", "b.test:80"); !errors.As(err, &dns) || !dns.IsNotFound {
		t.Errorf("unknown host gave %v, want a DNSError", err)
	}
	if _, err := n.DialContext(t.Context(), "tcp", "a.test:81"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("wrong port gave %v, want ECONNREFUSED", err)
	}
	if _, err := n.DialContext(t.Context(), "tcp", "b.test.:80"); !errors.As(err, &dns) || dns.Name != "b.test" {
		t.Errorf("unknown host with a dot at its end gave %v, want a DNSError", err)
	}
	if rooted, err := n.DialContext(t.Context(), "tcp", "a.test.:80"); err != nil {
		t.Errorf("a dot at the end of a host's name made another one of it: %v", err)
	} else if err := rooted.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := n.DialContext(t.Context(), "tcp", "a.test"); err == nil {
		t.Error("an address without a port was dialled")
	}
	c, err := n.DialContext(t.Context(), "tcp", "a.test:80")
	if err != nil {
		t.Fatal(err)
	}
	if open := n.Open(); len(open) != 1 || !strings.HasSuffix(open[0], "to a.test:80") {
		t.Errorf("open: %q", open)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, c); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a connection that was never accepted reads %v, want ECONNRESET", err)
	}
	if _, err := n.DialContext(t.Context(), "tcp", "a.test:80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("closed listener gave %v, want ECONNREFUSED", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if open := n.Open(); len(open) != 0 {
		t.Errorf("open after close: %q", open)
	}
}

func TestDialHonoursItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		if _, err := n.Listen("a.test:80"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for { // until the backlog is full
			if _, err := n.DialContext(ctx, "tcp", "a.test:80"); err != nil {
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want the context's error", err)
				}
				break
			}
		}
		n.Close()
	})
}

// TestNoConnectionIsLostInAClosingListener: whoever dials meanwhile is refused or reset, and never
// left waiting.
func TestNoConnectionIsLostInAClosingListener(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			n := memnet.New()
			l, err := n.Listen("a.test:80")
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					c, err := n.DialContext(t.Context(), "tcp", "a.test:80")
					if err == nil {
						_, err = read(t, c)
						_ = c.Close()
					}
					if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.ECONNRESET) {
						t.Errorf("got %v, want a refusal or a reset", err)
					}
				})
			}
			wg.Go(func() { _ = l.Close() })
			wg.Wait()
			if open := n.Open(); len(open) != 0 {
				t.Errorf("open: %q", open)
			}
		})
	}
}

func TestCloseOfTheNetworkBreaksEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		l, err := n.Listen("a.test:80")
		if err != nil {
			t.Fatal(err)
		}
		c, err := n.DialContext(t.Context(), "tcp", "a.test:80")
		if err != nil {
			t.Fatal(err)
		}
		s, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		c.(*memnet.Conn).Stall() // which must not hold the end back
		var wg sync.WaitGroup
		for _, conn := range []net.Conn{c, s} {
			wg.Go(func() {
				if _, err := read(t, conn); !errors.Is(err, net.ErrClosed) {
					t.Errorf("a read gave %v, want net.ErrClosed", err)
				}
			})
		}
		wg.Go(func() {
			if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("accept gave %v, want net.ErrClosed", err)
			}
		})
		synctest.Wait()
		n.Close()
		wg.Wait()
		if _, err := n.DialContext(t.Context(), "tcp", "a.test:80"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("a dial gave %v, want ECONNREFUSED", err)
		}
		if _, err := n.Listen("a.test:80"); !errors.Is(err, net.ErrClosed) {
			t.Errorf("listen gave %v, want net.ErrClosed", err)
		}
		if open := n.Open(); len(open) != 0 {
			t.Errorf("open: %q", open)
		}
	})
}

// TestActivityCountsWhatAchievedSomething: a loop of failures must not look like progress to a
// supervisor.
func TestActivityCountsWhatAchievedSomething(t *testing.T) {
	n := memnet.New()
	l, err := n.Listen("a.test:80")
	if err != nil {
		t.Fatal(err)
	}
	var c net.Conn
	steps := []struct {
		what   string
		counts bool
		do     func() error
		want   error
	}{
		{"dial", true, func() (err error) { c, err = n.DialContext(t.Context(), "tcp", "a.test:80"); return err }, nil},
		{
			"refused dial", false, func() error { _, err := n.DialContext(t.Context(), "tcp", "a.test:1"); return err },
			syscall.ECONNREFUSED,
		},
		{"write", true, func() error { _, err := c.Write([]byte("x")); return err }, nil},
		{"read", true, func() error {
			s, err := l.Accept()
			if err != nil {
				return err
			}
			_, err = read(t, s)
			return err
		}, nil},
		{"failed read", false, func() error {
			_, err := read(t, c)
			return err
		}, os.ErrDeadlineExceeded},
		{"close", true, func() error { return c.Close() }, nil},
		{"second close", false, func() error { return c.Close() }, net.ErrClosed},
	}
	for _, step := range steps {
		if step.what == "failed read" {
			if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
				t.Fatal(err)
			}
		}
		before := n.Activity()
		if err := step.do(); !errors.Is(err, step.want) {
			t.Fatalf("%s: got %v, want %v", step.what, err, step.want)
		}
		if counted := n.Activity() > before; counted != step.counts {
			t.Errorf("%s: counted %t, want %t", step.what, counted, step.counts)
		}
	}
}

func BenchmarkDialAndClose(b *testing.B) {
	n := memnet.New()
	l, err := n.Listen("a.test:80")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		c, err := n.DialContext(b.Context(), "tcp", "a.test:80")
		if err != nil {
			b.Fatal(err)
		}
		s, err := l.Accept()
		if err != nil {
			b.Fatal(err)
		}
		_ = c.Close()
		_ = s.Close()
	}
}

// BenchmarkNetwork is what a scenario pays before its first byte: a network and two connections.
func BenchmarkNetwork(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		n := memnet.New()
		for _, addr := range []string{"a.test:80", "b.test:80"} {
			if _, err := n.Listen(addr); err != nil {
				b.Fatal(err)
			}
			if _, err := n.DialContext(b.Context(), "tcp", addr); err != nil {
				b.Fatal(err)
			}
		}
		n.Close()
	}
}
