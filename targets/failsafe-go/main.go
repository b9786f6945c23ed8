//go:build ignore

// failsafe-go as an http.RoundTripper below the openai SDK: per provider RetryPolicy and Timeout,
// and a Fallback that sends the request to the next provider. The SDK's own retries are off. It is
// a module of its own: go.mod.txt and go.sum.txt are its go.mod and go.sum, and package worker is
// copied into it.
//
// TIMEOUT is the Timeout of an attempt, "default" is none. RETRIES is the RetryPolicy's maximum,
// "default" leaves it as it is.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"failsafego/worker"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/fallback"
	"github.com/failsafe-go/failsafe-go/timeout"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

func main() { worker.Main("failsafe-go", "github.com/failsafe-go/failsafe-go", build) }

// An engine is a client that knows of one provider only: the others are in its transport.
type engine struct {
	openai.Client
	model string
}

func build(_ context.Context, run worker.Run) (worker.Engine, error) {
	patience, limited, err := worker.Seconds("TIMEOUT")
	retries, bounded, err2 := worker.Number("RETRIES")
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	var transport http.RoundTripper
	for i := len(run.Upstreams) - 1; i >= 0; i-- {
		retry := failsafehttp.NewRetryPolicyBuilder()
		if bounded {
			retry = retry.WithMaxRetries(retries)
		}
		h := hop{
			to: direct{run.Upstreams[i]}, next: transport, policies: []failsafe.Policy[*http.Response]{retry.Build()},
		}
		if limited {
			h.policies = append(h.policies, timeout.New[*http.Response](patience))
		}
		transport = h
	}
	first := run.Upstreams[0]
	client := openai.NewClient(option.WithBaseURL(first.BaseURL), option.WithAPIKey(first.Key),
		option.WithMaxRetries(0),
		option.WithHTTPClient(&http.Client{Transport: transport}))
	return engine{client, first.Model}, nil
}

// A hop is one provider behind its policies, and the one to fall back onto.
type hop struct {
	to       direct
	policies []failsafe.Policy[*http.Response]
	next     http.RoundTripper
}

// RoundTrip sends a request through the policies. The fallback comes after an error, and after a
// response that the RetryPolicy would have repeated.
func (h hop) RoundTrip(request *http.Request) (*http.Response, error) {
	policies := h.policies
	if h.next != nil {
		onto := fallback.NewBuilderWithFunc(func(exec failsafe.Execution[*http.Response]) (*http.Response, error) {
			if failed := exec.LastResult(); failed != nil {
				_ = failed.Body.Close()
			}
			body, err := request.GetBody()
			if err != nil {
				return nil, err
			}
			again := request.Clone(request.Context())
			again.Body = body
			return h.next.RoundTrip(again)
		}).HandleIf(func(response *http.Response, err error) bool {
			return err != nil || response.StatusCode == http.StatusTooManyRequests ||
				response.StatusCode >= http.StatusInternalServerError
		}).Build()
		policies = append([]failsafe.Policy[*http.Response]{onto}, policies...)
	}
	return failsafehttp.NewRoundTripper(h.to, policies...).RoundTrip(request)
}

// direct sends a request to one provider, with that one's address, key and model.
type direct struct{ worker.Upstream }

// RoundTrip sends it.
func (d direct) RoundTrip(request *http.Request) (*http.Response, error) {
	base, err := url.Parse(d.BaseURL)
	if err != nil {
		return nil, err
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	fields["model"], _ = json.Marshal(d.Model)
	if data, err = json.Marshal(fields); err != nil {
		return nil, err
	}
	sent := request.Clone(request.Context())
	sent.Body, sent.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	sent.URL.Scheme, sent.URL.Host, sent.Host = base.Scheme, base.Host, base.Host
	sent.URL.Path = strings.TrimSuffix(base.Path, "/") + "/chat/completions"
	sent.Header.Set("Authorization", "Bearer "+d.Key)
	return http.DefaultTransport.RoundTrip(sent)
}

// Call makes one call.
func (e engine) Call(ctx context.Context, call *worker.Call) (end worker.End, err error) {
	request := openai.ChatCompletionNewParams{Model: e.model}
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
	if call.Stream {
		end, err = e.stream(ctx, call, request)
	} else {
		end, err = e.answer(ctx, call, request)
	}
	if known, ok := errors.AsType[*openai.Error](err); ok {
		err = &worker.Error{Text: known.Error(), Type: "openai.Error", Status: known.StatusCode}
	}
	return end, err
}

// answer asks for an answer in one piece.
func (e engine) answer(ctx context.Context, call *worker.Call,
	request openai.ChatCompletionNewParams,
) (end worker.End, err error) {
	answer, err := e.Chat.Completions.New(ctx, request)
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

// stream asks for a stream.
func (e engine) stream(ctx context.Context, call *worker.Call,
	request openai.ChatCompletionNewParams,
) (end worker.End, err error) {
	request.StreamOptions.IncludeUsage = openai.Bool(true)
	stream := e.Chat.Completions.NewStreaming(ctx, request)
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
			call.Text(choice.Delta.Content)
			for _, t := range choice.Delta.ToolCalls {
				call.Tool(worker.Tool{
					Index: int(t.Index), ID: t.ID, Name: t.Function.Name, Arguments: t.Function.Arguments,
				})
			}
		}
	}
	return end, stream.Err()
}
