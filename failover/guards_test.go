package failover

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The floors that the later version's classification knows are those that its policy lists.
func TestFloorsAreThoseOfThePolicy(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hermes-landed-fix", "hermes-0.20"} {
		p, err := FindPolicy(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(reasoningFloors(), p.Watch.StaleFloors); diff != "" {
			t.Errorf("%s (-code +policy)\n%s", name, diff)
		}
	}
}

// The slug stands after the last slash, at the beginning, and ends where a word does; the longest
// wins.
func TestFloors(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]int{
		"o1": 600, "o1-mini": 600, "openai/o1-preview": 600, "o10": 0, "gpt-o1": 0,
		"o3": 600, "o3-mini": 300, "o3-mini-high": 300, "o3-pro": 600, "O3": 600,
		"deepseek/deepseek-r1:free": 0, "deepseek/deepseek-r1-0528": 600, "nvidia/nemotron-3-super_v1": 600,
		"grok-4-fast-reasoning": 300, "grok-4-fast-non-reasoning": 180, "grok-4": 0,
		"anthropic/claude-opus-4.6": 240, "claude-sonnet-4.5": 180, "claude-sonnet-4-5": 0, "qwen3": 180, "gpt-4o": 0,
		"": 0, "x/": 0,
	} {
		if got := longestFloor(reasoningFloors(), model); got != time.Duration(want)*time.Second {
			t.Errorf("%q: got %s, want %d s", model, got, want)
		}
	}
}

func TestIsLocal(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]bool{
		"http://localhost:11434": true, "http://LOCALHOST": true, "http://127.0.0.1:8080": true,
		"http://127.8.9.1": true, "http://[::1]:80": true,
		"http://10.1.2.3": true, "http://172.16.0.1": true, "http://192.168.1.5:1234": true, "http://169.254.1.1": true,
		"http://[fe80::1]":  true,
		"http://100.64.0.1": true, "http://100.127.255.254": true, "http://host.docker.internal:80": true,
		"https://api.openai.com": false, "http://172.32.0.1": false, "http://100.128.0.1": false,
		"http://8.8.8.8":       false,
		"http://[2001:db8::1]": false, "http://internal": false, "::": false,
	} {
		if got := (Provider{BaseURL: origin}).isLocal(); got != want {
			t.Errorf("%s: got %v", origin, got)
		}
	}
	if (Provider{BaseURL: "http://127.0.0.1", Remote: true}).isLocal() {
		t.Error("a stand-in for a vendor is taken for a local server")
	}
}

// A line of an event is told from a comment and a blank line wherever a read happens to end.
func TestHasEvent(t *testing.T) {
	t.Parallel()
	for wire, want := range map[string]bool{
		": ping\n\n": false, "\n\n": false, "\r\n\r\n": false, ":\n: data: x\n": false,
		"data: {}\n\n": true, "event: ping\r\n\r\n": true, ": a\ndata:\n\n": true, "x": true,
	} {
		for cut := range len(wire) + 1 {
			b := &watchedBody{}
			first, second := b.hasEvent([]byte(wire[:cut])), b.hasEvent([]byte(wire[cut:]))
			if got := first || second; got != want {
				t.Errorf("%q | %q: got %v", wire[:cut], wire[cut:], got)
			}
		}
	}
}

// A deadline of the turn and one of the call: the earlier one counts.
func TestEnds(t *testing.T) {
	t.Parallel()
	call := time.Unix(1000, 0)
	for _, row := range []struct {
		deadline, turn time.Duration
		ago            time.Duration
		want           time.Duration // after the call began; 0: never
	}{
		{0, 0, 0, 0},
		{time.Minute, 0, 0, time.Minute},
		{time.Minute, time.Hour, 0, time.Minute},
		{time.Minute, time.Hour, 59*time.Minute + 30*time.Second, 30 * time.Second},
		{0, time.Hour, 0, time.Hour},
		{0, time.Hour, time.Minute, 59 * time.Minute},
	} {
		var turn, want time.Time
		if row.ago > 0 {
			turn = call.Add(-row.ago)
		}
		if row.want > 0 {
			want = call.Add(row.want)
		}
		if got := (Policy{Deadline: row.deadline, TurnDeadline: row.turn}).ends(call, turn); !got.Equal(want) {
			t.Errorf("%+v: got %s, want %s", row, got, want)
		}
	}
}

// TestFinishClasses checks a reason of each class and vendor, in the vendor's own case.
func TestFinishClasses(t *testing.T) {
	t.Parallel()
	for finish, want := range map[string]finishClass{
		"stop": finishWhole, "end_turn": finishWhole, "STOP": finishWhole, "tool_calls": finishWhole, "": finishWhole,
		"completed": finishWhole, "pause_turn": finishWhole, "eos": finishWhole, "of-a-gateway": finishWhole,
		"length": finishCutShort, "MAX_TOKENS": finishCutShort, "max_output_tokens": finishCutShort,
		"content_filter": finishFiltered, "refusal": finishFiltered, "SAFETY": finishFiltered,
		"abort": finishGivenUp, "error": finishGivenUp, "insufficient_system_resource": finishGivenUp,
		"MALFORMED_FUNCTION_CALL": finishGivenUp, "OTHER": finishGivenUp, "incomplete": finishCutShort,
	} {
		if got := classOf(finish); got != want {
			t.Errorf("%q: got class %d, want %d", finish, got, want)
		}
	}
}

// A zero policy is no policy; what is missing is said rather than guessed.
func TestValidateNamesTheTable(t *testing.T) {
	t.Parallel()
	if err := (Policy{}).Validate(); err == nil || !strings.Contains(err.Error(), "classify.table") {
		t.Errorf("got %v", err)
	}
}
