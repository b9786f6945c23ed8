//go:build ignore

// The control row for Go: the bare openai SDK, and the loop that everybody writes first around it.
// "The next provider, if nothing was delivered": no watchdog, no memory of who failed. It is a
// module of its own: go.mod.txt and go.sum.txt are its go.mod and go.sum, and package worker is
// copied into it.
//
//	TIMEOUT and RETRIES  are the SDK's own, "default" leaves them as they are
//	GUARD                is the longest pause between pieces of content, "none" is no guard
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"openaigo/worker"
)

func main() { worker.Main("openai-go", "github.com/openai/openai-go/v3", build) }

// A provider is a client of one upstream.
type provider struct {
	openai.Client
	model string
	guard time.Duration
}

// A chain asks the next provider if nothing was delivered.
type chain []provider

func build(_ context.Context, run worker.Run) (worker.Engine, error) {
	timeout, limited, err := worker.Seconds("TIMEOUT")
	retries, bounded, err2 := worker.Number("RETRIES")
	var guard time.Duration
	var err3 error
	if text := os.Getenv("GUARD"); text != "none" {
		guard, err3 = time.ParseDuration(text)
	}
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	var c chain
	for _, u := range run.Upstreams {
		options := []option.RequestOption{option.WithBaseURL(u.BaseURL), option.WithAPIKey(u.Key)}
		if limited {
			options = append(options, option.WithRequestTimeout(timeout))
		}
		if bounded {
			options = append(options, option.WithMaxRetries(retries))
		}
		c = append(c, provider{openai.NewClient(options...), u.Model, guard})
	}
	return c, nil
}

// Call makes one call.
func (c chain) Call(ctx context.Context, call *worker.Call) (end worker.End, err error) {
	var request openai.ChatCompletionNewParams
	for _, m := range call.Messages {
		switch m.Role {
		case "system":
			request.Messages = append(request.Messages, openai.SystemMessage(m.Content))
		case "assistant":
			request.Messages = append(request.Messages, openai.AssistantMessage(m.Content))
		default:
			request.Messages = append(request.Messages, openai.UserMessage(m.Content))
		}
	}
	if call.Tools != nil {
		if err := json.Unmarshal(call.Tools, &request.Tools); err != nil {
			return end, err
		}
	}
	for _, p := range c {
		request.Model = p.model
		delivered := false
		if call.Stream {
			end, delivered, err = p.stream(ctx, call, request)
		} else {
			end, err = p.answer(ctx, call, request)
		}
		if err == nil || delivered || ctx.Err() != nil {
			break
		}
	}
	if known, ok := errors.AsType[*openai.Error](err); ok {
		err = &worker.Error{Text: known.Error(), Type: "openai.Error", Status: known.StatusCode}
	}
	return end, err
}

// answer asks for an answer in one piece.
func (p provider) answer(ctx context.Context, call *worker.Call,
	request openai.ChatCompletionNewParams,
) (end worker.End, err error) {
	answer, err := p.Chat.Completions.New(ctx, request)
	if err != nil {
		return end, err
	}
	if len(answer.Choices) > 0 {
		call.Text(answer.Choices[0].Message.Content)
		end.Finish = answer.Choices[0].FinishReason
	}
	end.Model = answer.Model
	end.Usage = &worker.Usage{Input: int(answer.Usage.PromptTokens), Output: int(answer.Usage.CompletionTokens)}
	return end, nil
}

// stream asks for a stream. The SDK's timeout is one for all of it; the guard is one for each
// pause.
func (p provider) stream(ctx context.Context, call *worker.Call,
	request openai.ChatCompletionNewParams,
) (end worker.End, delivered bool, err error) {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	content := func() {}
	if p.guard > 0 {
		timer := time.AfterFunc(p.guard, func() { giveUp(errors.New("no content for " + p.guard.String())) })
		defer timer.Stop()
		content = func() { timer.Reset(p.guard) }
	}
	request.StreamOptions.IncludeUsage = openai.Bool(true)
	stream := p.Chat.Completions.NewStreaming(ctx, request)
	defer stream.Close()
	for stream.Next() {
		chunk := stream.Current()
		if chunk.Model != "" {
			end.Model = chunk.Model
		}
		if chunk.Usage.TotalTokens > 0 {
			end.Usage = &worker.Usage{Input: int(chunk.Usage.PromptTokens), Output: int(chunk.Usage.CompletionTokens)}
		}
		for _, choice := range chunk.Choices {
			if choice.FinishReason != "" {
				end.Finish = choice.FinishReason
			}
			if choice.Delta.Content != "" {
				delivered = true
				content()
				call.Text(choice.Delta.Content)
			}
			for _, t := range choice.Delta.ToolCalls {
				delivered = true
				content()
				call.Tool(worker.Tool{
					Index: int(t.Index), ID: t.ID, Name: t.Function.Name, Arguments: t.Function.Arguments,
				})
			}
		}
	}
	if err := stream.Err(); err != nil {
		return end, delivered, err
	}
	return end, delivered, context.Cause(ctx)
}
