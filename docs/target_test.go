package docs_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
)

// relay is the engine of WRITING_A_TARGET.md: it asks one provider after the other, and leaves one that sends no
// content for a while.
type relay struct {
	clients  []openai.Client
	models   []string
	patience time.Duration
}

var errStalled = errors.New("no content for too long")

// Call asks the providers in order until one of them has answered.
func (r relay) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	var errs []error
	for i := range r.clients {
		delivered, err := r.ask(ctx, i, req.Prompt, emit)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
		if delivered {
			emit(harness.Restart())
		}
	}
	return errors.Join(errs...)
}

// ask streams one provider's answer; delivered says whether any of it reached the caller.
func (r relay) ask(ctx context.Context, i int, prompt string, emit func(harness.Delta)) (delivered bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(r.patience, func() { cancel(errStalled) })
	defer watchdog.Stop()

	stream := r.clients[i].Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{
		Model: r.models[i], Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(prompt)},
	})
	finished := false
	for stream.Next() {
		for _, choice := range stream.Current().Choices {
			if choice.Delta.Content != "" {
				watchdog.Reset(r.patience)
				delivered = true
				emit(harness.Text(choice.Delta.Content))
			}
			finished = finished || choice.FinishReason != ""
		}
	}
	err = errors.Join(stream.Err(), stream.Close())
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err == nil && !finished {
		err = errors.New("the stream ended before the answer did") // which reads as success to the SDK
	}
	return delivered, err
}

// newRelay is the factory: it builds the engine inside the run's time, on the run's network.
func newRelay(lab harness.Lab) harness.Target {
	engine := relay{patience: 30 * time.Second}
	for _, u := range lab.Upstreams() {
		if u.Protocol != "openai-chat" {
			return harness.Skip{Reason: "it does not speak " + u.Protocol}
		}
		engine.models = append(engine.models, u.Model)
		engine.clients = append(engine.clients, openai.NewClient(
			option.WithBaseURL(u.URL+"/v1"), option.WithAPIKey(u.Key), option.WithHTTPClient(u.HTTPClient), option.WithMaxRetries(0)))
	}
	return engine
}

func TestRelayFallsBack(t *testing.T) {
	run := harness.Run(t, fault.HeartbeatOnly{}, newRelay)
	run.Check(t)
	g := gomega.NewWithT(t)
	g.Expect(run).To(assertions.HaveFallenBackWithin(31 * time.Second))
	g.Expect(run).To(assertions.HaveAttempted("primary", 1, 1))
	g.Expect(run).To(assertions.HaveAnsweredFrom("secondary"))
}

// weaknesses are the faults that a relay of a hundred lines does not withstand. A fault that it learns to withstand has to leave the list.
var weaknesses = []string{
	// Content flows, so a watchdog on content never bites: this engine needs a deadline too.
	"slow-trickle", "repetition",
	// It reads text and its end, and believes them.
	"duplicated-events", "replayed-prefix", "reordered-events", "empty-answer", "model-refusal", "tool-call-truncated", "tool-call-invalid-json", "tool-call-unknown",
	"tool-use-with-stop", "schema-drift",
}

// TestRelayHoldsEveryFault is the short way to begin: every named fault, laid on the primary.
func TestRelayHoldsEveryFault(t *testing.T) {
	for _, fault := range fault.All() {
		t.Run(fault.Name, func(t *testing.T) {
			run := harness.Run(t, fault.Default, newRelay)
			if !slices.Contains(weaknesses, fault.Name) {
				run.Check(t)
			} else if run.Verdict() != assertions.Failed {
				t.Errorf("got %s, want failed: has the engine learnt to cope with it?", run.Verdict())
			}
		})
	}
}

func TestRelaySkipsWhatItDoesNotSpeak(t *testing.T) {
	if run := harness.Run(t, "heartbeat-only-anthropic", newRelay); run.Verdict() != assertions.Skipped {
		t.Errorf("got %s, want skipped", run.Verdict())
	}
}
