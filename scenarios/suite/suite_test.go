package suite_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"

	"github.com/chaosrun/chaosrun/assertions"
	. "github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestScenarios(t *testing.T) {
	RegisterFailHandler(Fail)
	suite, reporter := GinkgoConfiguration()
	if out, err := os.Stdout.Stat(); err != nil || out.Mode()&os.ModeCharDevice == 0 { // not a terminal
		reporter.Succinct, reporter.NoColor = true, true
	}
	RunSpecs(t, "scenarios", suite, reporter)
}

// policy returns a shipped policy, changed by turning the given knobs.
func policy(name string, turn ...func(*failover.Policy)) harness.Factory {
	GinkgoHelper()
	p, err := failover.FindPolicy(name)
	Expect(err).NotTo(HaveOccurred())
	for _, knob := range turn {
		knob(&p)
	}
	return target.Factory(p)
}

// An example to copy: the flagship written out by hand, with the built-in engine.
var _ = Describe("a primary that sends heartbeats and no token", func() {
	It("falls back in under 5 minutes rather than 15", func() {
		run := harness.Run(GinkgoT(), "heartbeat-only", policy("recommended"))
		Expect(run).To(HaveFallenBackWithin(5 * time.Minute))
		Expect(run).To(HaveAnsweredFrom("secondary"))
		Expect(run).To(HaveAttempted("primary", 1, 1))
		Expect(run).To(HaveClosedConnections("primary", time.Second))
		Expect(run).To(HaveLeakedNothing())
	})

	It("takes the engine of the report 15 minutes", func() {
		run := harness.Run(GinkgoT(), "heartbeat-only", policy("hermes-0.13"))
		Expect(run).NotTo(HaveFallenBackWithin(15 * time.Minute))
		Expect(run).To(HaveFallenBackWithin(16 * time.Minute))
		Expect(run).To(HaveAttempted("primary", 3, 3))
	})

	It("holds a bare SDK for ever", func() {
		// called inside virtual time
		run := harness.Run(GinkgoT(), "heartbeat-only", func(lab harness.Lab) harness.Target {
			primary := lab.Upstream("primary")
			client := openai.NewClient(option.WithBaseURL(primary.URL+"/v1"), option.WithAPIKey(primary.Key),
				option.WithHTTPClient(lab.HTTPClient()))
			return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
				stream := client.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{
					Model:    primary.Model,
					Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(req.Prompt)},
				})
				for stream.Next() {
					for _, choice := range stream.Current().Choices {
						emit(harness.Text(choice.Delta.Content))
					}
				}
				return errors.Join(stream.Err(), stream.Close())
			})
		})
		Expect(run).NotTo(HaveFallenBackWithin(time.Hour))
		Expect(run).NotTo(HaveFailedClearly())
	})
})

// A wrong engine that no knob describes: it relies on the errors of the vendor's SDK, which
// detects only the nested ones.
var _ = Describe("an error event of the Responses API, flat or nested", func() {
	It("is an empty answer for a bare SDK where it is flat", func() {
		// called inside virtual time
		run := harness.Run(GinkgoT(), "error-shapes-responses", func(lab harness.Lab) harness.Target {
			return harness.TargetFunc(func(ctx context.Context, req harness.Request,
				emit func(harness.Delta),
			) (err error) {
				for _, u := range lab.Upstreams() {
					client := openai.NewClient(option.WithBaseURL(u.URL+"/v1"), option.WithAPIKey(u.Key),
						option.WithHTTPClient(lab.HTTPClient()))
					stream := client.Responses.NewStreaming(ctx, responses.ResponseNewParams{
						Model: u.Model,
						Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(req.Prompt)},
					})
					for stream.Next() {
						if event := stream.Current(); event.Type == "response.output_text.delta" {
							emit(harness.Text(event.Delta))
						}
					}
					if err = errors.Join(stream.Err(), stream.Close()); err == nil {
						return nil
					}
				}
				return err
			})
		})
		outcome, _ := run.Timeline.Outcome(1)
		Expect(outcome).To(Equal(timeline.Empty))
		Expect(run).To(HaveAttempted("primary", 1, 1))
		Expect(run).To(HaveAttempted("secondary", 0, 0))
	})
})

// The catalogue against the engine: recommended passes every scenario. Every other policy fails
// exactly the scenarios it declares.
var _ = Describe("the catalogue", func() {
	for _, s := range scenarios.Catalogue() {
		for _, p := range failover.Policies() {
			fails := slices.Contains(p.Fails, s.Name)
			It(fmt.Sprintf("%s, %s, fails: %v", s.Name, p.Name, fails), func() {
				run := harness.RunScenario(s, policy(p.Name))
				if !fails {
					run.Check(GinkgoT())
				}
				Expect(run.Verdict()).To(Equal(map[bool]assertions.Verdict{
					true: assertions.Failed, false: assertions.Passed,
				}[fails]))
			})
		}
	}

	It("has nothing that recommended is declared to fail", func() {
		p, err := failover.FindPolicy("recommended")
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Fails).To(BeEmpty())
	})

	It("has no policy that declares a scenario which does not exist", func() {
		for _, p := range failover.Policies() {
			for _, name := range p.Fails {
				_, err := scenarios.Find(name)
				Expect(err).NotTo(HaveOccurred(), p.Name)
			}
		}
	})
})

// For every scenario there is an engine that fails it, with one wrong knob.
var _ = Describe("one wrong knob", func() {
	hairTrigger := func(d time.Duration) func(*failover.Policy) {
		return func(p *failover.Policy) { p.Watch.Stale = d }
	}
	// Without hedging the stale detector remains, whose knob is wrong.
	deaf := func(p *failover.Policy) { p.Hedge.After, p.Watch.Stale = 0, 0 }
	patient := func(p *failover.Policy) { p.Hedge.After, p.Watch.Stale = 0, 6*time.Minute }
	late := func(p *failover.Policy) { p.Hedge.After = 46 * time.Second }
	unreached := func(p *failover.Policy) {
		p.Hedge.After = 0
		p.Watch.KillReaches, p.Deadline = []string{failover.OpenAIChat}, 0
	}
	stubborn := func(reason failover.Reason) func(*failover.Policy) {
		return func(p *failover.Policy) {
			reasons := map[failover.Reason]failover.Handling{}
			maps.Copy(reasons, p.Reasons)
			delete(reasons, reason)
			p.Reasons = reasons
			p.Retry.Attempts, p.Retry.RetryAfter.Reasons = 3, nil
			p.Retry.Backoff = failover.Backoff{Base: 4 * time.Second, Cap: time.Minute}
		}
	}
	accept := func(p *failover.Policy) { p.Stream.AfterContent = failover.AfterAccept }
	endless := func(p *failover.Policy) { p.Deadline = 0 }
	credulous := func(p *failover.Policy) { p.Hedge.After, p.Watch.Progress = 0, failover.ProgressData }
	impatient := func(p *failover.Policy) { p.Hedge.After, p.Watch.Stale = 0, 42*time.Second }

	teeth := map[string]func(*failover.Policy){
		"heartbeat-only":             patient,
		"heartbeat-only-small":       patient,
		"heartbeat-only-medium":      patient,
		"heartbeat-only-tight":       late,
		"heartbeat-only-anthropic":   unreached,
		"silence-after-headers":      deaf,
		"no-response":                deaf,
		"slow-trickle":               endless,
		"mid-stream-drop":            accept,
		"mid-stream-drop-no-restart": accept,
		"rate-limited":               stubborn(failover.ReasonRateLimit),
		"rate-limited-retry-after":   stubborn(failover.ReasonRateLimit),
		"healthy":                    hairTrigger(300 * time.Millisecond),
		"slow-but-healthy":           hairTrigger(30 * time.Second),

		"heartbeat-only-gemini":           patient,
		"start-only-responses":            patient,
		"empty-deltas":                    credulous,
		"stale-call":                      func(p *failover.Policy) { p.Hedge.CallAfter = 0 },
		"bare-error-gemini":               accept,
		"error-after-content-gemini":      accept,
		"error-before-content":            stubborn(failover.ReasonServerError),
		"error-shapes-responses":          stubborn(failover.ReasonServerError),
		"overloaded":                      stubborn(failover.ReasonOverloaded),
		"server-error":                    stubborn(failover.ReasonServerError),
		"quota-exhausted":                 func(p *failover.Policy) { p.SDK.Retries = 2 },
		"early-end":                       func(p *failover.Policy) { p.Stream.AcceptTruncated = true },
		"empty-answer":                    func(p *failover.Policy) { p.Stream.AcceptEmpty = true },
		"html-inside-200":                 func(p *failover.Policy) { p.Stream.AcceptEmpty = true },
		"tool-call-truncated":             func(p *failover.Policy) { p.Stream.AcceptBadCalls = true },
		"finish-then-heartbeats":          func(p *failover.Policy) { p.Watch.AfterFinish = 0 },
		"comments-before-answer-gemini":   func(p *failover.Policy) { p.SDK.AsIs = true },
		"long-thinking":                   func(p *failover.Policy) { p.Watch.Attempt = 2 * time.Minute },
		"one-blip":                        func(p *failover.Policy) { p.Retry.EarlyReset = failover.EarlyReset{} },
		"very-slow-first-token":           impatient,
		"last-one-left":                   hairTrigger(150 * time.Second),
		"second-call":                     func(p *failover.Policy) { p.Memory.Cooldown = failover.Cooldown{} },
		"events-after-terminal-anthropic": func(p *failover.Policy) { p.Stream.AcceptAfterEnd = true },
		"replayed-prefix":                 func(p *failover.Policy) { p.Stream.AcceptRepeats = true },
		"model-refusal":                   func(p *failover.Policy) { p.Stream.FailFiltered = false },
		"primary-returns": func(p *failover.Policy) {
			p.Memory.Cooldown.Base, p.Memory.Cooldown.Cap = time.Hour, time.Hour
		},
		"many-callers":    patient,
		"caller-hangs-up": func(p *failover.Policy) { p.Watch.Attempt = 2 * time.Second },
		"shared-outage":   func(p *failover.Policy) { p.Hedge.After, p.Watch.Stale = 0, 100*time.Second },
	}
	for name, knob := range teeth {
		It("fails "+name, func() {
			run := harness.Run(GinkgoT(), name, policy("recommended", knob))
			Expect(run.Verdict()).To(Equal(assertions.Failed), "%s", run.Timeline)
		})
	}

	It("is there for every scenario", func() {
		for _, s := range scenarios.Catalogue() {
			Expect(teeth).To(HaveKey(s.Name))
		}
	})
})

// A single fault needs no scenario file.
var _ = Describe("a single fault", func() {
	It("is laid on a primary with a healthy fallback", func() {
		run := harness.Run(GinkgoT(), fault.MidStreamDrop{After: 3}, policy("recommended"))
		run.Check(GinkgoT())
		Expect(run).To(HaveAnsweredFrom("secondary"))
	})
})
