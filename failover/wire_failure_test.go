package failover_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// The status, the code and the words of each vendor's refusal reach whoever reads the error, and
// the wait that it asks for.
func TestRefusalsOfEveryWire(t *testing.T) {
	t.Parallel()
	everyWire(t, func(t *testing.T, protocol string, streamed bool) {
		t.Helper()
		for _, row := range []struct {
			fail   fakeprovider.Fail
			reason failover.Reason
		}{
			{fakeprovider.Fail{Status: 429, RetryAfter: "7"}, failover.ReasonRateLimit},
			{fakeprovider.Fail{Status: 500}, failover.ReasonServerError},
			{fakeprovider.Fail{Status: 503, RetryAfter: "3"}, failover.ReasonOverloaded},
			{fakeprovider.Fail{Status: 401}, failover.ReasonAuth},
			{fakeprovider.Fail{Status: 500, Code: fakeprovider.CodeEdgePage}, failover.ReasonServerError},
		} {
			p := policy(t, "recommended")
			p.Retry.Attempts = 1
			within(t, p, []provider{fake(t, "primary", protocol, plays(row.fail))}, func(l *lab) {
				a, want := l.ask(l.t.Context(), question(streamed)).attempts(t)[0], row.reason
				if protocol == failover.OpenRouter && want == failover.ReasonRateLimit {
					want = failover.ReasonUpstreamRateLimit // it has one of its own upstreams' to tell of
				}
				if a.Kind != failover.FailureHTTPStatus || a.Status != row.fail.Status || a.Reason != want ||
					a.RetryAfter != row.fail.RetryAfter {
					t.Errorf("%+v: got %+v", row.fail, *a)
				}
				atEdge := protocol == failover.AnthropicMessages && row.fail.Status == 503 // plain text
				if row.fail.Code == "" && !atEdge && (a.Code == "" || a.Message == "") {
					t.Errorf("%+v: got code %q and message %q", row.fail, a.Code, a.Message)
				}
			})
		}
	})
}

// Errors under a status of 200, in every shape that the vendors have: in the middle of a stream,
// before any content and after it, and in the place of a whole answer.
func TestErrorsWithinEveryWire(t *testing.T) {
	t.Parallel()
	shapes := map[string][]fakeprovider.Fail{
		failover.OpenAIResponses: {
			{Shape: fakeprovider.ShapeFlat}, {Shape: fakeprovider.ShapeNested}, {Shape: fakeprovider.ShapeFailed},
		},
		failover.Gemini: {{}, {Code: protocol.CodeBareError}},
	}
	for _, protocol := range failover.Protocols() {
		if shapes[protocol] == nil {
			shapes[protocol] = []fakeprovider.Fail{{}}
		}
		for _, shape := range shapes[protocol] {
			for status, want := range map[int]failover.Reason{
				429: failover.ReasonRateLimit, 500: failover.ReasonServerError, 503: failover.ReasonOverloaded,
			} {
				if protocol == failover.AnthropicMessages && status == 503 {
					status = 529 // its own word for it
				}
				if protocol == failover.OpenRouter && status == 429 {
					want = failover.ReasonUpstreamRateLimit
				}
				fail := shape
				fail.Status = status
				t.Run(fmt.Sprintf("%s/%s%s/%d", protocol, fail.Shape, fail.Code, status), func(t *testing.T) {
					t.Parallel()
					failsWithin(t, protocol, fail, "", true, want)
					failsWithin(t, protocol, fail, "hello ", true, want)
					failsWithin(t, protocol, fail, "", false, want)
				})
			}
		}
	}
}

func failsWithin(t *testing.T, protocol string, fail fakeprovider.Fail, before string, streamed bool,
	want failover.Reason,
) {
	t.Helper()
	script := plays(fakeprovider.Respond{}, says{{Kind: fakeprovider.FrameStart}}, fail)
	if before != "" {
		script = plays(says{{Kind: fakeprovider.FrameText, Text: before}}, fail)
	}
	p := policy(t, "recommended")
	p.Retry.Attempts = 1
	within(t, p, []provider{fake(t, "primary", protocol, script)}, func(l *lab) {
		failed := l.ask(l.t.Context(), question(streamed)).attempts(t)
		if a := failed[0]; a.Kind != failover.FailureStreamError || a.Reason != want || a.Message == "" ||
			a.Content != (before != "") {
			t.Errorf("streamed %v, after %q: got %+v, want a stream_error for %s", streamed, before, *a, want)
		}
	})
	within(t, p, []provider{
		fake(t, "primary", protocol, script), fake(t, "secondary", failover.OpenAIChat, fromNext),
	}, func(l *lab) {
		if r := l.ask(l.t.Context(), question(streamed)); r.err != nil || r.text != "hello from secondary" ||
			r.took > time.Second {
			t.Errorf("streamed %v, after %q: got %q after %s, error %v", streamed, before, r.raw, r.took, r.err)
		}
	})
}

// A body that ends in good order without the protocol's last event is no answer.
func TestTruncationOfEveryWire(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]fakeprovider.Script{
		"text": plays(says{{Kind: fakeprovider.FrameText, Text: "hello "}},
			fakeprovider.End{How: fakeprovider.EOF}),
		"heartbeats": plays(says{{Kind: fakeprovider.FrameStart}}, fakeprovider.Heartbeat{},
			says{{Kind: fakeprovider.FrameText, Text: "hello"}}, fakeprovider.Heartbeat{},
			fakeprovider.End{How: fakeprovider.EOF}),
	} {
		for _, protocol := range failover.Protocols() {
			t.Run(name+"/"+protocol, func(t *testing.T) {
				t.Parallel()
				p := policy(t, "recommended")
				p.Retry.Attempts = 1
				within(t, p, []provider{fake(t, "primary", protocol, script)}, func(l *lab) {
					if a := l.ask(l.t.Context(), question(true)).attempts(t)[0]; a.Kind != failover.FailureTruncated ||
						a.Reason != failover.ReasonTimeout {
						t.Errorf("got %+v", *a)
					}
				})
			})
		}
	}
}

// Responses says with an event of its own that it is over; the end of its items is not that.
func TestResponsesWithoutItsLastEvent(t *testing.T) {
	t.Parallel()
	script := plays(says{{Kind: fakeprovider.FrameText, Text: "hello"}, {Kind: fakeprovider.FrameFinish}},
		fakeprovider.End{How: fakeprovider.EOF})
	within(t, policy(t, "recommended"), []provider{
		fake(t, "primary", failover.OpenAIResponses, script), fake(t, "secondary", failover.Gemini, fromNext),
	}, func(l *lab) {
		if r := l.ask(l.t.Context(), question(true)); r.err != nil || r.text != "hello from secondary" {
			t.Errorf("got %q, error %v", r.raw, r.err)
		}
	})
}

// An answer that got too long is one whose Finish tells; one that a filter ended is a failure to
// policies that say so.
func TestOtherEndsOfEveryWire(t *testing.T) {
	t.Parallel()
	everyWire(t, func(t *testing.T, protocol string, streamed bool) {
		t.Helper()
		say := says{{Kind: fakeprovider.FrameText, Text: "hello from primary"}}
		within(t, policy(t, "recommended"), []provider{
			fake(t, "primary", protocol, plays(say, fakeprovider.Finish{Reason: "length"})),
		}, func(l *lab) {
			finish := strings.ToLower(l.ask(l.t.Context(), question(streamed)).answer.Finish)
			if !slices.Contains([]string{"length", "max_tokens", "max_output_tokens"}, finish) {
				t.Errorf("got finish %q", finish)
			}
		})
		within(t, policy(t, "recommended"), []provider{
			fake(t, "primary", protocol, plays(say, fakeprovider.Finish{Reason: "content_filter"})),
		}, func(l *lab) {
			if a := l.ask(l.t.Context(), question(streamed)).attempts(t)[0]; a.Kind != failover.FailureFiltered ||
				a.Reason != failover.ReasonContentBlocked {
				t.Errorf("got %+v", *a)
			}
		})
	})
}
