package memnet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/internal/memnet"
)

// TestConn is the conformance suite for net.Conn. It waits real time inside, because it has no other.
func TestConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		a, b := memnet.Pipe()
		return a, b, func() { _ = a.Close(); _ = b.Close() }, nil
	})
}

func TestListenerIsAListener(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		n := memnet.New()
		l, err := n.Listen("x.test:1")
		if err != nil {
			return nil, nil, nil, err
		}
		if c1, err = n.DialContext(t.Context(), "tcp", "x.test:1"); err != nil {
			return nil, nil, nil, err
		}
		c2, err = l.Accept()
		return c1, c2, n.Close, err
	})
}

func read(t *testing.T, c net.Conn) (string, error) {
	t.Helper()
	b := make([]byte, 64)
	n, err := c.Read(b)
	return string(b[:n]), err
}

func write(t *testing.T, c net.Conn, s string) {
	t.Helper()
	if _, err := c.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
}

func TestWritesDoNotWaitForTheReader(t *testing.T) {
	a, b := memnet.Pipe()
	write(t, a, "one")
	write(t, a, "two")
	if got, err := read(t, b); got != "onetwo" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestFullBufferBlocksUntilRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := memnet.Pipe()
		if err := a.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := a.Write(make([]byte, 1<<20))
		if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n >= 1<<20 {
			t.Fatalf("wrote %d of 1 MiB into a buffer that nobody reads: %v", n, err)
		}
		if err := a.SetWriteDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Minute)
			_, _ = io.CopyN(io.Discard, b, 100)
		}()
		start := time.Now()
		write(t, a, strings.Repeat("x", 100))
		if waited := time.Since(start); waited != time.Minute {
			t.Errorf("the write waited %s for room, want 1m", waited)
		}
	})
}

func TestReset(t *testing.T) {
	a, b := memnet.Pipe()
	write(t, a, "lost")
	if err := a.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := read(t, b); got != "" || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read %q, %v after a reset, want ECONNRESET", got, err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("write gave %v after a reset, want ECONNRESET", err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the resetter's own write gave %v, want net.ErrClosed", err)
	}
}

func TestCloseDeliversAndThenEnds(t *testing.T) {
	a, b := memnet.Pipe()
	write(t, a, "last words")
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := read(t, b); got != "last words" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := read(t, b); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want io.EOF", err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write to a closed peer gave %v, want EPIPE", err)
	}
	if err := a.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second close gave %v, want net.ErrClosed", err)
	}
}

func TestHalfClose(t *testing.T) {
	a, b := memnet.Pipe()
	if err := a.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, b); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want io.EOF", err)
	}
	write(t, b, "still here")
	if got, err := read(t, a); got != "still here" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write after CloseWrite gave %v, want net.ErrClosed", err)
	}
}

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
	if n.Activity() == 0 {
		t.Error("no activity was counted")
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

// TestCancelReachesTheServerAtTheSameInstant is what the harness rests on: an engine that gives up is seen at once.
func TestCancelReachesTheServerAtTheSameInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		l, err := n.Listen("a.test:80")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		gone := make(chan time.Duration, 1)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "hello")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			gone <- time.Since(start)
		})}
		go func() { _ = server.Serve(l) }()
		client := &http.Client{Transport: &http.Transport{DialContext: n.DialContext}}
		ctx, cancel := context.WithTimeout(t.Context(), 42*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://a.test/", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if string(body) != "hello" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("read %q, %v", body, err)
		}
		_ = res.Body.Close()
		if got := <-gone; got != 42*time.Second {
			t.Errorf("the server saw the client go after %s, want 42s", got)
		}
		_ = server.Close()
		n.Close()
	})
}

// TestBytesInAreBytesOut cuts a stream at random on both sides.
func TestBytesInAreBytesOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 1<<10).Draw(t, "data")
		data = append(data, make([]byte, rapid.SampledFrom([]int{0, 100, 70_000}).Draw(t, "more"))...)
		a, b := memnet.Pipe()
		go func() {
			for rest := data; len(rest) > 0; {
				n := min(len(rest), 1+len(rest)/3)
				if _, err := a.Write(rest[:n]); err != nil {
					break
				}
				rest = rest[n:]
			}
			_ = a.Close()
		}()
		var got []byte
		buf := make([]byte, rapid.IntRange(1, 4096).Draw(t, "buffer"))
		for {
			n, err := b.Read(buf)
			got = append(got, buf[:n]...)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if string(got) != string(data) {
			t.Fatalf("read %d bytes, wrote %d", len(got), len(data))
		}
	})
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
