//go:build ignore

// The control row for Go on Anthropic's wire: the bare anthropic SDK, and a loop that asks the next
// provider if nothing was delivered. It is a module of its own: go.mod.txt and go.sum.txt are its
// go.mod and go.sum, and package worker is copied into it.
//
// TIMEOUT and RETRIES are the SDK's own, "default" leaves them as they are.
package main

import (
	"context"
	"errors"

	"anthropicgo/worker"
	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

func main() { worker.Main("anthropic-sdk-go", "github.com/anthropics/anthropic-sdk-go", build) }

// A provider is a client of one upstream.
type provider struct {
	anthropic.Client
	model string
}

// A chain asks the next provider if nothing was delivered.
type chain []provider

func build(_ context.Context, run worker.Run) (worker.Engine, error) {
	timeout, limited, err := worker.Seconds("TIMEOUT")
	retries, bounded, err2 := worker.Number("RETRIES")
	if err := errors.Join(err, err2); err != nil {
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
		c = append(c, provider{anthropic.NewClient(options...), u.Model})
	}
	return c, nil
}

// Call makes one call.
func (c chain) Call(ctx context.Context, call *worker.Call) (end worker.End, err error) {
	request := anthropic.MessageNewParams{MaxTokens: 1024}
	for _, m := range call.Messages {
		text := anthropic.NewTextBlock(m.Content)
		switch m.Role {
		case "system":
			request.System = append(request.System, anthropic.TextBlockParam{Text: m.Content})
		case "assistant":
			request.Messages = append(request.Messages, anthropic.NewAssistantMessage(text))
		default:
			request.Messages = append(request.Messages, anthropic.NewUserMessage(text))
		}
	}
	for _, p := range c {
		request.Model = anthropic.Model(p.model)
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
	if known, ok := errors.AsType[*anthropic.Error](err); ok {
		err = &worker.Error{Text: known.Error(), Type: "anthropic.Error", Status: known.StatusCode}
	}
	return end, err
}

// answer asks for an answer in one piece.
func (p provider) answer(ctx context.Context, call *worker.Call,
	request anthropic.MessageNewParams,
) (end worker.End, err error) {
	answer, err := p.Messages.New(ctx, request)
	if err != nil {
		return end, err
	}
	for _, block := range answer.Content {
		call.Thinking(block.Thinking)
		call.Text(block.Text)
	}
	return ending(answer), nil
}

// stream asks for a stream. The SDK's own accumulator puts the events together, as its README does.
func (p provider) stream(ctx context.Context, call *worker.Call,
	request anthropic.MessageNewParams,
) (end worker.End, delivered bool, err error) {
	stream := p.Messages.NewStreaming(ctx, request)
	defer stream.Close()
	var message anthropic.Message
	for stream.Next() {
		event := stream.Current()
		if err := message.Accumulate(event); err != nil {
			return ending(&message), delivered, err
		}
		switch e := event.AsAny().(type) {
		case anthropic.ContentBlockStartEvent:
			if e.ContentBlock.Type == "tool_use" {
				delivered = true
				call.Tool(worker.Tool{Index: int(e.Index), ID: e.ContentBlock.ID, Name: e.ContentBlock.Name})
			}
		case anthropic.ContentBlockDeltaEvent:
			delivered = delivered || e.Delta.Text != "" || e.Delta.PartialJSON != ""
			call.Thinking(e.Delta.Thinking)
			call.Text(e.Delta.Text)
			if e.Delta.PartialJSON != "" {
				call.Tool(worker.Tool{Index: int(e.Index), Arguments: e.Delta.PartialJSON})
			}
		}
	}
	return ending(&message), delivered, stream.Err()
}

// ending says what a message knows of its end.
func ending(m *anthropic.Message) worker.End {
	return worker.End{
		Finish: string(m.StopReason), Model: string(m.Model),
		Usage: &worker.Usage{Input: int(m.Usage.InputTokens), Output: int(m.Usage.OutputTokens)},
	}
}
