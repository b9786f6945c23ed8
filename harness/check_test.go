package harness_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A told keeps what a test is told.
type told struct{ text string }

func (*told) Helper()                             {}
func (*told) FailNow()                            {}
func (t *told) Errorf(format string, args ...any) { t.text += fmt.Sprintf(format, args...) }

// stubborn asks again every minute, for ever.
func stubborn(lab harness.Lab) harness.Target {
	once := content(lab)
	return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
		for {
			_ = once.Call(ctx, req, emit) // whatever comes of it
			select {
			case <-time.After(time.Minute):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	})
}

// Whatever scenario of the catalogue fails, what is printed fits on a screen, and names the file
// with all of it.
func TestCheckFitsOnAScreen(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	longest, failed := 0, 0
	for _, s := range scenarios.Catalogue() {
		run := harness.RunScenario(s, stubborn)
		var said told
		run.Check(&said)
		if said.text == "" {
			continue
		}
		failed++
		lines := strings.Split(said.text, "\n")
		longest = max(longest, len(lines))
		_, path, named := strings.Cut(lines[len(lines)-1], "the whole timeline: ")
		whole, err := os.ReadFile(path)
		if !strings.Contains(said.text, "\n  → ") {
			t.Errorf("%s: nothing says what to change:\n%s", s.Name, said.text)
		}
		if len(lines) > 60 || !named || err != nil || strings.Count(string(whole), "\n") < len(run.Timeline.Events) {
			t.Errorf("%s prints %d lines, of which the last is %q, and the file has %d: %v", s.Name, len(lines),
				lines[len(lines)-1], strings.Count(string(whole), "\n"), err)
		}
	}
	if failed == 0 || longest < 60 {
		t.Errorf("%d scenarios failed, and the longest of them prints %d lines: nothing was shortened", failed, longest)
	}
}
