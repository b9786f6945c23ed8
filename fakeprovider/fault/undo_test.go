package fault_test

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

// An undo takes the damage of an overlay away from a body. What it returns has to be the healthy
// body, and it fails the test itself where that cannot be said in bytes.
type undo func(t *testing.T, got rig.Reply, healthy string) string

// undoes lays an overlay over a healthy answer in every protocol, streamed and not, takes the
// damage away again and wants the healthy bytes: no fault knows a protocol, and no protocol knows
// a fault. Where a protocol cannot have the overlay, the run has to be unknown.
func undoes(t *testing.T, overlay fakeprovider.Overlay, by undo) {
	t.Helper()
	inEveryProtocol(t, fmt.Sprintf("undone %+v", overlay), func(t *testing.T, p fakeprovider.Protocol, stream bool) {
		t.Helper()
		got := rig.ReplyOf(t, p, overlay, stream)
		if why := fakeprovider.CannotSay(overlay, p, rig.Parsed(t, p, stream).Request); why != nil {
			wantUnknown(t, got, why)
			return
		}
		healthy := rig.ReplyOf(t, p, base(overlay), stream)
		if failed := rig.Texts(got.Events, timeline.HarnessFailed); len(failed) > 0 {
			t.Fatalf("the script could not be played: %s", failed)
		}
		if diff := cmp.Diff(healthy.Body, by(t, got, healthy.Body)); diff != "" {
			t.Errorf("undone (-healthy +undone):\n%s", diff)
		}
	})
}

// inEveryProtocol runs a test in every protocol, streamed and not.
func inEveryProtocol(t *testing.T, name string, test func(t *testing.T, p fakeprovider.Protocol, stream bool)) {
	t.Helper()
	for _, p := range protocol.All() {
		for _, stream := range []bool{true, false} {
			t.Run(name+"/"+p.Name()+"/"+map[bool]string{true: "streamed", false: "whole"}[stream], func(t *testing.T) {
				t.Parallel()
				test(t, p, stream)
			})
		}
	}
}

// base returns what an overlay is laid over where there is nothing else.
func base(o fakeprovider.Overlay) fakeprovider.Fault {
	if b, ok := o.(fakeprovider.Based); ok {
		return b.Base()
	}
	return fakeprovider.Healthy{}
}

// wantUnknown wants a response that was not given, and the reason on record.
func wantUnknown(t *testing.T, got rig.Reply, why error) {
	t.Helper()
	if !errors.Is(why, fakeprovider.ErrNoSuchFrame) {
		t.Errorf("%v is no ErrNoSuchFrame", why)
	}
	if got.Body != "" || !errors.Is(got.Err, io.EOF) {
		t.Errorf("it was answered all the same: %q, %v", got.Body, got.Err)
	}
	if failed := rig.Texts(got.Events, timeline.HarnessFailed); len(failed) == 0 ||
		!strings.Contains(failed[0], why.Error()) {
		t.Errorf("recorded %q, want %q", failed, why)
	}
}

// same undoes damage that net/http does not see.
func same(t *testing.T, got rig.Reply, _ string) string {
	t.Helper()
	if got.Err != nil {
		t.Errorf("it ended with %v", got.Err)
	}
	return got.Body
}

// replaced puts one text in place of another.
func replaced(old, by string) undo {
	return func(t *testing.T, got rig.Reply, _ string) string {
		t.Helper()
		undone := strings.ReplaceAll(got.Body, old, by)
		if undone == got.Body {
			t.Errorf("there is no %q", old)
		}
		return undone
	}
}

// replacedAll puts one text in place of all that is like a pattern.
func replacedAll(pattern, by string) undo {
	return func(t *testing.T, got rig.Reply, _ string) string {
		t.Helper()
		undone := regexp.MustCompile(pattern).ReplaceAllString(got.Body, by)
		if undone == got.Body {
			t.Errorf("there is nothing like %s", pattern)
		}
		return undone
	}
}

// lines returns text with LF alone.
func lines(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// lineEnds returns the healthy body if nothing but the ends of lines differs.
func lineEnds(_ *testing.T, got rig.Reply, healthy string) string {
	if lines(got.Body) == lines(healthy) {
		return healthy
	}
	return got.Body
}

// otherLineEnds wants CRLF where there was LF, or the reverse.
func otherLineEnds(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	if strings.Contains(got.Body, "\r\n") == strings.Contains(healthy, "\r\n") {
		t.Error("lines end as they always do")
	}
	return lineEnds(t, got, healthy)
}

// shared returns how many bytes two texts begin with.
func shared(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// lacks returns the healthy body if only its end is missing, or a part before it.
func lacks(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	at := shared(got.Body, healthy)
	missing := len(healthy) - len(got.Body)
	if missing <= 0 {
		t.Fatal("nothing is missing")
	}
	if got.Err != nil {
		t.Errorf("it ended with %v", got.Err)
	}
	// What stands on both sides of a gap may begin alike.
	for from := at; from >= 0; from-- {
		if from+missing <= len(healthy) && got.Body[:from]+healthy[from+missing:] == got.Body {
			return got.Body[:from] + healthy[from:from+missing] + got.Body[from:]
		}
	}
	return got.Body
}

// cutShort returns the healthy body if what came is its beginning, and ends inside a line.
func cutShort(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	if len(got.Body) == 0 || strings.HasSuffix(got.Body, "\n\n") || strings.HasSuffix(got.Body, "\r\n\r\n") ||
		len(got.Body) == len(healthy) {
		t.Errorf("it ends with a whole event: %q", got.Body)
	}
	if strings.HasPrefix(healthy, got.Body) {
		return healthy
	}
	return got.Body
}

// inserted takes away the one part that is too much, and wants it to be a repetition.
func inserted(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	at, more := shared(got.Body, healthy), len(got.Body)-len(healthy)
	if more <= 0 {
		t.Fatal("nothing was added")
	}
	// What was added and what follows it may begin alike.
	for from := at; from >= max(0, at-more); from-- {
		part := got.Body[from : from+more]
		if got.Body[:from]+got.Body[from+more:] == healthy && strings.Contains(healthy, part) {
			return healthy
		}
	}
	t.Error("what was added is no repetition")
	return got.Body[:at] + got.Body[at+more:]
}

// documents returns the JSON texts of a body.
func documents(t *testing.T, body string) []string {
	t.Helper()
	if !strings.Contains(body, "data: ") {
		return []string{body}
	}
	var all []string
	for line := range strings.Lines(lines(body)) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "data: "); ok && text != "[DONE]" {
			all = append(all, text)
		}
	}
	return all
}
