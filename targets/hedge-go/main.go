//go:build ignore

// Hedged requests, written by hand over the openai SDK: if the first provider has no content after
// a while, the second is asked as well, and the first with content answers the call. The caller's
// side is guarded by a mutex that the winner holds until its stream ends, so that a loser waits in
// a lock while the winner waits for the network. It is a module of its own: go.mod.txt and
// go.sum.txt are its go.mod and go.sum, and package worker is copied into it.
//
//	HEDGE                is the pause before the next provider is asked
//	TIMEOUT and RETRIES  are the SDK's own, "default" leaves them as they are
package main

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"hedgego/worker"
)

func main() { worker.Main("hedge over openai-go", "github.com/openai/openai-go/v3", build) }

// A provider is a client of one upstream.
type provider struct {
	openai.Client
	model string
}

// An engine asks its providers one after the other, each after a pause.
type engine struct {
	providers []provider
	pause     time.Duration
}

func build(_ context.Context, run worker.Run) (worker.Engine, error) {
	pause, err0 := time.ParseDuration(os.Getenv("HEDGE"))
	timeout, limited, err := worker.Seconds("TIMEOUT")
	retries, bounded, err2 := worker.Number("RETRIES")
	if err := errors.Join(err0, err, err2); err != nil {
		return nil, err
	}
	e := engine{pause: pause}
	for _, u := range run.Upstreams {
		options := []option.RequestOption{option.WithBaseURL(u.BaseURL), option.WithAPIKey(u.Key)}
		if limited {
			options = append(options, option.WithRequestTimeout(timeout))
		}
		if bounded {
			options = append(options, option.WithMaxRetries(retries))
		}
		e.providers = append(e.providers, provider{openai.NewClient(options...), u.Model})
	}
	return e, nil
}

// A race is one call: its winner is who locks the mutex first.
type race struct {
	call    *worker.Call
	request openai.ChatCompletionNewParams

	mu  sync.Mutex
	won bool
}

// A result is that of one provider. lost says that another one has won.
type result struct {
	end       worker.End
	err       error
	delivered bool
	lost      bool
}

// Call makes one call.
func (e engine) Call(ctx context.Context, call *worker.Call) (worker.End, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &race{call: call}
	for _, m := range call.Messages {
		switch m.Role {
		case "system":
			r.request.Messages = append(r.request.Messages, openai.SystemMessage(m.Content))
		case "assistant":
			r.request.Messages = append(r.request.Messages, openai.AssistantMessage(m.Content))
		default:
			r.request.Messages = append(r.request.Messages, openai.UserMessage(m.Content))
		}
	}
	results := make(chan result, len(e.providers))
	pause := time.NewTimer(e.pause)
	defer pause.Stop()
	asked, open := 0, 0
	ask := func() {
		p := e.providers[asked]
		asked, open = asked+1, open+1
		pause.Reset(e.pause)
		go func() { results <- r.ask(ctx, p) }()
	}
	ask()
	var failures []error
	for {
		select {
		case got := <-results:
			open--
			if got.delivered || got.err == nil && !got.lost {
				return got.end, told(got.err)
			}
			if got.err != nil {
				failures = append(failures, got.err)
			}
			switch {
			case asked < len(e.providers):
				ask()
			case open == 0:
				return worker.End{}, told(failures[len(failures)-1])
			}
		case <-pause.C:
			if asked < len(e.providers) && r.mu.TryLock() { // nobody is answering
				r.mu.Unlock()
				ask()
			}
		}
	}
}

// told returns an error with what the caller is told of it.
func told(err error) error {
	if known, ok := errors.AsType[*openai.Error](err); ok {
		return &worker.Error{Text: known.Error(), Type: "openai.Error", Status: known.StatusCode}
	}
	return err
}

// ask asks one provider. With its first piece of content it locks the mutex, until its answer ends.
func (r *race) ask(ctx context.Context, p provider) (got result) {
	take := func() bool {
		if !got.delivered {
			r.mu.Lock()
			got.lost, got.delivered = r.won, !r.won
			r.won = true
			if got.lost {
				r.mu.Unlock()
			}
		}
		return got.delivered
	}
	defer func() {
		if got.delivered {
			r.mu.Unlock()
		}
	}()
	request := r.request
	request.Model = p.model
	if !r.call.Stream {
		answer, err := p.Chat.Completions.New(ctx, request)
		if got.err = err; err != nil || !take() {
			return got
		}
		if len(answer.Choices) > 0 {
			r.call.Text(answer.Choices[0].Message.Content)
			got.end.Finish = answer.Choices[0].FinishReason
		}
		got.end.Model = answer.Model
		got.end.Usage = &worker.Usage{Input: int(answer.Usage.PromptTokens), Output: int(answer.Usage.CompletionTokens)}
		return got
	}
	request.StreamOptions.IncludeUsage = openai.Bool(true)
	stream := p.Chat.Completions.NewStreaming(ctx, request)
	defer stream.Close()
	for stream.Next() {
		chunk := stream.Current()
		if chunk.Model != "" {
			got.end.Model = chunk.Model
		}
		if chunk.Usage.TotalTokens > 0 {
			got.end.Usage = &worker.Usage{
				Input: int(chunk.Usage.PromptTokens), Output: int(chunk.Usage.CompletionTokens),
			}
		}
		for _, choice := range chunk.Choices {
			if choice.FinishReason != "" {
				got.end.Finish = choice.FinishReason
			}
			if choice.Delta.Content == "" {
				continue
			}
			if !take() {
				return got
			}
			r.call.Text(choice.Delta.Content)
		}
	}
	got.err = stream.Err()
	return got
}
