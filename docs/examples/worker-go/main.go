//go:build ignore

package main

import (
	"context"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"myengine/worker"
)

func main() { worker.Main("openai-go", "github.com/openai/openai-go/v3", build) }

type engine []worker.Upstream

func build(_ context.Context, run worker.Run) (worker.Engine, error) {
	return engine(run.Upstreams), nil
}

func (e engine) Call(ctx context.Context, c *worker.Call) (worker.End, error) {
	var problem error
	for _, u := range e {
		client := openai.NewClient(option.WithBaseURL(u.BaseURL), option.WithAPIKey(u.Key),
			option.WithRequestTimeout(2*time.Second))
		question := openai.ChatCompletionNewParams{
			Model: u.Model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(c.Prompt)},
		}
		stream := client.Chat.Completions.NewStreaming(ctx, question)
		for stream.Next() {
			for _, choice := range stream.Current().Choices {
				c.Text(choice.Delta.Content)
			}
		}
		if problem = stream.Err(); problem == nil {
			break
		}
	}
	return worker.End{}, problem
}
