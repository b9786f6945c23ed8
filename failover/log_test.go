package failover_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/failover"
)

func TestLogDecisions(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handler := slog.NewTextHandler(&out, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})
	log := failover.LogDecisions(slog.New(handler))
	p := policy(t, "recommended")
	// killed, where it would be hedged
	p.Retry.Backoff.Jitter, p.Hedge, p.Watch.Stale = 0, failover.Hedge{}, 42*time.Second
	within(t, p, []provider{
		openai("primary", fails(500, `{}`), heartbeats), openai("secondary", fails(413, `{}`)),
	}, func(l *lab) {
		l.call(tokens[0])
		for _, d := range l.decisions {
			log(d)
		}
	})
	want := strings.Join([]string{
		`level=DEBUG msg=ask call=1 at=0s provider=primary attempt=1 remaining=10m0s`,
		`level=INFO msg=retry call=1 at=0s provider=primary attempt=1 reason=server_error wait=500ms remaining=10m0s detail="status 500"`,
		`level=DEBUG msg=ask call=1 at=500ms provider=primary attempt=2 remaining=9m59.5s`,
		`level=WARN msg=kill call=1 at=42.5s provider=primary attempt=2 reason=timeout remaining=9m17.5s detail="no progress for 42s"`,
		`level=WARN msg="fall back" call=1 at=42.5s provider=primary attempt=2 reason=timeout remaining=9m17.5s detail=read_error`,
		`level=INFO msg=rest call=1 at=42.5s provider=primary reason=timeout remaining=9m17.5s detail="for 1m0s"`,
		`level=DEBUG msg=ask call=1 at=42.5s provider=secondary attempt=1 remaining=9m17.5s`,
		`level=ERROR msg="give up" call=1 at=42.5s provider=secondary attempt=1 reason=payload_too_large remaining=9m17.5s detail="status 413"`,
		``,
	}, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("log (-want +got)\n%s", diff)
	}
}
