package harness_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// conversation is a scenario whose caller has more to say than a prompt.
func conversation() scenarios.Scenario {
	s := scenarios.OfFault("conversation", fault.ServerError{})
	c := &s.Calls[0]
	c.System = "Be brief."
	c.Messages = []scenarios.Message{
		{Role: "user", Text: "How warm is it in Paris?"}, {Role: "assistant", Text: "20 degrees."},
	}
	c.Tools = []scenarios.Tool{{Name: "weather", Description: "The weather of a town."}}
	c.Prompt = "and in Rome?"
	return s
}

// forgets returns a plain engine that changes what it was asked.
func forgets(change func(*harness.Request)) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		plain := harnesstest.Plain(lab)
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			change(&req)
			return plain.Call(ctx, req, emit)
		})
	}
}

var _ = Describe("a conversation", func() {
	It("reaches the engine, and through it each provider in the vendor's own shape", func() {
		for _, protocol := range []string{"openai-chat", "openai-responses", "anthropic-messages", "gemini"} {
			t := harness.RunScenario(conversation(), harnesstest.Plain, harness.WithProtocols(protocol))
			Expect(t.Verdict()).To(Equal(assertions.Passed), "%s: %s\n%s", protocol, message(t), t.Timeline)
		}
	})

	It("is the engine's to keep and to change", func() {
		spoils := forgets(func(r *harness.Request) { r.Messages[0].Text, r.Tools[0].Name = "spoilt", "spoilt" })
		s := conversation()
		harness.RunScenario(s, spoils)
		Expect(s.Calls[0].Messages[0].Text).To(Equal("How warm is it in Paris?"))
		Expect(s.Calls[0].Tools[0].Name).To(Equal("weather"))
	})

	DescribeTable("fails an engine that loses a part of it",
		func(change func(*harness.Request), lacks string) {
			t := harness.RunScenario(conversation(), forgets(change))
			Expect(t.Verdict()).To(Equal(assertions.Failed), "%s", t.Timeline)
			var said []string
			for _, r := range t.Judgement.Results {
				said = append(said, r.Message)
			}
			Expect(said).To(ContainElement(HaveSuffix("its request lacks the " + lacks)))
		},
		Entry("what the model was told before", func(r *harness.Request) { r.System = "" }, "system prompt"),
		Entry("what was said before", func(r *harness.Request) { r.Messages = nil }, "conversation"),
		Entry("the first of what was said", func(r *harness.Request) { r.Messages = r.Messages[1:] }, "conversation"),
		Entry("the tools", func(r *harness.Request) { r.Tools = nil }, "tools"),
		Entry("all of it",
			func(r *harness.Request) { *r = harness.Request{Prompt: "hi", Stream: true, Restarts: true} },
			"prompt and system prompt and conversation and tools"),
	)

	It("is not for a command, which takes a prompt", func() {
		t := harness.RunScenario(conversation(), harnesstest.Plain, harness.WithClock(harness.Wall()),
			harness.WithOutside(harness.Outside{Contained: true}))
		Expect(t.Skipped()).To(ContainSubstring("a command takes a prompt alone"))
	})

	It("has what the caller is told in the end", func() {
		t := harness.RunScenario(scenarios.OfFault("end", fault.ServerError{}), func(harness.Lab) harness.Target {
			return harness.TargetFunc(func(_ context.Context, _ harness.Request, emit func(harness.Delta)) error {
				emit(harness.Model("some-model"))
				emit(harness.Finish("stop"))
				emit(harness.Usage(3, 5))
				return nil
			})
		})
		client, _ := t.Timeline.Client(1)
		Expect([]string{client.Model, client.Finish, client.Usage}).To(Equal([]string{
			"some-model", "stop", "3 in, 5 out",
		}))
	})
})
