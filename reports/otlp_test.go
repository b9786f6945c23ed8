package reports_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/reports"
)

// TestTracesOfNow checks that a trace of now is the one of a file at another time: only its times
// and ids differ.
func TestTracesOfNow(t *testing.T) {
	write := func(ended time.Time) string {
		var out bytes.Buffer
		stream := reports.NewOTLP(&out, reports.Header{Ended: ended})
		if err := errors.Join(stream.Add(report().Runs[0]), stream.Close(reports.Summary{})); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	const took = 303020 * time.Millisecond // of hang
	file, now, again := write(time.Time{}), write(reports.Epoch().Add(time.Hour)), write(reports.Epoch().Add(took))
	if diff := cmp.Diff(file, again); diff != "" {
		t.Errorf("a run that ended when a file says so (-file +now):\n%s", diff)
	}
	id := func(s string) string { return strings.SplitN(s, `"traceId":"`, 2)[1][:32] }
	if id(file) == id(now) {
		t.Errorf("two traces have the id %s", id(now))
	}
	if end := `"endTimeUnixNano":"946688400000000000"`; !strings.Contains(now, end) { // Epoch and an hour
		t.Errorf("no %s in %s", end, now)
	}
}

// TestTracesAreNotEmpty checks that a trace without runs is one that readers accept, and that the
// writer's error is not lost.
func TestTracesAreNotEmpty(t *testing.T) {
	for kind, want := range map[string]string{
		"otlp":         "{\"resourceSpans\":[]}\n",
		"chrome-trace": "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n]}\n",
	} {
		write, err := reports.ForKind(kind)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := write(&out, reports.Report{}); err != nil || out.String() != want {
			t.Errorf("%s: got %v and %q, want %q", kind, err, out.String(), want)
		}
		if err := write(broken{}, report()); err == nil {
			t.Errorf("%s: the writer's error is lost", kind)
		}
	}
}
