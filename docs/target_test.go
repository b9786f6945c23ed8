package docs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// relay is the engine of WRITING_A_TARGET.md: it asks one provider after the other, and leaves one
// that sends no content for a while.
type relay struct {
	providers []harness.Upstream
	patience  time.Duration
}

var errStalled = errors.New("no content for too long")

// Call asks the providers in order until one of them has answered.
func (r relay) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	var errs []error
	for _, u := range r.providers {
		delivered, err := r.ask(ctx, u, req.Prompt, emit)
		if err == nil {
			return nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", u.Name, err))
		if ctx.Err() != nil || delivered && !req.Restarts {
			break
		}
		if delivered {
			emit(harness.Restart())
		}
	}
	return errors.Join(errs...)
}

// ask streams one provider's answer; delivered says whether any of it reached the caller.
func (r relay) ask(ctx context.Context, u harness.Upstream, prompt string,
	emit func(harness.Delta),
) (delivered bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(r.patience, func() { cancel(errStalled) })
	defer watchdog.Stop()
	finished, err := stream(ctx, u, prompt, func(text string) {
		watchdog.Reset(r.patience)
		delivered = true
		emit(harness.Text(text))
	})
	switch cause := context.Cause(ctx); {
	case finished:
		return delivered, nil
	case cause != nil:
		return delivered, cause
	case err == nil:
		err = errors.New("the stream ended before the answer did")
	}
	return delivered, err
}

// stream calls show for each piece of an answer; finished says that the provider has called it
// whole.
func stream(ctx context.Context, u harness.Upstream, prompt string, show func(string)) (finished bool, err error) {
	body := fmt.Sprintf(`{"model": %q, "stream": true, "messages": [{"role": "user", "content": %q}]}`, u.Model, prompt)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.URL+"/v1/chat/completions", strings.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Bearer "+u.Key)
	res, err := u.HTTPClient.Do(req)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return false, errors.New(res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<22)
	for !finished && lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || data == "[DONE]" {
			continue
		}
		var chunk struct {
			Error   any `json:"error"`
			Choices []struct {
				Delta struct {
					Content string `json:"content"`
				} `json:"delta"`
				Reason string `json:"finish_reason"`
			} `json:"choices"`
		}
		if err := json.Unmarshal([]byte(data), &chunk); err != nil {
			return false, err
		}
		if chunk.Error != nil {
			return false, fmt.Errorf("the provider says %v", chunk.Error)
		}
		for _, choice := range chunk.Choices {
			if choice.Delta.Content != "" {
				show(choice.Delta.Content)
			}
			finished = choice.Reason != ""
		}
	}
	return finished, lines.Err()
}

// newRelay is the factory: it builds the engine inside the run's time, on the run's network.
func newRelay(lab harness.Lab) harness.Target {
	for _, u := range lab.Upstreams() {
		if u.Protocol != "openai-chat" {
			return harness.Skip{Reason: "it does not speak " + u.Protocol}
		}
	}
	patience := time.Duration(float64(30*time.Second) * lab.Scale())
	return relay{providers: lab.Upstreams(), patience: patience}
}

func TestRelayFallsBack(t *testing.T) {
	run := harness.Run(t, "heartbeat-only", newRelay, harness.WithProtocols("openai-chat"))
	run.Check(t)
	g := gomega.NewWithT(t)
	g.Expect(run).To(assertions.HaveFallenBackWithin(31 * time.Second))
	g.Expect(run).To(assertions.HaveAttempted("primary", 1, 1))
	g.Expect(run).To(assertions.HaveAnsweredFrom("secondary"))
	harness.Run(t, fault.HeartbeatOnly{}, newRelay).Check(t)
}

func TestRelayIsATarget(t *testing.T) {
	harnesstest.Accept(t, newRelay)
}

// weaknesses are the faults that a relay of a hundred lines does not withstand. A fault that it
// learns to withstand has to leave the list.
var weaknesses = []string{
	// Content flows, so a watchdog on content never bites: this engine needs a deadline too.
	"slow-trickle", "repetition",
	// It reads text and its end, and believes them.
	"duplicated-events", "replayed-prefix", "reordered-events", "empty-answer", "model-refusal", "tool-call-truncated",
	"tool-call-invalid-json", "tool-call-unknown",
	"tool-use-with-stop",
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
	for _, s := range scenarios.Catalogue() {
		run := harness.RunScenario(s, newRelay, harness.WithProtocols("openai-chat"))
		// thinking is in no answer of this protocol
		another := slices.Contains(s.Tags, "wire") || s.Name == "long-thinking"
		if skipped := run.Verdict() == assertions.Skipped; skipped != another {
			t.Errorf("%s: %s %s", s.Name, run.Verdict(), run.Skipped())
		}
	}
}
