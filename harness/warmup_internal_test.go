package harness

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/timeline"
)

// healthyCalls is a timeline of a warm-up: events of call 0, at one instant each.
func healthyCalls(events ...timeline.Event) timeline.Timeline {
	seq := map[string]int{}
	for i := range events {
		e := &events[i]
		seq[e.Lane]++
		e.Seq, e.Count = seq[e.Lane], 1
	}
	return timeline.Timeline{
		Run:    timeline.Run{Providers: []timeline.Provider{{Name: "primary"}, {Name: "secondary"}}},
		Events: events,
	}
}

// The warm-up says what is wrong with a healthy call, and nothing of one that is all right.
func TestUnhealthy(t *testing.T) {
	caller := timeline.ClientLane(0)
	got := func(text string) timeline.Event {
		return timeline.Event{Lane: caller, Kind: timeline.TextReceived, Text: text}
	}
	asked := func(provider string, n int) timeline.Event {
		lane := timeline.ProviderLane(provider, 0, n)
		return timeline.Event{Lane: lane, Kind: timeline.RequestReceived, Text: "POST /v1"}
	}
	problem := func(provider, text string) timeline.Event {
		lane := timeline.ProviderLane(provider, 0, 0)
		return timeline.Event{Lane: lane, Kind: timeline.ProblemSent, Text: text}
	}
	own, other := fakeprovider.Canary("primary"), fakeprovider.Canary("secondary")
	answered, failed := ended{kind: timeline.CallAnswered}, ended{kind: timeline.CallFailed, text: "no route"}
	const did = "the engine did not answer a healthy call: "
	for _, tt := range []struct {
		name string
		seen timeline.Timeline
		end  ended
		o    Outside
		want string
	}{
		{"all right", healthyCalls(asked("primary", 1), got(own)), answered, Outside{}, ""},
		{"withdrawn text", healthyCalls(asked("primary", 1), got("x"),
			timeline.Event{Lane: caller, Kind: timeline.RestartReceived}, got(own)), answered, Outside{}, ""},
		{"text of the call before", healthyCalls(got("x"), timeline.Event{Lane: caller, Kind: timeline.CallStarted},
			asked("primary", 1), got(own)), answered, Outside{}, ""},
		{
			"text of another call", healthyCalls(asked("primary", 1), got(own),
				timeline.Event{Lane: timeline.ClientLane(1), Kind: timeline.TextReceived, Text: "x"}), answered,
			Outside{},
			"",
		},
		{"failed", healthyCalls(asked("primary", 1), got(own)), failed, Outside{}, did + "no route"},
		{
			"cut", healthyCalls(asked("primary", 1)),
			ended{kind: timeline.CallCut, text: "why"},
			Outside{},
			did + "it was cut: why",
		},
		{
			"panicked", healthyCalls(asked("primary", 1)),
			ended{kind: timeline.CallPanicked, text: "why"},
			Outside{},
			did + "it panicked: why",
		},
		{"nothing", healthyCalls(asked("primary", 1)), answered, Outside{}, did + "it returned nothing"},
		{
			"something else", healthyCalls(asked("primary", 1), got("x")), answered,
			Outside{},
			did + `primary sent "` + own + `", and the caller got "x"`,
		},
		{"refused", healthyCalls(asked("primary", 0), problem("secondary", "500 other"), problem("primary", "404 no"),
			asked("secondary", 0)), failed, Outside{}, did + "no route; primary refused POST /v1: 404 no"},
		{
			"refused without a word", healthyCalls(asked("primary", 0)), failed,
			Outside{},
			did + "no route; primary refused POST /v1",
		},
		{
			"of the fallback", healthyCalls(asked("secondary", 1), got(other)), answered,
			Outside{},
			"primary is not in rotation: the healthy call was answered by secondary",
		},
		{
			"of the fallback, after the primary", healthyCalls(asked("primary", 1), asked("secondary", 1), got(other)),
			answered,
			Outside{},
			did + `primary sent "` + own + `", and the caller got "` + other + `"`,
		},
		{
			"of nobody who was asked", healthyCalls(got("x")), answered,
			Outside{},
			"primary is not in rotation: it received no request of the healthy call",
		},
		{"an unseen caller", healthyCalls(asked("primary", 1)), failed, Outside{CallerUnseen: true}, ""},
		{
			"an unseen caller of the fallback", healthyCalls(asked("secondary", 1)), failed,
			Outside{CallerUnseen: true},
			"primary is not in rotation: the healthy call was answered by secondary",
		},
		{
			"an unseen caller of nobody", healthyCalls(), failed,
			Outside{CallerUnseen: true},
			"primary is not in rotation: it received no request of the healthy call",
		},
		{
			"the fallback is asked, and the caller seen", healthyCalls(asked("secondary", 1), got("x")), answered,
			Outside{},
			"primary is not in rotation: it received no request of the healthy call",
		},
		{
			"a command that prints it",
			healthyCalls(asked("primary", 1), got("> "+strings.ReplaceAll(own, " ", "\n  ")+"\nbye")),
			failed,
			Outside{Contained: true},
			"",
		},
		{
			"a command that prints something else", healthyCalls(asked("primary", 1), got("x")), failed,
			Outside{Contained: true},
			did + "no route",
		},
		{
			"a command that prints it and asked nobody", healthyCalls(got(own)), failed,
			Outside{Contained: true},
			did + "no route",
		},
		{
			"banners around it", healthyCalls(asked("primary", 1), got("> "+own)), answered,
			Outside{},
			did + `primary sent "` + own + `", and the caller got "> ` + own + `"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if why := unhealthy(tt.seen, tt.seen.Attempts(), tt.end, tt.o); why != tt.want {
				t.Errorf("got %q\nwant %q", why, tt.want)
			}
		})
	}
}

// A quoted text is cut at a rune, so that it stays a text.
func TestShortText(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{strings.Repeat("x", shownBytes), strings.Repeat("x", shownBytes)},
		{strings.Repeat("x", shownBytes) + "y", strings.Repeat("x", shownBytes) + "…"},
		{strings.Repeat("x", shownBytes-1) + "üy", strings.Repeat("x", shownBytes-1) + "…"},
		{strings.Repeat("x", shownBytes-2) + "  y", strings.Repeat("x", shownBytes-2) + "…"},
		{"", ""},
	} {
		if got := shortText(tt.text); got != tt.want || !utf8.ValidString(got) {
			t.Errorf("%d bytes become %q", len(tt.text), got)
		}
	}
}

// The healthy script takes the time to its first token, and one pause for each token but none
// before the first.
func TestHealthyTime(t *testing.T) {
	tokens := 0
	for rest := fakeprovider.Canary("primary"); rest != ""; tokens++ {
		_, rest = fakeprovider.CutToken(rest)
	}
	want := fakeprovider.DefaultTTFT + time.Duration(tokens-1)*fakeprovider.DefaultITL
	if got := healthyTime("primary"); got != want || tokens < 3 {
		t.Errorf("%d tokens take %s, want %s", tokens, got, want)
	}
}
