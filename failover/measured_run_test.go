package failover_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// Run with -v it prints what each row came to.
func TestMeasured(t *testing.T) {
	t.Parallel()
	for table, rows := range map[string][]measuredRow{"fault sweep": sweep, "activity": activity} {
		for _, row := range rows {
			t.Run(table+"/"+row.row, func(t *testing.T) {
				t.Parallel()
				row.check(t)
			})
		}
	}
}

// check holds the policies of the three columns to a row.
func (row measuredRow) check(t *testing.T) {
	t.Helper()
	for i, name := range []string{cmp.Or(row.b0, reported), landedFix, l020} {
		p := policy(t, name)
		if i == 0 && row.unseen {
			p.Stream.AfterContent, p.Stream.RepeatBrokenCalls = failover.AfterDiscard, false
		}
		got := row.play(t, p)
		if want := row.want[i]; !got.fits(want) {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		t.Logf("%-16s %s", name, got)
	}
}

// String tells what it came to in a cell's words.
func (c came) String() string {
	switch {
	case c.how != "fallback":
		return fmt.Sprintf("%d, %s", c.attempts, c.how)
	case c.from == c.to:
		return fmt.Sprintf("%d → fallback after %.1f s", c.attempts, c.from)
	}
	return fmt.Sprintf("%d → fallback after %.1f to %.1f s", c.attempts, c.from, c.to)
}

func (c came) fits(want came) bool {
	return c.attempts == want.attempts && c.how == want.how && c.from >= want.from && c.from <= want.to
}

// play makes one call, for which the caller waits six hours, in a conversation too small to be
// compressed.
func (row measuredRow) play(t *testing.T, p failover.Policy) came {
	t.Helper()
	var got came
	primary := openai("primary", row.primary)
	if row.over != nil {
		primary = row.over("primary", row.primary)
	}
	if row.refused {
		primary.at = "nobody"
	}
	within(t, p, []provider{primary, openai("secondary", answers)}, func(l *lab) {
		ctx, cancel := context.WithTimeout(l.t.Context(), 6*time.Hour)
		defer cancel()
		r := l.ask(ctx, failover.Request{Prompt: "say hello", ContextWindow: 200_000, Stream: true, Restarts: true})
		got.attempts, got.how = l.count("primary"), r.how()
		if row.refused {
			got.attempts = l.decidedTo(failover.ActionAsk) - l.count("secondary")
		}
		if got.how == "fallback" {
			got.from = l.first("secondary").Seconds()
			got.to = got.from
		} else if l.count("secondary") > 0 {
			got.how = "the fallback was asked, and yet: " + got.how
		}
	})
	return got
}

// how says in a word how a call ended.
func (r result) how() string {
	switch {
	case errors.Is(r.err, context.DeadlineExceeded):
		return "hangs"
	case r.err != nil:
		return "fails"
	case r.text == "hello from secondary":
		return "fallback"
	case r.text == "hello from primary":
		return "primary"
	case r.text == "hello ":
		return "part"
	case r.isWarning():
		return "warning"
	}
	return fmt.Sprintf("%q", r.text)
}

// isWarning says that the answer is a part without its tool call, and what is said instead.
func (r result) isWarning() bool {
	said, warned := strings.CutPrefix(r.said, "hello \n\nThe stream stalled in a tool call that was not made: ")
	return warned && said == "write_file" && len(r.answer.ToolCalls) == 0
}

// Without a fallback: three requests, then an error; a rate limit is waited for
// (measured: at 0, 7.1 and 14.1 s with Retry-After: 7, within 7 to 9 s without).
func TestMeasuredWithoutFallback(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		fault    script
		from, to time.Duration
	}{
		{fails(429, `{}`, "Retry-After", "7"), 14 * time.Second, 14 * time.Second},
		{fails(429, `{}`), 6 * time.Second, 9 * time.Second},
		{fails(500, `{}`), 6 * time.Second, 9 * time.Second},
		{fails(503, `{}`), 6 * time.Second, 9 * time.Second},
	} {
		for _, name := range []string{reported, landedFix, l020} {
			within(t, policy(t, name), []provider{openai("primary", row.fault)}, func(l *lab) {
				r := l.call(0)
				if !errors.Is(r.err, failover.ErrChainExhausted) || l.count("primary") != 3 || r.took < row.from ||
					r.took > row.to {
					t.Errorf("%s: got %d requests in %s, error %v", name, l.count("primary"), r.took, r.err)
				}
			})
		}
	}
}

// A chain of two hung providers costs six kills at each (measured: F1 6 + 6), and so does the
// second turn (F1 and L 6 + 6).
func TestMeasuredTwice(t *testing.T) {
	t.Parallel()
	chain := []provider{openai("primary", heartbeats), openai("second", heartbeats), openai("secondary", answers)}
	for _, name := range []string{landedFix, l020} {
		within(t, policy(t, name), chain, func(l *lab) {
			if r := l.call(0); r.err != nil || l.count("primary") != 6 || l.count("second") != 6 {
				t.Errorf("%s: got %d and %d requests, error %v", name, l.count("primary"), l.count("second"), r.err)
			}
		})
		within(t, policy(t, name), []provider{
			openai("primary", heartbeats), openai("secondary", answers),
		}, func(l *lab) {
			l.call(0)
			if r := l.call(0); r.err != nil || l.count("primary") != 12 {
				t.Errorf("%s: got %d requests in two turns, error %v", name, l.count("primary"), r.err)
			}
		})
	}
}
