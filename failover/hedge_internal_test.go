package failover

import (
	"context"
	"testing"
)

// An attempt that has lost to the hedge beside it delivers nothing of what it still reads, and is
// no answer, however whole it looks. In virtual time it is never caught between the two; on a real
// machine it is.
func TestTheLoserDeliversNothing(t *testing.T) {
	t.Parallel()
	e, err := New(Config{
		Policy: NewPolicy(), Chain: []Provider{{Name: "p", Protocol: OpenAIChat, BaseURL: "http://p.test"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, lost := range []bool{true, false} {
		var got string
		c := newCall(e, 1, Request{Stream: true}, func(d Delta) { got += d.Text })
		ctx, cancel := context.WithCancelCause(t.Context())
		a := &attempt{call: c, slot: &c.shared.route[0], member: c.shared.route[0].member, cancel: cancel}
		c.race.enter(a)
		if lost {
			beside := &hedge{lane: c}
			if !beside.claim() {
				t.Fatal("the hedge has not won, and nobody else has said anything")
			}
		}
		a.take(event{text: "late"})
		a.take(event{done: true})
		failed := a.failure(ctx, nil)
		if (got == "") != lost || (failed != nil) != lost {
			t.Errorf("lost %v: the caller got %q, failure %v", lost, got, failed)
		}
		cancel(nil)
	}
}

// A hedge that comes after the attempt's first content has lost, unless the caller can be told to
// start over.
func TestTheHedgeMayComeTooLate(t *testing.T) {
	t.Parallel()
	e, err := New(Config{
		Policy: NewPolicy(), Chain: []Provider{{Name: "p", Protocol: OpenAIChat, BaseURL: "http://p.test"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, restarts := range []bool{true, false} {
		c := newCall(e, 1, Request{Stream: true, Restarts: restarts}, func(Delta) {})
		_, cancel := context.WithCancelCause(t.Context())
		a := &attempt{call: c, slot: &c.shared.route[0], member: c.shared.route[0].member, cancel: cancel}
		c.race.enter(a)
		a.take(event{text: "first"})
		beside := &hedge{lane: c}
		if won := beside.claim(); won != restarts || a.hasLost() != restarts || beside.beaten == restarts {
			t.Errorf("restarts %v: the hedge has won: %v, the attempt has lost: %v", restarts, won, a.hasLost())
		}
		cancel(nil)
	}
}
