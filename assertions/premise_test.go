package assertions_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// result returns the result of that name when a run is judged by expectations that hold, or nil.
func result(tl timeline.Timeline, name string) *assertions.Result {
	for _, r := range assertions.Judge(tl, assertions.Must(assertions.NoLeaks{})).Results {
		if r.Name == name {
			return &r
		}
	}
	return nil
}

// A broken premise names its evidence.
func TestEvidenceOfPremises(t *testing.T) {
	start := at(1, client, timeline.CallStarted, "hi")
	lane := func(provider string, call, n int) string { return timeline.ProviderLane(provider, call, n) }
	request := func(s float64, lane string) timeline.Event {
		return at(s, lane, timeline.RequestReceived, "POST /v1/chat/completions")
	}
	atOnce := func(events ...timeline.Event) timeline.Timeline {
		tl := run(append(events, start)...)
		tl.Run.Calls = []timeline.Call{{}, {AtOnce: 2}}
		return tl
	}
	abroad := func(events ...timeline.Event) timeline.Timeline { return outside(run(append(events, start)...)) }
	never := "the engine never sent a request to primary, the first of its chain"
	told := " cannot be told to belong to any of the calls that were made at once: without the call's prompt, or " +
		"met by a fault before there was one"
	for _, tt := range []struct {
		name   string
		run    timeline.Timeline
		says   string // "" if the premises hold
		events []int
	}{
		{"panicked at once", run(at(0, client, timeline.CallPanicked, "x")), "the engine panicked: x", []int{0}},
		{"blocked at once", run(at(0, client, timeline.CallBlocked, "x")), "the call never returned: x", []int{0}},
		{
			"the harness at once", run(at(0, "world", timeline.HarnessFailed, "x")), "the harness could not look: x",
			[]int{0},
		},
		{"the clock at once", run(at(0, "world", timeline.ClockFailed, "x")), "the clock did not hold: x", []int{0}},
		{
			"a harness that failed in a lane of its own",
			run(request(0, first), at(0, client, timeline.HarnessFailed, "")),
			"", nil,
		},
		{"two requests of no call", atOnce(request(0, lane("primary", 0, 1)), request(1, first),
			request(2, lane("secondary", 0, 1))), "2 requests" + told, []int{0, 3}},
		{
			"one request of no call", atOnce(request(0, first), request(2, lane("primary", 0, 2))), "1 request" + told,
			[]int{2},
		},
		{"a refused request of no call", atOnce(request(0, first), request(2, lane("primary", 0, 0))), "", nil},
		{"calls one after the other", run(start, request(0, first), request(2, lane("primary", 0, 2))), "", nil},
		{"nobody was asked", run(start), never, nil},
		{"an ending without a text", run(start, at(2, client, timeline.CallFailed, "")), never, nil},
		{
			"an ending with one", run(start, at(2, client, timeline.CallFailed, "no")), never + "; it returned: no",
			[]int{1},
		},
		{
			"refused",
			run(start, request(2, lane("primary", 1, 0)), at(2, lane("secondary", 1, 0), timeline.ProblemSent,
				"500 another"), at(3, lane("primary", 1, 0), timeline.HeadersSent, "404"), at(3, lane("primary", 1, 0),
				timeline.ProblemSent, "404 not found")),
			"primary refused every request: POST /v1/chat/completions → 404 not found",
			[]int{1},
		},
		{
			"refused without a word", run(start, request(2, lane("primary", 1, 0))),
			"primary refused every request: POST /v1/chat/completions",
			[]int{1},
		},
		{"a title before the first request", abroad(request(0, lane("secondary", 0, 1)), request(2, first)), "", nil},
		{"another one first", abroad(request(2, second), request(3, first)), "the first request of the run went to " +
			"secondary, and primary is the first of the chain: in which order does the engine know them?", []int{1}},
		{"another one first, in this process", run(start, request(2, second), request(3, first)), "", nil},
		{"a request of no call alone", abroad(request(2, lane("primary", 0, 1))), "", nil},
	} {
		r := result(tt.run, assertions.PremiseName)
		switch {
		case r == nil && tt.says != "", r != nil && r.Message != tt.says:
			t.Errorf("%s: got %+v, want %q", tt.name, r, tt.says)
		case r != nil && cmp.Diff(r.Events, tt.events) != "":
			t.Errorf("%s: the evidence is %v, want %v", tt.name, r.Events, tt.events)
		}
	}
}

// An engine in another process that is refused at a route for answers is configured wrongly. One
// that looks around is not.
func TestRefusedOutside(t *testing.T) {
	refusedAt := func(request, said string, kind timeline.Kind) timeline.Timeline {
		lane := timeline.ProviderLane("primary", 1, 0)
		return outside(with(fellBack(10), at(11, lane, kind, request), at(11, lane, timeline.ProblemSent, said)))
	}
	for _, tt := range []struct{ request, said, want string }{
		{"GET /v1/models", "404 no", ""},
		{"GET /v1/chat/completions", "405 no", ""},
		{"POST /api/show", "404 no", ""},
		{"POST /v1/messages", "404 no", "primary speaks openai-chat, was asked at /v1/messages"},
		{
			"POST /v1/models/x:generateContent m", "405 no",
			"primary speaks openai-chat, was asked at /v1/models/x:generateContent",
		},
		{
			"POST /v1/chat/completions m", "400 no model",
			"primary refused a request: POST /v1/chat/completions m → 400 no model",
		},
		{"GET /v1/models", "401 no key", "primary refused a request: GET /v1/models → 401 no key"},
	} {
		got := ""
		if r := result(refusedAt(tt.request, tt.said, timeline.RequestReceived), assertions.PremiseName); r != nil {
			got = r.Message
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.request, got, tt.want)
		}
	}
	if r := result(refusedAt("x", "400", timeline.ConnectStarted), assertions.PremiseName); r != nil {
		t.Errorf("a connection that was never made is no refused request: %+v", r)
	}
}

// What a caller was left with counts by call: a part of an answer, of text or of a tool call.
func TestStranded(t *testing.T) {
	stuck := func(sent, received timeline.Kind, text string, noRestarts ...bool) timeline.Timeline {
		events := []timeline.Event{
			at(10, client, timeline.CallStarted, ""), at(10, first, timeline.RequestReceived, ""),
		}
		if text != "" {
			events = append(events, at(11, first, sent, text), at(12, client, received, text))
		}
		tl := run(append(events, at(13, client, timeline.CallFailed, "no"))...)
		tl.Run.Calls = nil
		for _, no := range noRestarts {
			tl.Run.Calls = append(tl.Run.Calls, timeline.Call{NoRestarts: no})
		}
		return tl
	}
	everywhere := func(tl timeline.Timeline) timeline.Timeline { tl.Run.NoRestarts = true; return tl }
	text, tool := timeline.TextReceived, timeline.ToolCallReceived
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		want bool
	}{
		{"text", everywhere(stuck(timeline.TextSent, text, "a")), true},
		{"a tool call", everywhere(stuck(timeline.ToolCallSent, tool, "f{")), true},
		{"nothing", everywhere(stuck(timeline.TextSent, text, "")), false},
		{"reasoning", everywhere(stuck(timeline.ThinkingSent, timeline.ThinkingReceived, "a")), false},
		{"of this call", stuck(timeline.TextSent, text, "a", true), true},
		{"of another call", stuck(timeline.TextSent, text, "a", false, true), false},
		{"of a call that is not declared", stuck(timeline.TextSent, text, "a"), false},
		{"text of nobody", everywhere(without(stuck(timeline.TextSent, text, "a"), first, timeline.TextSent)), false},
	} {
		f := assertions.TimeToFallback{Max: 3 * time.Second}.Judge(tt.run)
		if (f.Verdict == assertions.Passed) != tt.want {
			t.Errorf("%s: %s: %s", tt.name, f.Verdict, f.Message)
		}
		if f := (assertions.Answer{From: "secondary"}).Judge(tt.run); (f.Verdict == assertions.Passed) != tt.want {
			t.Errorf("%s: %s: %s", tt.name, f.Verdict, f.Message)
		}
	}
	stranded := everywhere(stuck(timeline.TextSent, text, "a"))
	late := assertions.TimeToFallback{Max: 2999 * time.Millisecond}.Judge(stranded)
	if late.Verdict != assertions.Failed {
		t.Errorf("too late: %+v", late)
	}
	if f := (assertions.Answer{From: "primary"}).Judge(stranded); f.Verdict != assertions.Failed {
		t.Errorf("its own answer: %+v", f)
	}
	if f := (assertions.Answer{}).Judge(stranded); f.Verdict != assertions.Passed {
		t.Errorf("anybody's answer: %+v", f)
	}
	// One that fell back after all is judged by its fallback.
	back := everywhere(with(stuck(timeline.TextSent, text, "a"), at(12.5, second, timeline.RequestReceived, "")))
	back.Run.NoRestarts = true
	says(t, "fell back", assertions.TimeToFallback{Max: 3 * time.Second}, back, assertions.Passed,
		"fallback took 2.5s, limit 3s")
}

// Requests of no call prove nothing if nobody saw the caller, and refused ones never do.
func TestWhichAttemptsCount(t *testing.T) {
	tl := with(fellBack(10), at(11, timeline.ProviderLane("primary", 1, 0), timeline.RequestReceived, ""),
		at(11, timeline.ProviderLane("primary", 0, 2), timeline.RequestReceived, ""))
	f := says(t, "all", assertions.Attempts{"primary": {Max: new(2)}}, tl, assertions.Passed,
		"primary received 2 requests, expected at most 2")
	var seconds []time.Duration
	for _, i := range f.Events {
		seconds = append(seconds, tl.Events[i].At/time.Second)
	}
	if diff := cmp.Diff(seconds, []time.Duration{0, 11}); diff != "" {
		t.Errorf("the evidence (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(f.Got, any(map[string]int{"primary": 2, "secondary": 1})); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	tl.Run.CallerUnseen = true
	says(t, "of an unseen caller", assertions.Attempts{"primary": {Min: new(1), Max: new(2)}}, tl, assertions.Passed,
		"primary received 1 request, expected 1 to 2")
	says(t, "a refused request at another one", assertions.NoFallback{},
		with(healthy(), at(2, timeline.ProviderLane("secondary", 1, 0), timeline.RequestReceived, "")),
		assertions.Passed, "only primary received requests")
}

// Whose key and model a request came with is compared for requests of calls alone.
func TestWhoseKey(t *testing.T) {
	asked := func(call, n int, asked *timeline.Asked) timeline.Timeline {
		lane := timeline.ProviderLane("secondary", call, n)
		tl := with(healthy(), at(2, lane, timeline.RequestReceived, ""), at(2, lane, timeline.ResponseEnded, ""))
		tl.Events[tl.Find(lane, timeline.RequestReceived)].Asked = asked
		return tl
	}
	wrong := &timeline.Asked{KeyOf: "primary"}
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		want bool
	}{
		{"of a call", asked(1, 1, wrong), true},
		{"of none", asked(0, 1, wrong), false},
		{"refused", asked(1, 0, wrong), false},
		{"nobody compared", asked(1, 1, nil), false},
		{"its own", asked(1, 1, &timeline.Asked{KeyOf: "secondary"}), false},
	} {
		if r := result(tt.run, assertions.AskedName); (r != nil) != tt.want {
			t.Errorf("%s: %+v", tt.name, r)
		}
	}
}

// The answer that the caller got decides what it was asked, whatever the others were asked.
func TestWhatTheAnswerWasAsked(t *testing.T) {
	lacking := &timeline.Asked{Lacks: []string{"tools", "prompt"}}
	twice := func(first, second *timeline.Asked, from string, finished bool) timeline.Timeline {
		lane := timeline.ProviderLane(from, 1, 2)
		events := []timeline.Event{at(2, lane, timeline.RequestReceived, ""), at(2, lane, timeline.TextSent, "hello")}
		if finished {
			events = append(events, at(2, lane, timeline.FinishSent, ""))
		}
		tl := with(without(healthy(), client, timeline.CallAnswered), append(events,
			at(3, client, timeline.CallAnswered, ""))...)
		for i, e := range tl.Events {
			switch {
			case e.Kind != timeline.RequestReceived:
			case e.Lane == lane:
				tl.Events[i].Asked = second
			default:
				tl.Events[i].Asked = first
			}
		}
		return tl
	}
	fine := &timeline.Asked{}
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		want bool
	}{
		{"both lack something", twice(lacking, lacking, "primary", true), true},
		{"the first does not", twice(fine, lacking, "primary", true), false},
		{"the second does not", twice(lacking, fine, "primary", true), false},
		{"of the second nobody knows", twice(lacking, nil, "primary", true), false},
		{"the second was not finished", twice(lacking, fine, "primary", false), true},
		{"another one's, which was not finished", twice(lacking, fine, "secondary", false), true},
	} {
		r := result(tt.run, assertions.AskedName)
		if (r != nil) != tt.want || r != nil && (r.Got != "tools and prompt" || len(r.Events) != 1) {
			t.Errorf("%s: %+v", tt.name, r)
		}
	}
	failed := twice(lacking, lacking, "primary", true)
	for i := range failed.Events {
		if failed.Events[i].Kind == timeline.CallAnswered {
			failed.Events[i].Kind = timeline.CallFailed
		}
	}
	if r := result(failed, assertions.AskedName); r != nil {
		t.Errorf("a call that failed: %+v", r)
	}
}

// The model that the caller is told is compared for each call that the provider answered.
func TestWhichModelIsSeen(t *testing.T) {
	told := func(models ...string) timeline.Timeline {
		var events []timeline.Event
		for i, model := range models {
			lane, provider := timeline.ClientLane(i+1), timeline.ProviderLane("primary", i+1, i+1)
			events = append(events, at(float64(i), lane, timeline.CallStarted, ""),
				at(float64(i), provider, timeline.RequestReceived, ""),
				at(float64(i), provider, timeline.TextSent, "hello"), at(float64(i), provider, timeline.FinishSent, ""),
				at(float64(i)+0.5, lane, timeline.TextReceived, "hello"))
			if model != "" {
				events = append(events, at(float64(i)+0.5, lane, timeline.ModelReceived, model))
			}
			events = append(events, at(float64(i)+0.9, lane, timeline.CallAnswered, ""))
		}
		tl := outside(run(events...))
		tl.Run.ModelSeen = "primary"
		return tl
	}
	const right = "primary answered, and the caller was told its model, primary-model"
	const wrong = "primary answered, but the caller was told that other did, expected primary-model"
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		want assertions.Verdict
		says string
	}{
		{"right", told("primary-model"), assertions.Passed, right},
		{"right twice", told("primary-model", "primary-model"), assertions.Passed, right},
		{"wrong", told("other"), assertions.Partial, wrong},
		{"wrong, then right", told("other", "primary-model"), assertions.Partial, wrong},
		{"right, then wrong", told("primary-model", "other"), assertions.Partial, wrong},
		{"right, then none", told("primary-model", ""), assertions.Passed, right},
	} {
		r := result(tt.run, assertions.ModelSeenName)
		if r == nil || r.Verdict != tt.want || r.Message != tt.says {
			t.Errorf("%s: got %+v, want %s: %s", tt.name, r, tt.want, tt.says)
		}
	}
	nobody := told("primary-model")
	nobody.Run.ModelSeen = ""
	unnamed := told("primary-model")
	unnamed.Run.Providers = []timeline.Provider{{Name: "primary"}}
	for name, tl := range map[string]timeline.Timeline{
		"nobody asked": nobody, "a provider without a model": unnamed, "none told": told(""),
	} {
		if r := result(tl, assertions.ModelSeenName); r != nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// A run that was skipped has no results, and one without expectations is unknown with none.
func TestJudgementsWithoutResults(t *testing.T) {
	skipped := healthy()
	skipped.Run.Skipped = "no"
	want := assertions.Judgement{Verdict: assertions.Skipped, Results: []assertions.Result{}}
	if diff := cmp.Diff(assertions.Judge(skipped, assertions.Must(assertions.NoLeaks{})), want); diff != "" {
		t.Errorf("skipped (-got +want):\n%s", diff)
	}
	want = assertions.Judgement{
		Verdict: assertions.Unknown, Results: []assertions.Result{}, Words: []string{"answered"},
	}
	if diff := cmp.Diff(assertions.Judge(healthy(), nil), want); diff != "" {
		t.Errorf("without expectations (-got +want):\n%s", diff)
	}
	one := healthy()
	one.Run.Providers = []timeline.Provider{{Name: "primary", Unreached: []string{"reset"}}}
	r := result(one, assertions.ReachedName)
	if r == nil ||
		r.Message != "primary's reset was never reached, so nothing was seen of it; a scenario whose point that is "+
			"says `unreached: ok`" || r.Got != 1 || r.Limit != 0 {
		t.Errorf("one fault: %+v", r)
	}
}
