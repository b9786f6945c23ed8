// Package engine is an engine of somebody who uses chaosrun, at versions of the SDKs that
// chaosrun's own engine has left behind.
package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"google.golang.org/genai"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

var errStalled = errors.New("no content for too long")

// engine asks one provider after the other, and leaves one that sends no content for half a minute.
func engine(lab harness.Lab) harness.Target {
	return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
		var errs []error
		for _, u := range lab.Upstreams() {
			delivered, err := ask(ctx, u, req.Prompt, emit)
			if err == nil {
				return nil
			}
			errs = append(errs, err)
			if delivered {
				break
			}
		}
		return errors.Join(errs...)
	})
}

func ask(ctx context.Context, u harness.Upstream, prompt string, emit func(harness.Delta)) (delivered bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(30*time.Second, func() { cancel(errStalled) })
	defer watchdog.Stop()
	show := func(text string) {
		if text != "" {
			watchdog.Reset(30 * time.Second)
			delivered = true
			emit(harness.Text(text))
		}
	}
	finished, err := false, error(nil)
	switch u.Protocol {
	case "openai-chat":
		finished, err = askOpenAI(ctx, u, prompt, show)
	case "anthropic-messages":
		finished, err = askAnthropic(ctx, u, prompt, show)
	case "gemini":
		finished, err = askGemini(ctx, u, prompt, show)
	default:
		err = errors.New("it does not speak " + u.Protocol)
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err == nil && !finished {
		err = errors.New("the stream ended before the answer did")
	}
	return delivered, err
}

func askOpenAI(ctx context.Context, u harness.Upstream, prompt string, show func(string)) (finished bool, err error) {
	client := openai.NewClient(option.WithBaseURL(u.URL+"/v1"), option.WithAPIKey(u.Key),
		option.WithHTTPClient(u.HTTPClient), option.WithMaxRetries(0))
	stream := client.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{
		Model: u.Model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(prompt)},
	})
	for stream.Next() {
		for _, choice := range stream.Current().Choices {
			show(choice.Delta.Content)
			finished = finished || choice.FinishReason != ""
		}
	}
	return finished, errors.Join(stream.Err(), stream.Close())
}

func askAnthropic(ctx context.Context, u harness.Upstream, prompt string,
	show func(string),
) (finished bool, err error) {
	client := anthropic.NewClient(anthropicoption.WithBaseURL(u.URL), anthropicoption.WithAPIKey(u.Key),
		anthropicoption.WithHTTPClient(u.HTTPClient), anthropicoption.WithMaxRetries(0))
	stream := client.Messages.NewStreaming(ctx, anthropic.MessageNewParams{
		Model: anthropic.Model(u.Model), MaxTokens: 100,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(prompt))},
	})
	for stream.Next() {
		e := stream.Current()
		show(e.Delta.Text)
		finished = finished || e.Type == "message_stop"
	}
	return finished, errors.Join(stream.Err(), stream.Close())
}

func askGemini(ctx context.Context, u harness.Upstream, prompt string, show func(string)) (finished bool, err error) {
	client, err := genai.NewClient(ctx, &genai.ClientConfig{
		APIKey: u.Key, Backend: genai.BackendGeminiAPI, HTTPClient: u.HTTPClient,
		HTTPOptions: genai.HTTPOptions{BaseURL: u.URL},
	})
	if err != nil {
		return false, err
	}
	for reply, err := range client.Models.GenerateContentStream(ctx, u.Model, genai.Text(prompt), nil) {
		if err != nil {
			return finished, err
		}
		show(reply.Text())
		finished = finished || len(reply.Candidates) > 0 && reply.Candidates[0].FinishReason != ""
	}
	return finished, nil
}

// The whole catalogue runs against it, and the flagship is passed.
func TestCatalogue(t *testing.T) {
	ran := 0
	for _, s := range scenarios.Catalogue() {
		trial := harness.RunScenario(s, engine)
		t.Logf("%s: %s", s.Name, trial.Verdict())
		if trial.Verdict() == assertions.Passed || trial.Verdict() == assertions.Failed {
			ran++
		}
	}
	if ran < len(scenarios.Catalogue())*9/10 {
		t.Errorf("%d of %d scenarios had a verdict", ran, len(scenarios.Catalogue()))
	}
	harness.Run(t, "heartbeat-only", engine).Check(t)
}
