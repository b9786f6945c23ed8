package harness_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// crowd is a scenario of n callers at once, and a fault.
func crowd(n int, f fakeprovider.Fault) scenarios.Scenario {
	s := scenarios.OfFault("crowd", f)
	s.Calls[0].Count = n
	return s
}

// eachOutcome returns the outcome of every call.
func eachOutcome(t *harness.Trial) (all []string) {
	for i := range t.Timeline.Run.Calls {
		outcome, from := t.Timeline.Outcome(i + 1)
		all = append(all, strings.TrimSpace(outcome.String()+" "+from))
	}
	return all
}

// onlyCall returns an engine whose nth call goes wrong, and whose others are plain.
func onlyCall(n int, wrong func(ctx context.Context) error) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		plain := harnesstest.Plain(lab)
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			if strings.HasSuffix(req.Prompt, fmt.Sprintf("(call %d)", n)) {
				return wrong(ctx)
			}
			return plain.Call(ctx, req, emit)
		})
	}
}

var _ = Describe("calls at once", func() {
	It("are made side by side, each with its own prompt, lane and judgement", func() {
		t := harness.RunScenario(crowd(7, fault.NoResponse{}), harnesstest.Plain)
		Expect(t.Verdict()).To(Equal(assertions.Passed), "%s", t.Timeline)
		Expect(eachOutcome(t)).To(HaveEach("answered secondary"))
		for n := 1; n <= 7; n++ {
			client, _ := t.Timeline.Client(n)
			Expect(t.Timeline.Events[client.Started].Text).To(Equal(fmt.Sprintf("say hello (call %d)", n)))
			Expect(client.Start).To(BeNumerically("<", time.Millisecond))
			Expect(t.Timeline.Measures(n).Attempts).To(Equal(map[string]int{"primary": 1, "secondary": 1}))
			Expect(t.Timeline.Run.Calls[n-1].AtOnce).To(Equal(7))
		}
	})

	It("ask in the order of their numbers, so that the nth entry meets the nth call", func() {
		s := crowd(3, fakeprovider.Healthy{})
		s.Providers[0].OnRequest = []fakeprovider.Fault{
			fakeprovider.Healthy{}, fault.ServerError{}, fakeprovider.Healthy{},
		}
		s.UnreachedOK = true
		for range 20 {
			t := harness.RunScenario(s, harnesstest.NewPlain(harnesstest.Options{Retries: -1}))
			Expect(eachOutcome(t)).To(Equal([]string{"answered primary", "answered secondary", "answered primary"}),
				"%s", t.Timeline)
		}
	})

	It("come after those before them, and before those behind them", func() {
		s := crowd(2, fakeprovider.Healthy{})
		s.Calls = []scenarios.Call{scenarios.DefaultCall(), s.Calls[0], scenarios.DefaultCall()}
		s.Calls[2].After = time.Minute
		t := harness.RunScenario(s, harnesstest.Plain)
		Expect(t.Verdict()).To(Equal(assertions.Passed), "%s", t.Timeline)
		var prompts []string
		for i, c := range t.Timeline.Run.Calls {
			prompts = append(prompts, c.Prompt)
			Expect(t.Timeline.CallAttempts(i + 1)).To(HaveLen(1))
		}
		Expect(prompts).To(Equal([]string{"say hello", "say hello (call 2)", "say hello (call 3)", "say hello"}))
		before, _ := t.Timeline.Client(3)
		last, _ := t.Timeline.Client(4)
		Expect(last.Start - before.End).To(BeNumerically(">=", time.Minute))
	})

	It("have the same verdict in each of twenty runs, of an engine that is right and of one that waits "+
		"too long", func() {
		many := find("many-callers")
		for range 20 {
			Expect(harness.RunScenario(many, harnesstest.Plain).Verdict()).To(Equal(assertions.Passed))
			Expect(harness.RunScenario(many, harnesstest.NewPlain(harnesstest.Options{
				FirstContent: 6 * time.Minute,
			})).Verdict()).To(Equal(assertions.Failed))
		}
	})

	DescribeTable("fail if one of them does",
		func(wrong func(context.Context) error, says string) {
			t := harness.RunScenario(crowd(4, fakeprovider.Healthy{}), onlyCall(3, wrong))
			Expect(t.Verdict()).To(Equal(assertions.Failed), "%s", t.Timeline)
			Expect(message(t)).To(ContainSubstring(says))
			Expect([]string{eachOutcome(t)[0], eachOutcome(t)[1], eachOutcome(t)[3]}).To(HaveEach("answered primary"))
		},
		Entry("with an error", func(context.Context) error { return http.ErrAbortHandler }, "it failed"),
		Entry("with a panic", func(context.Context) error { panic("at the third") },
			"the engine panicked: at the third"),
		Entry("without a return", func(context.Context) error { <-make(chan int); return nil },
			"the call never returned: it was still running"),
		Entry("at its deadline", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			"hung: it was cut after 2h0m0s"),
		Entry("with an answer out of nowhere", func(context.Context) error { return nil }, "success without any text"),
	)

	It("are unknown together if one of them cannot be looked at", func() {
		t := harness.RunScenario(crowd(4, fakeprovider.Healthy{}),
			onlyCall(3, func(context.Context) error { return harness.CannotLook{Reason: "no glasses"} }))
		Expect(t.Verdict()).To(Equal(assertions.Unknown))
		Expect(message(t)).To(Equal("the harness could not look: no glasses"))
	})

	It("are unknown if the engine does not send their prompts", func() {
		t := harness.RunScenario(crowd(2, fakeprovider.Healthy{}), func(lab harness.Lab) harness.Target {
			plain := harnesstest.Plain(lab)
			return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
				req.Prompt = "something of my own"
				return plain.Call(ctx, req, emit)
			})
		})
		Expect(t.Verdict()).To(Equal(assertions.Unknown), "%s", t.Timeline)
		Expect(message(t)).To(ContainSubstring("2 requests cannot be told to belong to any of the calls"))
	})

	It("are told apart by their dials, if nobody hears their requests", func() {
		t := harness.RunScenario(crowd(5, fault.Refused{}), harnesstest.Plain)
		Expect(t.Verdict()).To(Equal(assertions.Passed), "%s\n%s", message(t), t.Timeline)
		for n := 1; n <= 5; n++ {
			Expect(t.Timeline.Measures(n).Attempts["primary"]).To(BeNumerically(">", 0))
		}
	})

	It("belong to the newest message, if the engine sends older ones", func() {
		t := harness.RunScenario(crowd(3, fakeprovider.Healthy{}), func(lab harness.Lab) harness.Target {
			plain := harnesstest.Plain(lab)
			return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
				req.Prompt = "say hello (call 1), (call 2) and (call 3)\n" + req.Prompt + " please"
				return plain.Call(ctx, req, emit)
			})
		})
		Expect(eachOutcome(t)).To(HaveEach("answered primary"))
	})

	It("know how many they are", func() {
		var told []int
		look := func(lab harness.Lab) harness.Target {
			told = append(told, lab.AtOnce())
			return harness.Skip{Reason: "it makes one call at a time"}
		}
		t := harness.RunScenario(crowd(9, fakeprovider.Healthy{}), look)
		Expect(t.Skipped()).To(Equal("it makes one call at a time"))
		harness.RunScenario(crowd(0, fakeprovider.Healthy{}), look)
		Expect(told).To(Equal([]int{9, 1}))
	})

	It("are a hundred", func() {
		t := harness.RunScenario(crowd(100, fault.ServerError{}),
			harnesstest.NewPlain(harnesstest.Options{Retries: -1}))
		Expect(t.Verdict()).To(Equal(assertions.Passed), message(t))
	})

	It("take accelerated time too", func() {
		t := harness.RunScenario(crowd(5, fault.NoResponse{}), harnesstest.Plain,
			harness.WithClock(harness.Accelerated(60)))
		Expect(eachOutcome(t)).To(HaveEach("answered secondary"), "%s", t.Timeline)
	})

	It("end with an interrupt", func() {
		start := time.Now()
		t := harness.RunScenario(crowd(5, fault.NoResponse{}), harnesstest.Plain, harness.WithClock(harness.Wall()),
			harness.WithContext(soon()))
		Expect(time.Since(start)).To(BeNumerically("<", 5*time.Second))
		Expect([]any{t.Interrupted, message(t)}).To(Equal([]any{true, "the harness could not look: interrupted"}))
	})

	It("are not made of a command, whose calls are its own", func() {
		t := harness.RunScenario(crowd(5, fakeprovider.Healthy{}), harnesstest.Plain, harness.WithClock(harness.Wall()),
			harness.WithOutside(harness.Outside{CallerUnseen: true}))
		Expect(t.Skipped()).To(ContainSubstring("5 calls are made at once"))
	})
})

var _ = Describe("a caller that hangs up", func() {
	hangUp := func(f fakeprovider.Fault, after time.Duration) scenarios.Scenario {
		s := scenarios.OfFault("hang-up", f)
		s.Calls[0].HangUp = after
		s.Expect = scenarios.Expecting(assertions.HangUp{Within: time.Second}, assertions.NoLeaks{})
		return s
	}

	It("ends the call, and the engine has a moment to return", func() {
		t := harness.RunScenario(hangUp(fault.HeartbeatOnly{}, 5*time.Second), harnesstest.Plain)
		Expect(t.Verdict()).To(Equal(assertions.Passed), "%s", t.Timeline)
		Expect(eachOutcome(t)).To(Equal([]string{"hung_up"}))
		client, _ := t.Timeline.Client(1)
		Expect([]any{client.End, client.Returned, client.Ending}).To(Equal([]any{
			5 * time.Second, 5 * time.Second, timeline.CallHungUp,
		}))
		Expect(t.Judgement.Words).To(Equal([]string{"hung_up"}))
	})

	It("does not, if the answer comes first", func() {
		s := hangUp(fakeprovider.Healthy{}, 5*time.Minute)
		s.Expect = scenarios.Expecting(assertions.Answer{From: "primary"})
		harness.RunScenario(s, harnesstest.Plain).Check(GinkgoT())
	})

	It("is looked at for a minute before the next call", func() {
		s := hangUp(fault.HeartbeatOnly{}, 5*time.Second)
		s.Calls = append(s.Calls, scenarios.Call{Prompt: "again", Stream: true, After: 90 * time.Second})
		t := harness.RunScenario(s, harnesstest.Plain)
		next, _ := t.Timeline.Client(2)
		Expect(next.Start).To(Equal(95*time.Second), "the pause before the next call is no longer for it")
	})

	It("fails an engine that panics at it", func() {
		t := harness.RunScenario(hangUp(fault.HeartbeatOnly{}, 5*time.Second),
			primary(func(ctx context.Context, _ harness.Upstream, _ func(harness.Delta)) error {
				<-ctx.Done()
				panic("nobody is there")
			}))
		Expect(t.Verdict()).To(Equal(assertions.Failed))
		Expect(message(t)).To(HavePrefix("the engine panicked: nobody is there in "))
	})

	It("fails an engine that never returns", func() {
		t := harness.RunScenario(hangUp(fault.HeartbeatOnly{}, 5*time.Second),
			primary(func(context.Context, harness.Upstream, func(harness.Delta)) error {
				<-make(chan int)
				return nil
			}))
		Expect(t.Verdict()).To(Equal(assertions.Failed))
		Expect(message(t)).To(ContainSubstring("still running 1m0s after it was cancelled"))
	})

	It("is seen in real time too", func() {
		t := harness.RunScenario(hangUp(fault.HeartbeatOnly{Every: time.Second}, 30*time.Second), harnesstest.Plain,
			harness.WithClock(harness.Accelerated(60)))
		Expect(eachOutcome(t)).To(Equal([]string{"hung_up"}))
		Expect(t.Verdict()).NotTo(Equal(assertions.Failed), "%s", t.Timeline)
	})

	It("may be one of many", func() {
		s := hangUp(fault.HeartbeatOnly{}, 5*time.Second)
		s.Calls[0].Count = 5
		t := harness.RunScenario(s, harnesstest.Plain)
		Expect(t.Verdict()).To(Equal(assertions.Passed), "%s", t.Timeline)
		Expect(eachOutcome(t)).To(Equal([]string{"hung_up", "hung_up", "hung_up", "hung_up", "hung_up"}))
	})

	It("is not the caller of a command", func() {
		t := harness.RunScenario(hangUp(fakeprovider.Healthy{}, time.Second), harnesstest.Plain,
			harness.WithClock(harness.Wall()), harness.WithOutside(harness.Outside{Contained: true}))
		Expect(t.Skipped()).To(ContainSubstring("it can only kill it"))
	})
})
