package timeline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/timeline"
)

// story renders events as in a report. Each line of want stands without what pads it.
func story(t *testing.T, lines int, want string, events ...timeline.Event) {
	t.Helper()
	got := timeline.Story(run(events...).Events, lines)
	if diff := cmp.Diff(got, strings.TrimPrefix(want, "\n")); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestStory(t *testing.T) {
	attempt := func(e timeline.Event) timeline.Event { e.Attempt = 2; return e }
	second := timeline.ProviderLane("primary", 1, 2)
	story(t, 0, `
    0.000s  call-1      call-started two lines
    1.500s  primary #2  request-received POST
    2.000s  primary #2  text-sent "hello you" (×2 until 3.000s)
    2.000s  call-1      text-received "hello you" (×3 until 59.999s)
   59.999s  primary #2  thinking-sent "hm"
   59.999s  primary #2  text-sent "!"
 2m00.000s  primary #2  heartbeat-sent : (×7 until 3m01.500s)
 2m01.000s  primary     connection-leaked 1
`,
		at(0, client, timeline.CallStarted, "two\n  lines "),
		attempt(at(1.5, second, timeline.RequestReceived, "POST")),
		attempt(at(2, second, timeline.TextSent, "hello ")), at(2.0001, client, timeline.TextReceived, "hello "),
		attempt(at(3, second, timeline.TextSent, "you")),
		many(at(59.9991, client, timeline.TextReceived, "you"), 2, 59.9991, 0),
		attempt(at(59.9991, second, timeline.ThinkingSent, "hm")), attempt(at(59.9991, second, timeline.TextSent, "!")),
		attempt(many(at(120, second, timeline.HeartbeatSent, ":"), 7, 181.5, 0)),
		at(121, "provider/primary", timeline.ConnectionLeaked, "1"),
	)
}

func TestStoryLosesItsMiddle(t *testing.T) {
	var events []timeline.Event
	for i, word := range strings.Fields("a b c d e f g") {
		events = append(events, at(float64(i), timeline.EngineLane, timeline.Decided, word))
	}
	line := func(s, word string) string {
		return "    " + s + ".000s  engine  decided " + word + "\n"
	}
	left := func(n string) string { return "            … " + n + " lines left out …\n" }
	story(t, 7, line("0", "a")+line("1", "b")+line("2", "c")+line("3", "d")+line("4", "e")+line("5", "f")+
		line("6", "g"), events...)
	story(t, 6, line("0", "a")+line("1", "b")+line("2", "c")+left("2")+line("5", "f")+line("6", "g"), events...)
	story(t, 5, line("0", "a")+line("1", "b")+left("3")+line("5", "f")+line("6", "g"), events...)
	story(t, 3, line("0", "a")+left("5")+line("6", "g"), events...)
}

// A line is at most 90 runes of text, and every kind of piece is joined and quoted.
func TestStoryOfLongTextsAndPieces(t *testing.T) {
	for _, kind := range []timeline.Kind{
		timeline.TextReceived, timeline.TextSent, timeline.ThinkingReceived, timeline.ThinkingSent,
		timeline.ToolCallReceived, timeline.ToolCallSent, timeline.RefusalSent,
	} {
		got := timeline.Story(run(at(0, client, kind, "a  "), at(1, client, kind, "b")).Events, 0)
		if want := kind.String() + ` "a  b" (×2 until 1.000s)`; !strings.Contains(got, want) ||
			strings.Count(got, "\n") != 1 {
			t.Errorf("got %q, want one line with %q", got, want)
		}
	}
	for n, want := range map[int]string{90: strings.Repeat("ü", 90) + "\n", 91: strings.Repeat("ü", 90) + "…\n"} {
		got := timeline.Story(run(at(0, client, timeline.CallFailed, strings.Repeat("ü", n))).Events, 0)
		if !strings.HasSuffix(got, " "+want) {
			t.Errorf("%d runes end in %q", n, got)
		}
	}
}

func TestStoryRoundsToMilliseconds(t *testing.T) {
	for at, want := range map[time.Duration]string{
		59999499 * time.Microsecond: "   59.999s", 59999500 * time.Microsecond: " 1m00.000s",
		time.Hour + 61*time.Second + time.Millisecond: "61m01.001s",
	} {
		got := timeline.Story([]timeline.Event{{At: at, Lane: timeline.WorldLane, Kind: timeline.HarnessFailed}}, 0)
		if !strings.HasPrefix(got, want+"  world") {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
}
