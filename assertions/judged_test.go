package assertions_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// says holds an expectation against one run: the verdict and the whole message.
func says(t *testing.T, name string, e assertions.Expectation, tl timeline.Timeline, verdict assertions.Verdict,
	message string,
) assertions.Finding {
	t.Helper()
	f := e.Judge(tl)
	if f.Verdict != verdict || f.Message != message {
		t.Errorf("%s: got %s: %s\nwant %s: %s", name, f.Verdict, f.Message, verdict, message)
	}
	return f
}

// got is a call of the primary, which sends pieces a second apart, and of the secondary likewise if
// it sends any. Its caller gets text after 100 s.
func got(text string, primary, secondary []string) timeline.Timeline {
	events := []timeline.Event{at(0, client, timeline.CallStarted, "hi"), at(1, first, timeline.RequestReceived, "")}
	lanes := []string{first, second}
	for i, pieces := range [][]string{primary, secondary} {
		if i > 0 && pieces != nil {
			events = append(events, at(50, second, timeline.RequestReceived, ""))
		}
		for k, piece := range pieces {
			events = append(events, at(float64(2+k+50*i), lanes[i], timeline.TextSent, piece))
		}
		if pieces != nil {
			events = append(events, at(float64(2+len(pieces)+50*i), lanes[i], timeline.FinishSent, "stop"),
				at(float64(2+len(pieces)+50*i), lanes[i], timeline.ResponseEnded, ""))
		}
	}
	return run(append(events, at(60, client, timeline.TextReceived, text),
		at(60, client, timeline.CallAnswered, ""))...)
}

// A damaged answer is described by its damage and its pieces.
func TestDamageInWords(t *testing.T) {
	a, b := []string{"one two three ", "four five six"}, []string{"eins zwei drei ", "vier fuenf sechs"}
	expected := "expected the call to be answered, but it returned success with "
	for _, tt := range []struct{ name, text, want string }{
		{"truncated", "one two three", "a part of the answer of primary: \"one two three\" of primary #1"},
		{"spliced", "one two threevier fuenf sechs", "pieces of several answers as one: \"one two three\" of primary " +
			"#1, then \"vier fuenf sechs\" of secondary #1"},
		{"duplicated", "one two three four five six four five six", "parts of the answer of primary more than once: " +
			"\"one two three four five six\" of primary #1, all it sent, then \" four five six\" of primary #1"},
		{"reordered", "four five sixone two three ", "the pieces of the answer of primary in another order: \"four " +
			"five six\" of primary #1, then \"one two three \" of primary #1"},
		{"altered", "one two three four five six!!!", "text that is in no provider's answer, beside that of primary: " +
			"\"one two three four five six\" of primary #1, all it sent, then \"!!!\" of nobody's answer"},
		{"of nobody", "???", "text that is in no provider's answer: \"???\" of nobody's answer"},
	} {
		says(t, tt.name, assertions.Answer{}, got(tt.text, a, b), assertions.Failed, expected+tt.want)
	}
	call := run(at(0, client, timeline.CallStarted, ""), at(1, first, timeline.RequestReceived, ""),
		at(1, first, timeline.ToolCallSent, "f{"), at(1, first, timeline.FinishSent, ""),
		at(2, client, timeline.ToolCallReceived, "f{"), at(2, client, timeline.CallAnswered, ""))
	says(t, "invalid", assertions.Answer{}, call, assertions.Failed,
		expected+"a tool call of primary whose arguments are no JSON object: \"f{\" of primary #1, all it sent")
	says(t, "empty", assertions.Answer{}, got("", a, b), assertions.Failed,
		"expected the call to be answered, but it returned success without any text, after 2 requests")
}

// A message names at most five pieces, and quotes at most 48 runes of each.
func TestDamageOfManyPieces(t *testing.T) {
	words := []string{"eins;", "zwei;", "drei;", "vier;", "fuenf;", "sechs;", "sieben;"}
	for n, want := range map[int]string{
		5: "\"fuenf;\" of primary #1, then \"vier;\" of primary #1, then \"drei;\" of primary #1, then \"zwei;\" of " +
			"primary #1, then \"eins;\" of primary #1",
		6: "\"sechs;\" of primary #1, then \"fuenf;\" of primary #1, then \"vier;\" of primary #1, then \"drei;\" of " +
			"primary #1, then 1 more pieces, then \"eins;\" of primary #1",
		7: "\"sieben;\" of primary #1, then \"sechs;\" of primary #1, then \"fuenf;\" of primary #1, then \"vier;\" " +
			"of primary #1, then 2 more pieces, then \"eins;\" of primary #1",
	} {
		backward := slices.Clone(words[:n])
		slices.Reverse(backward)
		f := assertions.Answer{}.Judge(got(strings.Join(backward, ""), words[:n], nil))
		if !strings.HasSuffix(f.Message, ": "+want) {
			t.Errorf("%d pieces: got %s\nwant %s", n, f.Message, want)
		}
	}
	for n, want := range map[int]string{
		48: strings.Repeat("ä", 24) + strings.Repeat("b", 24),
		49: strings.Repeat("ä", 24) + "…" + strings.Repeat("b", 24),
	} {
		f := assertions.Answer{}.Judge(got(strings.Repeat("ä", 24)+strings.Repeat("b", n-24), []string{"x"}, nil))
		if !strings.HasSuffix(f.Message, ": \""+want+"\" of nobody's answer") {
			t.Errorf("%d runes: got %s", n, f.Message)
		}
	}
}

// An answer may be kept back for a minute, and no more. An answer of another one, an unfinished one
// and one that came later say nothing.
func TestHeldBack(t *testing.T) {
	answered := func(end float64, more ...timeline.Event) timeline.Timeline {
		return run(append([]timeline.Event{
			at(0, client, timeline.CallStarted, ""), at(1, first, timeline.RequestReceived, ""),
			at(2, first, timeline.TextSent, "hello"), at(3, first, timeline.FinishSent, ""),
			at(end, client, timeline.TextReceived, "hello"), at(end, client, timeline.CallAnswered, ""),
		}, more...)...)
	}
	says(t, "a minute", assertions.Answer{}, answered(62), assertions.Passed,
		"the call was answered by primary after 1m2s")
	says(t, "more", assertions.Answer{}, answered(62.001), assertions.Failed,
		"the call was answered by primary after 1m2.001s, but primary had sent all of it 1m0.001s before, limit 1m0s")
	second := timeline.ProviderLane("primary", 1, 2)
	twice := []timeline.Event{
		at(50, second, timeline.RequestReceived, ""), at(55, second, timeline.TextSent, "hello"),
		at(55, second, timeline.FinishSent, ""),
	}
	says(t, "the later one of two", assertions.Answer{}, answered(100, twice...), assertions.Passed,
		"the call was answered by primary after 1m40s")
	says(t, "a later one that was not finished", assertions.Answer{}, answered(100, twice[:2]...), assertions.Failed,
		"the call was answered by primary after 1m40s, but primary had sent all of it 1m38s before, limit 1m0s")
	says(t, "another one behind it", assertions.Answer{},
		answered(100, at(90, timeline.ProviderLane("secondary", 1, 1), timeline.RequestReceived, ""),
			at(90, timeline.ProviderLane("secondary", 1, 1), timeline.TextSent, "bye"),
			at(91, timeline.ProviderLane("secondary", 1, 1), timeline.FinishSent, "")), assertions.Failed,
		"the call was answered by primary after 1m40s, but primary had sent all of it 1m38s before, limit 1m0s")
	at100 := []timeline.Event{
		at(90, second, timeline.RequestReceived, ""), at(100, second, timeline.TextSent, "hello"),
		at(100, second, timeline.FinishSent, ""),
	}
	says(t, "at the end", assertions.Answer{}, answered(100, at100...), assertions.Passed,
		"the call was answered by primary after 1m40s")
	contained := answered(100)
	contained.Run.Contained = true
	says(t, "the output of a command", assertions.Answer{}, contained, assertions.Passed,
		"the call was answered by primary after 1m40s")
}

// Within counts from the end of the last request that was over by then.
func TestAnswerWithin(t *testing.T) {
	failing := func(end float64, ended ...float64) timeline.Timeline {
		events := []timeline.Event{at(0, client, timeline.CallStarted, ""), at(end, client, timeline.CallFailed, "no")}
		for i, s := range ended {
			lane := timeline.ProviderLane("primary", 1, i+1)
			events = append(events, at(0, lane, timeline.RequestReceived, ""))
			if s >= 0 {
				events = append(events, at(s, lane, timeline.ResponseEnded, ""))
			}
		}
		return run(events...)
	}
	e := assertions.Answer{Outcome: assertions.Outcomes{"failed"}, Within: 5 * time.Second}
	passed, late := "the call failed after 10s: no", "the call ended 5.001s after its last request, limit 5s"
	says(t, "at the bound", e, failing(10, 5), assertions.Passed, passed)
	says(t, "past it", e, failing(10.001, 5), assertions.Failed, late)
	says(t, "the last one counts", e, failing(10, 1, 6, 2), assertions.Passed, passed)
	says(t, "one that ends with the call", e, failing(10, 1, 10), assertions.Passed, passed)
	says(t, "one that ends behind it", e, failing(10.001, 5, 11), assertions.Failed, late)
	says(t, "one that is open", e, failing(10.001, 5, -1), assertions.Failed, late)
	says(t, "one that ends at once", e, failing(5.001, 0), assertions.Failed, late)
	unknown := "no request had ended when the call did, so there is nothing to count from"
	says(t, "none that ended", e, failing(10, -1), assertions.Unknown, unknown)
	says(t, "none at all", e, failing(10), assertions.Unknown, unknown)
	e.Within = 0
	says(t, "no bound", e, failing(10, -1), assertions.Passed, passed)
}

// As many restarts are fine as answers had begun, or as many as are expected.
func TestRestarts(t *testing.T) {
	restarted := func(markers, begun int) timeline.Timeline {
		events := []timeline.Event{at(0, client, timeline.CallStarted, "")}
		for n := range begun {
			lane := timeline.ProviderLane("primary", 1, n+1)
			events = append(events, at(0, lane, timeline.RequestReceived, ""), at(0, lane, timeline.TextSent, "hello"),
				at(0, lane, timeline.FinishSent, ""))
		}
		for range markers {
			events = append(events, at(1, client, timeline.RestartReceived, ""))
		}
		return run(append(events, at(2, client, timeline.TextReceived, "hello"),
			at(3, client, timeline.CallAnswered, ""))...)
	}
	passed := "the call was answered by primary after 3s"
	says(t, "as many", assertions.Answer{}, restarted(2, 2), assertions.Passed, passed)
	says(t, "one more", assertions.Answer{}, restarted(3, 2), assertions.Failed,
		"the call was told to start over 3 times, and 2 answers had begun")
	says(t, "expected", assertions.Answer{Restarts: new(3)}, restarted(3, 2), assertions.Passed, passed)
	says(t, "not expected", assertions.Answer{Restarts: new(0)}, restarted(1, 2), assertions.Failed,
		"expected 0 restart markers, got 1")
}

// Every call is judged, and the first that differs decides; one call alone if it is named.
func TestAnswerOfSeveralCalls(t *testing.T) {
	calls := func(endings ...timeline.Kind) timeline.Timeline {
		var events []timeline.Event
		for i, ending := range endings {
			lane := timeline.ClientLane(i + 1)
			events = append(events, at(float64(10*i), lane, timeline.CallStarted, ""),
				at(float64(10*i+i+1), lane, ending, "no"),
				at(float64(10*i), timeline.ProviderLane("primary", i+1, i+1), timeline.RequestReceived, ""))
		}
		return run(events...)
	}
	failed := assertions.Answer{Outcome: assertions.Outcomes{"failed"}}
	says(t, "all are right", failed, calls(timeline.CallFailed, timeline.CallFailed), assertions.Passed,
		"the call failed after 2s: no")
	says(t, "the second is wrong", failed, calls(timeline.CallFailed, timeline.CallCut, timeline.CallFailed),
		assertions.Failed, "expected the call to be failed, but it hung: it was cut after 2s")
	says(t, "the first is wrong", failed, calls(timeline.CallCut, timeline.CallFailed), assertions.Failed,
		"expected the call to be failed, but it hung: it was cut after 1s")
	says(t, "none was made", failed, run(at(0, first, timeline.RequestReceived, "")), assertions.Unknown,
		"no call was made")
	left := "the call was over after 1s: its caller hung up, so there is no answer to judge"
	says(t, "one hung up, one is right", failed, calls(timeline.CallHungUp, timeline.CallFailed), assertions.Passed,
		"the call failed after 2s: no")
	says(t, "one is right, one hung up", failed, calls(timeline.CallFailed, timeline.CallHungUp), assertions.Passed,
		"the call failed after 1s: no")
	says(t, "both hung up", failed, calls(timeline.CallHungUp, timeline.CallHungUp), assertions.Unknown,
		strings.Replace(left, "1s", "2s", 1))
	failed.Call = 1
	says(t, "the named one is right", failed, calls(timeline.CallFailed, timeline.CallCut), assertions.Passed,
		"the call failed after 1s: no")
	says(t, "the named one hung up", failed, calls(timeline.CallHungUp, timeline.CallFailed), assertions.Unknown, left)
	failed.Call = 3
	says(t, "the named one was never made", failed, calls(timeline.CallFailed, timeline.CallFailed), assertions.Unknown,
		"call 3 was never made")
}

func TestAnswerFrom(t *testing.T) {
	f := says(t, "another one", assertions.Answer{From: "secondary"}, healthy(), assertions.Failed,
		"expected the answer of secondary, got that of primary")
	if diff := cmp.Diff(f.Events, []int{0, 3}); diff != "" || f.Got != "answered" || f.Limit != "answered" {
		t.Errorf("got %v, limit %v, evidence %s", f.Got, f.Limit, diff)
	}
	either := assertions.Answer{From: "secondary", Outcome: assertions.Outcomes{"answered", "failed"}}
	says(t, "an error instead", either, failed(), assertions.Passed, "the call failed after 3s: unexpected EOF")
	says(t, "neither", either, cut(5), assertions.Failed,
		"expected the call to be answered by secondary or failed, but it hung: it was cut after 5s")
}

// What a command printed is told by its last line, or by whose part it is.
func TestAnswerOfACommand(t *testing.T) {
	printed := func(text string) timeline.Timeline {
		tl := got(text, []string{"one two three four"}, nil)
		tl.Run.Contained = true
		return tl
	}
	expected := "expected the call to be answered, but it "
	says(t, "nothing of an answer", assertions.Answer{}, printed("a\n  b c \n\n"), assertions.Failed,
		expected+"printed no provider's answer, after 1 request; its last line: b c")
	says(t, "a part", assertions.Answer{}, printed("x one two three y"), assertions.Failed,
		expected+"printed a part of the answer of primary and ended well")
	says(t, "nothing", assertions.Answer{}, printed(" \n"), assertions.Failed,
		expected+"returned success without any text, after 1 request")
}
