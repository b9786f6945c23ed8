package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
)

func TestProgress(t *testing.T) {
	t.Setenv("COLUMNS", "20")
	for name, c := range map[string]struct {
		terminal, quiet bool
		now             campaign.Progress
		want            string
	}{
		"in real time": {
			true, false, campaign.Progress{Done: 3, Of: 8, Left: 2 * time.Minute}, "\r\x1b[K3/8, about 2m0s lef",
		},
		"in virtual time":    {true, false, campaign.Progress{Done: 3, Of: 8}, "\r\x1b[K3/8"},
		"quietly":            {true, true, campaign.Progress{Done: 3, Of: 8}, ""},
		"without a terminal": {false, false, campaign.Progress{Done: 3, Of: 8}, ""},
	} {
		var w bytes.Buffer
		p := newProgress(console{err: &w, errTTY: c.terminal}, c.quiet)
		hook := p.hook()
		p.start()
		if hook != nil {
			hook(c.now)
		}
		p.stop()
		if got := strings.TrimSuffix(w.String(), "\r\x1b[K"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if w.Len() > 0 && !strings.HasSuffix(w.String(), "\r\x1b[K") {
			t.Errorf("%s: the line is left: %q", name, w.String())
		}
	}
}

// TestProgressMakesWay checks that a line of somebody else never stands behind the progress, and
// that the progress comes back below it.
func TestProgressMakesWay(t *testing.T) {
	t.Parallel()
	var w bytes.Buffer
	p := newProgress(console{err: &w, errTTY: true}, false)
	p.start()
	if _, err := p.Write([]byte("before\n")); err != nil {
		t.Fatal(err)
	}
	p.update(campaign.Progress{Done: 1, Of: 2})
	if _, err := p.Write([]byte("a warning\n")); err != nil {
		t.Fatal(err)
	}
	p.stop()
	if _, err := p.Write([]byte("after\n")); err != nil {
		t.Fatal(err)
	}
	const want = "before\n\r\x1b[K1/2\r\x1b[Ka warning\n\r\x1b[K1/2\r\x1b[Kafter\n"
	if got := w.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
