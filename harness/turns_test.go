package harness

import (
	"errors"
	"io"
	"net"
	"testing"
)

// answer accepts one connection, and says who it is.
func answer(t *testing.T, l net.Listener, who string) {
	t.Helper()
	conn, err := l.Accept()
	if err != nil {
		t.Errorf("%s: %v", who, err)
		return
	}
	_, _ = io.WriteString(conn, who) // the test reads it
	_ = conn.Close()                 // likewise
}

func TestTurnsServeOneAddress(t *testing.T) {
	t.Parallel()
	inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	turns := newTurns(inner)
	defer turns.Close()
	read := func() string {
		t.Helper()
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		said, _ := io.ReadAll(conn) // what did not come is missing in said
		_ = conn.Close()            // it is over
		return string(said)
	}
	first := turns.next()
	go answer(t, first, "first")
	if got := read(); got != "first" {
		t.Errorf("got %q, want the first turn", got)
	}
	if err := errors.Join(first.Close(), first.Close()); err != nil {
		t.Error(err)
	}
	if _, err := first.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a turn that is over accepts: %v", err)
	}
	waiting := make(chan string)
	go func() { waiting <- read() }() // it arrives between two turns, or after
	go answer(t, turns.next(), "second")
	if got := <-waiting; got != "second" {
		t.Errorf("got %q, want the second turn", got)
	}
	last := turns.next()
	turns.Close()
	turns.Close()
	if _, err := last.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed address accepts: %v", err)
	}
}
