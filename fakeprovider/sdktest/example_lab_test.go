package sdktest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	"google.golang.org/genai"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// These examples point the vendors' SDKs at a harness.Lab. What they share: the base URL, the key
// and the model are the upstream's, and the client is the upstream's too, because no other one
// reaches a provider in virtual time. Retries are off where the engine makes its own.

// healthy returns a scenario of one provider, with that protocol.
func healthy(protocol string) scenarios.Scenario {
	return scenarios.Scenario{
		Name: "healthy-" + protocol, Deadline: scenarios.DefaultDeadline,
		Providers: []scenarios.Provider{{
			Name: "primary", Protocol: protocol,
			OnRequest: []fakeprovider.Fault{fakeprovider.Healthy{Text: "hello from " + protocol}},
		}},
		Calls:  []scenarios.Call{scenarios.DefaultCall()},
		Expect: scenarios.Expecting(assertions.Answer{From: "primary"}, assertions.NoLeaks{}),
	}
}

// openai-go wants the version in its base URL.
func Example_openAI() {
	newTarget := func(lab harness.Lab) harness.Target {
		u := lab.Upstream("primary")
		client := openai.NewClient(
			openaioption.WithBaseURL(u.URL+"/v1"), openaioption.WithAPIKey(u.Key),
			openaioption.WithHTTPClient(u.HTTPClient),
			openaioption.WithMaxRetries(0))
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			stream := client.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{
				Model: u.Model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(req.Prompt)},
			})
			for stream.Next() {
				for _, choice := range stream.Current().Choices {
					emit(harness.Text(choice.Delta.Content))
				}
			}
			return errors.Join(stream.Err(), stream.Close())
		})
	}
	run := harness.RunScenario(healthy("openai-chat"), newTarget)
	fmt.Println(run.Verdict())
	// Output: passed
}

// anthropic-sdk-go adds the version itself.
func Example_anthropic() {
	newTarget := func(lab harness.Lab) harness.Target {
		u := lab.Upstream("primary")
		client := anthropic.NewClient(
			anthropicoption.WithBaseURL(u.URL), anthropicoption.WithAPIKey(u.Key),
			anthropicoption.WithHTTPClient(u.HTTPClient),
			anthropicoption.WithMaxRetries(0))
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			stream := client.Messages.NewStreaming(ctx, anthropic.MessageNewParams{
				Model: u.Model, MaxTokens: 100,
				Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(req.Prompt))},
			})
			for stream.Next() {
				if text := stream.Current().Delta.Text; text != "" {
					emit(harness.Text(text))
				}
			}
			return errors.Join(stream.Err(), stream.Close())
		})
	}
	run := harness.RunScenario(healthy("anthropic-messages"), newTarget)
	fmt.Println(run.Verdict())
	// Output: passed
}

// genai adds the version itself, and retries only if it is told to.
func Example_gemini() {
	newTarget := func(lab harness.Lab) harness.Target {
		u := lab.Upstream("primary")
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			client, err := genai.NewClient(ctx, &genai.ClientConfig{
				APIKey: u.Key, Backend: genai.BackendGeminiAPI, HTTPClient: u.HTTPClient,
				HTTPOptions: genai.HTTPOptions{BaseURL: u.URL},
			})
			if err != nil {
				return err
			}
			for chunk, err := range client.Models.GenerateContentStream(ctx, u.Model, genai.Text(req.Prompt), nil) {
				if err != nil {
					return err
				}
				emit(harness.Text(chunk.Text()))
			}
			return nil
		})
	}
	run := harness.RunScenario(healthy("gemini"), newTarget)
	fmt.Println(run.Verdict())
	// Output: passed
}
