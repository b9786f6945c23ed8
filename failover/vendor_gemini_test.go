package failover_test

import (
	"bytes"
	"log"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// Google's SDK prints what goes wrong into the program's log; the engine's caller gets it as an
// error alone.
func TestNothingIsPrinted(t *testing.T) { //nolint:paralleltest // the log is the process's
	var out bytes.Buffer
	log.SetOutput(&out)
	defer log.SetOutput(os.Stderr)
	for _, how := range []fakeprovider.Ending{fakeprovider.Cut, fakeprovider.Reset, fakeprovider.Hang} {
		chain := []provider{
			fake(t, "primary", failover.Gemini, plays(says{{Kind: fakeprovider.FrameText, Text: "hello "}},
				fakeprovider.Wait{For: time.Second}, fakeprovider.End{How: how})),
			fake(t, "secondary", failover.OpenAIChat, fromNext),
		}
		within(t, policy(t, "recommended"), chain, func(l *lab) {
			if r := l.ask(l.t.Context(), question(true)); r.err != nil || r.text != "hello from secondary" {
				t.Errorf("%s: got %q, error %v", how, r.raw, r.err)
			}
		})
	}
	if out.Len() > 0 {
		t.Errorf("printed: %s", out.Bytes())
	}
}

// Google tells in the body how long to wait, and that a quota of the day is used up.
func TestQuotasOfGemini(t *testing.T) {
	t.Parallel()
	p := failover.NewPolicy()
	p.Retry.Attempts, p.Retry.RetryAfter.Reasons = 2, []failover.Reason{failover.ReasonRateLimit}
	within(t, p, []provider{
		fake(t, "primary", failover.Gemini, plays(fakeprovider.Fail{Status: 429}), fromFirst),
	}, func(l *lab) {
		r := l.ask(l.t.Context(), question(true))
		if r.err != nil || len(l.hits["primary"]) != 2 || l.hits["primary"][1].Truncate(time.Second) != 58*time.Second {
			t.Errorf("per minute: got %v, error %v", l.hits, r.err)
		}
	})
	p = policy(t, "recommended")
	for _, streamed := range []bool{true, false} {
		within(t, p, []provider{
			fake(t, "primary", failover.Gemini, plays(fakeprovider.Fail{Status: 429, Code: "per_day"})),
		}, func(l *lab) {
			a := l.ask(l.t.Context(), question(streamed)).attempts(t)[0]
			if a.Reason != failover.ReasonBilling || a.RetryDelay == "" || a.Code != "RESOURCE_EXHAUSTED" ||
				l.count("primary") != 1 {
				t.Errorf("per day: got %+v after %v", *a, l.hits)
			}
		})
	}
}

// A blocked prompt is no empty answer: nobody is asked for it twice.
func TestBlockedPrompts(t *testing.T) {
	t.Parallel()
	blocked := plays(says{{Kind: fakeprovider.FrameFinish, Text: protocol.CodePromptBlocked}})
	for _, streamed := range []bool{true, false} {
		p := policy(t, "recommended")
		p.Stream.FailFiltered, p.Stream.AcceptEmpty = false, true // whatever it makes of answers
		within(t, p, []provider{fake(t, "primary", failover.Gemini, blocked)}, func(l *lab) {
			a := l.ask(l.t.Context(), question(streamed)).attempts(t)[0]
			if a.Kind != failover.FailureFiltered || a.Reason != failover.ReasonContentBlocked ||
				a.Code != "PROHIBITED_CONTENT" || l.count("primary") != 1 {
				t.Errorf("got %+v after %v", *a, l.hits)
			}
		})
	}
}

// The SDK's own retries, and its way of asking for the rest of a stream, are the policy's business
// alone.
func TestSDKOfGeminiAsksOnce(t *testing.T) {
	t.Parallel()
	resumable :=
		`data: {"candidates": [{"content": {"parts": [{"text": "hello "}],"role": "model"},"continuationToken": "dG9rZW4="}]}` +
			"\r\n\r\n"
	for _, row := range []struct {
		play script
		want [2]int // requests without retries, and with two
	}{
		{fails(503, `{}`), [2]int{1, 3}},
		{resets, [2]int{1, 3}},
		{cut, [2]int{1, 1}}, // behind the headers it repeats nothing
		{func(x *exchange) { x.send(resumable) }, [2]int{1, 1}},
	} {
		for i, retries := range []int{0, 2} {
			p := failover.NewPolicy()
			p.SDK.Retries = retries
			within(t, p, []provider{gemini("primary", row.play)}, func(l *lab) {
				if r := l.ask(l.t.Context(), question(true)); r.err == nil || l.count("primary") != row.want[i] {
					t.Errorf("with %d retries: got %d requests, want %d, error %v", retries, l.count("primary"),
						row.want[i], r.err)
				}
			})
		}
	}
}

// What is no chunk of Google's, and what go-genai makes of it.
func TestWhatIsNoChunkOfGemini(t *testing.T) {
	t.Parallel()
	const whole = "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"hello\"}],\"role\": " +
		"\"model\"}}]}\r\n\r\n"
	for body, want := range map[string]failover.FailureKind{
		whole + "data: {\"candidates\": [{\"con":                    failover.FailureTruncated,
		"data: {\"candidates\": [{\"con":                            failover.FailureEmptyStream,
		whole + "data: {\"candidates\"}\r\n\r\n":                    failover.FailureStreamParseError,
		whole + "data: {\"candidates\": {\"a\": 1}}\r\n\r\n":        failover.FailureStreamParseError,
		whole + "<html>\r\n\r\n":                                    failover.FailureStreamParseError,
		"<html>":                                                    failover.FailureStreamParseError,
		"{\"error\": {\"code\": 503, \"status\": \"UNAVAILABLE\"}}": failover.FailureStreamError,
		"data: {}\r\n\r\n":                                          failover.FailureEmptyStream,
		"":                                                          failover.FailureEmptyStream,
	} {
		p := policy(t, "recommended")
		p.Retry.Attempts = 1
		within(t, p, []provider{gemini("primary", func(x *exchange) { x.send(body) })}, func(l *lab) {
			if a := l.ask(l.t.Context(), question(true)).attempts(t)[0]; a.Kind != want {
				t.Errorf("%q: got %+v, want %s", body, *a, want)
			}
		})
	}
	p := policy(t, "recommended")
	p.Retry.Attempts = 1
	for body, want := range map[string]failover.FailureKind{
		"{\"candidates\": {\"a\": 1}}": failover.FailureStreamParseError,
		"{\"candidates":                failover.FailureStreamParseError, "{}": failover.FailureEmptyStream,
		"": failover.FailureRemoteProtocolError,
	} {
		play := func(x *exchange) {
			x.w.Header().Set("Content-Type", "application/json")
			x.send(body)
		}
		within(t, p, []provider{gemini("primary", play)}, func(l *lab) {
			if a := l.ask(l.t.Context(), question(false)).attempts(t)[0]; a.Kind != want {
				t.Errorf("%q as a whole: got %+v, want %s", body, *a, want)
			}
		})
	}
	last := "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"hello from " +
		"primary\"}]},\"finishReason\": \"STOP\"}]}"
	within(t, p, []provider{gemini("primary", func(x *exchange) { x.send(last) })}, func(l *lab) {
		if r := l.ask(l.t.Context(), question(true)); r.err != nil || r.raw != "hello from primary" {
			t.Errorf("without its blank line: got %q, error %v", r.raw, r.err)
		}
	})
}

// Ends that are none: with each piece, in the middle of a stream that takes its time, and before
// the first one.
func TestGeminiMayEndEachPiece(t *testing.T) {
	t.Parallel()
	piece := func(text, more string) string {
		return `data: {"candidates": [{"content": {"parts": [{"text": "` + text + `"}],"role": "model"}` + more +
			`}]}` + "\r\n\r\n"
	}
	const stop = `,"finishReason": "STOP"`
	thought := `data: {"candidates": [{"content": {"parts": [{"text": "hm","thought": true}],"role": "model"}}]}` +
		"\r\n\r\n"
	for name, chunks := range map[string][]string{
		"with each piece": {piece("hello ", stop), piece("from ", stop), piece("primary", stop)},
		"with each piece, and by itself": {
			piece("hello ", stop), piece("from ", stop), piece("primary", stop), piece("", stop),
		},
		"before the first one": {
			piece("", stop), piece("", stop), piece("hello ", ""), piece("from ", ""), piece("primary", ""),
			piece("", stop),
		},
		"behind a thought": {
			thought, piece("", stop), piece("hello ", ""), piece("from primary", stop),
		},
		"with the last one, as is the rule": {piece("hello ", ""), piece("from primary", stop)},
	} {
		slowly := func(x *exchange) {
			for _, chunk := range chunks {
				x.send(chunk)
				x.wait(20 * time.Second)
			}
		}
		within(t, policy(t, "recommended"), []provider{
			gemini("primary", slowly), openai("secondary", answers),
		}, func(l *lab) {
			if r := l.ask(l.t.Context(), question(true)); r.err != nil ||
				strings.TrimPrefix(r.text, "hm") != "hello from primary" || r.restarts != 0 ||
				l.count("secondary") != 0 {
				t.Errorf("%s: got %q, %d restarts, error %v, requests %v", name, r.raw, r.restarts, r.err, l.hits)
			}
		})
	}
}
