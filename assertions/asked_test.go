package assertions_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// asking is fellBack whose second request asked for that.
func asking(asked *timeline.Asked) timeline.Timeline {
	tl := fellBack(10)
	tl.Events[tl.Find(second, timeline.RequestReceived)].Asked = asked
	return tl
}

func TestWhatWasAsked(t *testing.T) {
	t.Parallel()
	title := timeline.ProviderLane("secondary", 1, 2)
	beside := with(asking(&timeline.Asked{}),
		at(10, title, timeline.RequestReceived, ""), at(10.1, title, timeline.TextSent, "A title"),
		at(10.1, title, timeline.FinishSent, "stop"))
	beside.Events[beside.Find(title, timeline.RequestReceived)].Asked = &timeline.Asked{Lacks: []string{"prompt"}}
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		says string
	}{
		{"nobody compared", asking(nil), ""},
		{"its own key and model", asking(&timeline.Asked{KeyOf: "secondary", ModelOf: "secondary"}), ""},
		{"a key and a model of its own making", asking(&timeline.Asked{}), ""},
		{
			"the primary's key", asking(&timeline.Asked{KeyOf: "primary", ModelOf: "secondary"}),
			"secondary was sent the key of primary",
		},
		{
			"the primary's model", asking(&timeline.Asked{KeyOf: "secondary", ModelOf: "primary"}),
			"secondary was asked for the model of primary",
		},
		{
			"something else", asking(&timeline.Asked{Lacks: []string{"prompt"}}),
			"secondary answered something else than the caller asked: its request lacks the prompt",
		},
		{"something else beside it", beside, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := assertions.Judge(tt.run, assertions.Must(assertions.Answer{}))
			want, says := assertions.Passed, ""
			if tt.says != "" {
				want = assertions.Failed
			}
			for _, r := range j.Results {
				if r.Name == assertions.AskedName {
					says = r.Message
				}
			}
			if outside := assertions.Judge(outside(tt.run), assertions.Must(assertions.Answer{})); tt.says != "" &&
				outside.Verdict != assertions.Partial {
				t.Errorf("in another process it is %s, want partial", outside.Verdict)
			}
			if j.Verdict != want || says != tt.says {
				t.Errorf("got %s and %q, want %s and %q", j.Verdict, says, want, tt.says)
			}
		})
	}
}

// What a caller was given and does not keep has to be some provider's too.
func TestWhatTheCallerDoesNotKeep(t *testing.T) {
	t.Parallel()
	thought := with(fellBack(10), at(10.5, second, timeline.ThinkingSent, "let me see"))
	failed := with(fellBack(10), at(2, first, timeline.TextSent, "half an"),
		at(2, client, timeline.TextReceived, "half an"), at(9, client, timeline.RestartReceived, ""))
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		says string
	}{
		{"reasoning that was sent", with(thought, at(10.5, client, timeline.ThinkingReceived, " me see\n")), ""},
		{
			"reasoning that was not", with(thought, at(10.5, client, timeline.ThinkingReceived, "lorem")),
			`was given reasoning that no provider sent: "lorem"`,
		},
		{"text that was withdrawn", failed, ""},
		{
			"text of nobody that was withdrawn",
			with(fellBack(10), at(2, client, timeline.TextReceived, "lorem"),
				at(2, client, timeline.RestartReceived, "")),
			`was given text that no provider sent: "lorem"`,
		},
		{
			"more restarts than answers",
			with(failed, at(9, client, timeline.RestartReceived, ""), at(9, client, timeline.RestartReceived, "")),
			"told to start over 3 times, and 2 answers had begun",
		},
		{"text after the end", run(append(fellBack(10).Events, at(11, client, timeline.TextReceived, "more"))...), ""},
		{
			"the answer after the end",
			run(append(without(fellBack(10), client, timeline.TextReceived).Events,
				at(11, client, timeline.TextReceived, "hello"))...),
			"without any text",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := assertions.Judge(tt.run, assertions.Must(assertions.Answer{}))
			if got := j.Results[0]; (got.Verdict == assertions.Passed) != (tt.says == "") ||
				!strings.Contains(got.Message, tt.says) {
				t.Errorf("got %s: %s, want it to say %q", got.Verdict, got.Message, tt.says)
			}
		})
	}
}
