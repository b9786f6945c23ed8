package harness_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	. "github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// chat says that the target speaks OpenAI's wire only.
var chat = harness.WithProtocols("openai-chat")

// outside says that the engine is another process. It is not: in virtual time a process cannot be.
func outside(o harness.Outside) harness.Option { return harness.WithOutside(o) }

// before returns the plain engine with something done before each of its calls. An error ends the
// call.
func before(do func(n int) error) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		plain, n := harnesstest.Plain(lab), 0
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			n++
			if err := do(n); err != nil {
				return err
			}
			return plain.Call(ctx, req, emit)
		})
	}
}

// message returns the first finding.
func message(run *harness.Trial) string {
	GinkgoHelper()
	Expect(run.Judgement.Results).NotTo(BeEmpty(), "%s", run.Timeline)
	return run.Judgement.Results[0].Message
}

var _ = Describe("a target that speaks one protocol", func() {
	It("meets the flagship with both providers on its own", func() {
		run := harness.Run(GinkgoT(), "heartbeat-only", harnesstest.Plain, chat)
		run.Check(GinkgoT())
		Expect(run).To(HaveAnsweredFrom("secondary"))
		for _, p := range run.Timeline.Run.Providers {
			Expect(p.Protocol).To(Equal("openai-chat"))
		}
		Expect(find("heartbeat-only").Providers[1].Protocol).To(Equal("anthropic-messages"),
			"the scenario itself stands")
	})

	DescribeTable("skips what it cannot meet",
		func(what any, says string) {
			s, ok := what.(scenarios.Scenario)
			if !ok {
				s = find(what.(string)) //nolint:forcetypeassert // a table of both
			}
			run := harness.RunScenario(s, harnesstest.Plain, chat)
			Expect(run.Verdict()).To(Equal(assertions.Skipped))
			Expect(run.Skipped()).To(Equal(says))
			Expect(harness.RunScenario(s, harnesstest.Plain).Skipped()).To(BeEmpty(),
				"with every protocol there is nothing to skip")
		},
		Entry("a vendor's own wire", "heartbeat-only-anthropic",
			"it is about a vendor's wire, anthropic-messages, and the target speaks only openai-chat"),
		Entry("a step that the protocol cannot say", "long-thinking",
			"primary says thinking, which cannot be said in openai-chat"),
		Entry("a fault that the protocol cannot say", scenarios.OfFault("thinking", fault.ThinkingOnly{}),
			"the fault thinking-only cannot be had in openai-chat: a frame of the kind thinking: fakeprovider: the "+
				"protocol has no such frame"),
	)
})

var _ = Describe("an engine outside of the process", func() {
	It("is named so in the timeline, with its limits", func() {
		o := harness.Outside{ModelSeen: "1", CallerUnseen: true}
		got := harness.Run(GinkgoT(), "healthy", harnesstest.Plain, outside(o),
			harness.WithCallLimit(time.Minute, timeline.LimitOfCell)).Timeline.Run
		Expect([]any{got.Outside, got.CallerUnseen, got.ModelSeen, got.CallLimit, got.CallLimitBy}).To(Equal([]any{
			true, true, "primary", timeline.Seconds(time.Minute), timeline.LimitOfCell,
		}))
		got = harness.Run(GinkgoT(), "healthy", harnesstest.Plain).Timeline.Run
		Expect([]any{got.Outside, got.CallerUnseen, got.ModelSeen, got.CallLimit}).To(Equal([]any{
			false, false, "", timeline.Seconds(0),
		}))
	})

	DescribeTable("is cut at its own limit, unless the scenario's deadline comes first",
		func(by timeline.CallLimitBy, limit, cut time.Duration, says string, recorded time.Duration) {
			s := scenarios.OfFault("cut", fault.HeartbeatOnly{})
			s.Deadline = 10 * time.Minute
			run := harness.RunScenario(s, credulous(), outside(harness.Outside{}), harness.WithCallLimit(limit, by))
			c, _ := run.Timeline.Client(1)
			Expect(c.Ending).To(Equal(timeline.CallCut), "%s", run.Timeline)
			Expect([]any{c.End, c.EndText, run.Timeline.Run.CallLimit.Duration()}).To(Equal([]any{cut, says, recorded}))
		},
		Entry("the command line's", timeline.LimitByOption, time.Minute, time.Minute,
			"the call limit that was asked for of 1m0s", time.Minute),
		Entry("a cell's", timeline.LimitOfCell, time.Minute, time.Minute, "the limit of a cell of 1m0s", time.Minute),
		Entry("its own", timeline.LimitByTarget, time.Minute, time.Minute, "the target's call limit of 1m0s",
			time.Minute),
		Entry("the scenario's", timeline.LimitOfCell, time.Hour, 10*time.Minute, "the scenario's deadline of 10m0s",
			time.Duration(0)),
		Entry("none of its own", timeline.LimitByTarget, time.Duration(0), 10*time.Minute,
			"the scenario's deadline of 10m0s", time.Duration(0)),
	)

	It("skips a chain that is longer than its addresses", func() {
		at := []harness.Address{{Listen: "127.0.0.1:0"}}
		run := harness.RunScenario(find("healthy"), harnesstest.Plain, outside(harness.Outside{Addresses: at}))
		Expect(run.Skipped()).To(Equal("it has 2 providers, and the target has addresses for 1"))
		run = harness.RunScenario(find("healthy"), harnesstest.Plain,
			outside(harness.Outside{Addresses: append(at, at...)}))
		Expect(run.Verdict()).To(Equal(assertions.Passed))
	})

	It("finds the providers where it is told to, on the wall clock", func() {
		var told []string
		o := harness.Outside{Addresses: []harness.Address{
			{Listen: "127.0.0.1:0", Advertise: "http://gateway.test:4010/"}, {Listen: "0.0.0.0:0"},
		}}
		run := harness.RunScenario(find("healthy"), func(lab harness.Lab) harness.Target {
			for _, u := range lab.Upstreams() {
				told = append(told, u.URL, u.BaseURL)
			}
			return harness.CannotLook{Reason: "seen enough"}
		}, outside(o), chat, harness.WithClock(harness.Wall()))
		Expect(run.Verdict()).To(Equal(assertions.Unknown))
		Expect(told[:2]).To(Equal([]string{"http://gateway.test:4010", "http://gateway.test:4010/v1"}))
		Expect(told[2]).To(MatchRegexp(`^http://127\.0\.0\.1:\d+$`))
	})

	DescribeTable("skips a fault that it cannot meet, on the wall clock",
		func(f fakeprovider.Fault, says, overHTTPS string) {
			run := harness.RunScenario(scenarios.OfFault("unreachable", f), harnesstest.Plain,
				outside(harness.Outside{}), harness.WithClock(harness.Wall()))
			Expect(run.Skipped()).To(ContainSubstring(says))
			secure := harness.Unfit(scenarios.OfFault("unreachable", f), outside(harness.Outside{TLS: true}),
				harness.WithClock(harness.Wall()))
			if Expect(secure).To(ContainSubstring(overHTTPS)); overHTTPS == "" {
				Expect(secure).To(BeEmpty())
			}
			Expect(harness.RunScenario(scenarios.OfFault("reachable", f), harnesstest.Plain,
				outside(harness.Outside{})).Skipped()).To(BeEmpty())
		},
		Entry("one of the client's own dials", fault.ConnectBlackhole{}, "cannot be had in the serve world",
			"cannot be had in the serve world"),
		Entry("one that needs TLS", fault.TLSAlert{}, "needs TLS", ""),
		Entry("one that needs HTTP/2", fault.HTTP2GoAway{}, "needs HTTP/2", "needs HTTP/2"),
	)

	It("gets a prompt of the declared size", func() {
		var sizes []int
		f := func(harness.Lab) harness.Target {
			return harness.TargetFunc(func(_ context.Context, req harness.Request, _ func(harness.Delta)) error {
				sizes = append(sizes, len(req.Prompt))
				Expect(req.Prompt).To(HaveSuffix("say hello"))
				return errors.New("enough")
			})
		}
		for _, opts := range [][]harness.Option{
			{outside(harness.Outside{})}, {outside(harness.Outside{PromptLimit: 1000})}, {},
		} {
			harness.RunScenario(find("heartbeat-only"), f, opts...)
		}
		Expect(sizes).To(HaveLen(3))
		Expect(sizes[0]).To(BeNumerically("~", 4*110_000, 200))
		Expect(sizes[1]).To(BeNumerically("~", 1000, 200))
		Expect(sizes[2]).To(Equal(len("say hello")))
	})
})

var _ = Describe("a warm-up", func() {
	twice := outside(harness.Outside{WarmUp: 2})

	It("uses up no entry, no attempt and no time of the run", func() {
		s := scenarios.OfFault("second-is-healthy", fault.ServerError{})
		s.Providers[0].OnRequest = append(s.Providers[0].OnRequest, fakeprovider.Healthy{})
		want := harness.RunScenario(s, harnesstest.Plain)
		var calls atomic.Int64
		run := harness.RunScenario(s, before(func(int) error { calls.Add(1); return nil }), twice)
		Expect(calls.Load()).To(BeEquivalentTo(3))
		Expect(run.Timeline.Lanes()).To(Equal(want.Timeline.Lanes()), "the same run, to the microsecond")
	})

	It("is over before an outage begins", func() {
		s := scenarios.OfFault("outage", fakeprovider.Healthy{})
		s.Outages = []scenarios.Outage{{
			Fault: fault.ServerError{}, Providers: []string{"primary"},
			Between: fakeprovider.Window{0, 100 * time.Millisecond},
		}}
		run := harness.RunScenario(s, harnesstest.Plain, twice)
		first := run.Timeline.Attempts()[0]
		Expect([]any{first.N, first.Text}).To(Equal([]any{1, ""}), "the outage holds for the run's first request: %s",
			run.Timeline)
	})

	It("measures by how much the engine distorts", func() {
		slow := before(func(int) error { time.Sleep(300 * time.Millisecond); return nil })
		Expect(harness.RunScenario(find("healthy"), slow,
			twice).Timeline.Run.Distortion.Duration()).To(BeNumerically("~", 300*time.Millisecond, time.Millisecond))
		cold := before(func(n int) error { time.Sleep(time.Duration(2-n) * time.Second); return nil })
		Expect(harness.RunScenario(find("healthy"), cold, twice).Timeline.Run.Distortion).To(BeZero(),
			"only the last one counts")
	})

	DescribeTable("makes the run unknown if the engine does not answer it",
		func(f harness.Factory, says string) {
			run := harness.RunScenario(find("healthy"), f, twice)
			Expect(run.Verdict()).To(Equal(assertions.Unknown))
			Expect(message(run)).To(HavePrefix("the harness could not look: " + says))
			Expect(run.Timeline.Lanes()).To(HaveKey("client/call-0"), "what was seen of it is told")
			Expect(run.Timeline.Lanes()).NotTo(HaveKey("client/call-1"))
		},
		Entry("an error", before(func(int) error { return errors.New("no such model") }),
			"the engine did not answer a healthy call: no such model"),
		Entry("an error of the second one", before(func(n int) error {
			if n > 1 {
				return errors.New("spent")
			}
			return nil
		}), "the engine did not answer a healthy call: spent"),
		Entry("a panic", before(func(int) error { panic("oh") }),
			"the engine did not answer a healthy call: it panicked: oh"),
		Entry("silence", before(func(int) error { select {} }),
			"the engine did not answer a healthy call: it was cut: a healthy call has 1m0s"),
		Entry("a part", part(fakeprovider.Canary),
			`the engine did not answer a healthy call: primary sent "one-primary two-primary three-primary four-primary five-primary six-primary seven-primary eight-primary nine-primary ten-primary", and the caller got "one-p"`),
		Entry("nothing", part(func(string) string { return "" }),
			"the engine did not answer a healthy call: it returned nothing"),
		Entry("another provider's", reversed, "primary is not in rotation: the healthy call was answered by secondary"),
		Entry("an answer of its own", func(harness.Lab) harness.Target {
			return harness.TargetFunc(func(_ context.Context, _ harness.Request, emit func(harness.Delta)) error {
				emit(harness.Text(fakeprovider.Canary("primary")))
				return nil
			})
		}, "primary is not in rotation: it received no request"),
		Entry("a wrong path", credulousAt("/v2/chat/completions"),
			`the engine did not answer a healthy call: it returned nothing; primary refused POST /v2/chat/completions`),
		Entry("what it cannot look at", before(func(int) error {
			return fmt.Errorf("call: %w", harness.CannotLook{Reason: "the worker wrote garbage"})
		}), "the worker wrote garbage"),
	)

	It("is not made with an engine that has served before", func() {
		run := harness.RunScenario(find("healthy"), func(lab harness.Lab) harness.Target {
			return reused{before(func(n int) error {
				if n > 1 {
					return errors.New("a second call")
				}
				return nil
			})(lab)}
		}, twice)
		Expect(run.Verdict()).To(Equal(assertions.Passed), "%s", run.Timeline)
	})

	It("is bounded by the target's own limit", func() {
		run := harness.RunScenario(find("healthy"), before(func(int) error { time.Sleep(2 * time.Second); return nil }),
			outside(harness.Outside{WarmUp: 2}), harness.WithCallLimit(time.Second, timeline.LimitByTarget))
		Expect(message(run)).To(ContainSubstring("it was cut: a healthy call has 1s"))
	})
})

var _ = Describe("what the harness cannot look at", func() {
	It("is unknown, whether the factory says so or a call", func() {
		run := harness.RunScenario(find("healthy"),
			func(harness.Lab) harness.Target { return harness.CannotLook{Reason: "it did not start"} })
		Expect([]any{run.Verdict(), message(run)}).To(Equal([]any{
			assertions.Unknown, "the harness could not look: it did not start",
		}))
		run = harness.RunScenario(find("healthy"),
			before(func(int) error { return harness.CannotLook{Reason: "it died"} }))
		Expect([]any{run.Verdict(), message(run)}).To(Equal([]any{
			assertions.Unknown, "the harness could not look: it died",
		}))
		run = harness.RunScenario(find("healthy"), before(func(int) error { return errors.New("it died") }))
		Expect(run.Verdict()).To(Equal(assertions.Failed), "an error of the engine is the engine's")
	})
})

// reused is a target that has served before.
type reused struct{ harness.Target }

var _ harness.Reused = reused{}

func (reused) Reused() bool { return true }

// part answers with the first word of what a provider says.
func part(say func(provider string) string) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		ask := credulous()(lab)
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			return ask.Call(ctx, req,
				func(harness.Delta) { emit(harness.Text(say("primary")[:min(5, len(say("primary")))])) })
		})
	}
}

// reversed asks the last provider.
func reversed(lab harness.Lab) harness.Target {
	u := lab.Upstream("secondary")
	return harness.TargetFunc(func(ctx context.Context, _ harness.Request, emit func(harness.Delta)) error {
		return ask(ctx, u, "/v1/chat/completions", emit)
	})
}

// credulousAt asks the primary at a path, and returns nothing.
func credulousAt(path string) harness.Factory {
	return primary(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
		return ask(ctx, u, path, func(harness.Delta) {})
	})
}
