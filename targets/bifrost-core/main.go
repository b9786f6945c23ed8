//go:build ignore

// The worker of Bifrost core: one custom provider per upstream, the others as the request's
// fallbacks. It is a module of its own: go.mod.txt and go.sum.txt are its go.mod and go.sum, and
// package worker is copied into it.
//
// TIMEOUT and RETRIES are the providers' network settings; "default" leaves them as they are.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"bifrostcore/worker"
	bifrost "github.com/maximhq/bifrost/core"
	"github.com/maximhq/bifrost/core/schemas"
)

func main() { worker.Main("bifrost core", "github.com/maximhq/bifrost/core", build) }

// An engine is Bifrost with the providers of a run.
type engine struct {
	*bifrost.Bifrost
	chain []worker.Upstream
}

func build(_ context.Context, run worker.Run) (worker.Engine, error) {
	for _, u := range run.Upstreams {
		if bases[u.Protocol] == "" {
			return nil, worker.Skip("this worker configures no provider for " + u.Protocol)
		}
	}
	made, err := bifrost.Init(context.Background(), schemas.BifrostConfig{
		Account: account(run.Upstreams),
		Logger:  bifrost.NewDefaultLogger(schemas.LogLevelWarn),
	})
	if err != nil {
		return nil, err
	}
	return engine{made, run.Upstreams}, nil
}

// Close lets Bifrost end.
func (e engine) Close() error {
	go e.Shutdown()
	return nil
}

// Call makes one call.
func (e engine) Call(ctx context.Context, c *worker.Call) (end worker.End, err error) {
	bctx, cancel := schemas.NewBifrostContextWithCancel(ctx)
	defer cancel()
	req := &schemas.BifrostChatRequest{Params: &schemas.ChatParameters{}}
	for _, m := range c.Messages {
		req.Input = append(req.Input, schemas.ChatMessage{
			Role: schemas.ChatMessageRole(m.Role), Content: &schemas.ChatMessageContent{ContentStr: &m.Content},
		})
	}
	if c.Tools != nil {
		if err := json.Unmarshal(c.Tools, &req.Params.Tools); err != nil {
			return end, err
		}
	}
	for i, u := range e.chain {
		if i == 0 {
			req.Provider, req.Model = schemas.ModelProvider(u.Name), u.Model
		} else {
			req.Fallbacks = append(req.Fallbacks, schemas.Fallback{
				Provider: schemas.ModelProvider(u.Name), Model: u.Model,
			})
		}
	}
	if !c.Stream {
		answer, failed := e.ChatCompletionRequest(bctx, req)
		if failed != nil {
			return end, problem(failed)
		}
		pieces(c, answer, &end)
		return end, nil
	}
	chunks, failed := e.ChatCompletionStreamRequest(bctx, req)
	if failed != nil {
		return end, problem(failed)
	}
	for chunk := range chunks {
		if chunk.BifrostError != nil {
			return end, problem(chunk.BifrostError)
		}
		if chunk.BifrostChatResponse != nil {
			pieces(c, chunk.BifrostChatResponse, &end)
		}
	}
	return end, ctx.Err()
}

// pieces gives the caller the pieces of an answer that are in a response, and keeps in end what it
// says of the end.
func pieces(call *worker.Call, r *schemas.BifrostChatResponse, end *worker.End) {
	if r.Model != "" {
		end.Model = r.Model
	}
	if r.Usage != nil {
		end.Usage = &worker.Usage{Input: r.Usage.PromptTokens, Output: r.Usage.CompletionTokens}
	}
	for _, c := range r.Choices {
		if c.FinishReason != nil {
			end.Finish = *c.FinishReason
		}
		var text, thought *string
		var tools []schemas.ChatAssistantMessageToolCall
		switch {
		case c.ChatStreamResponseChoice != nil && c.ChatStreamResponseChoice.Delta != nil:
			d := c.ChatStreamResponseChoice.Delta
			text, thought, tools = d.Content, d.Reasoning, d.ToolCalls
		case c.ChatNonStreamResponseChoice != nil && c.ChatNonStreamResponseChoice.Message != nil:
			m := c.ChatNonStreamResponseChoice.Message
			if m.Content != nil {
				text = m.Content.ContentStr
			}
			if m.ChatAssistantMessage != nil {
				tools = m.ChatAssistantMessage.ToolCalls
			}
		}
		call.Thinking(value(thought))
		call.Text(value(text))
		for _, t := range tools {
			call.Tool(worker.Tool{
				Index: int(t.Index), ID: value(t.ID), Name: value(t.Function.Name), Arguments: t.Function.Arguments,
			})
		}
	}
}

// value returns the text that p points to, "" if it is nil.
func value(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// problem returns what an error says.
func problem(err *schemas.BifrostError) error {
	told := &worker.Error{Text: "an error without a message", Type: "BifrostError"}
	if err.StatusCode != nil {
		told.Status = *err.StatusCode
	}
	if err.Error != nil {
		told.Text = err.Error.Message
		if err.Error.Error != nil {
			told.Text += ": " + err.Error.Error.Error()
		}
	}
	return told
}

// bases are the vendors whose wire a provider speaks.
var bases = map[string]schemas.ModelProvider{"openai-chat": schemas.OpenAI, "anthropic-messages": schemas.Anthropic}

// account configures one custom provider per upstream.
type account []worker.Upstream

// GetConfiguredProviders names the providers.
func (a account) GetConfiguredProviders() ([]schemas.ModelProvider, error) {
	var names []schemas.ModelProvider
	for _, u := range a {
		names = append(names, schemas.ModelProvider(u.Name))
	}
	return names, nil
}

// GetKeysForProvider returns the provider's only key.
func (a account) GetKeysForProvider(_ context.Context, name schemas.ModelProvider) ([]schemas.Key, error) {
	for _, u := range a {
		if u.Name == string(name) {
			return []schemas.Key{{
					ID: u.Name, Name: u.Name, Value: *schemas.NewSecretVar(u.Key), Models: schemas.WhiteList{"*"},
					Weight: 1,
				}},
				nil
		}
	}
	return nil, fmt.Errorf("no provider %s", name)
}

// GetConfigForProvider returns the provider's settings.
func (a account) GetConfigForProvider(name schemas.ModelProvider) (*schemas.ProviderConfig, error) {
	for _, u := range a {
		if u.Name == string(name) {
			return config(u)
		}
	}
	return nil, fmt.Errorf("no provider %s", name)
}

func config(u worker.Upstream) (*schemas.ProviderConfig, error) {
	c := &schemas.ProviderConfig{
		NetworkConfig: schemas.NetworkConfig{BaseURL: u.URL, AllowPrivateNetwork: true},
		CustomProviderConfig: &schemas.CustomProviderConfig{
			CustomProviderKey: u.Name, BaseProviderType: bases[u.Protocol],
		},
	}
	timeout, set, err := worker.Seconds("TIMEOUT")
	if err != nil {
		return nil, err
	}
	if set {
		c.NetworkConfig.DefaultRequestTimeoutInSeconds = int(timeout.Seconds())
		c.NetworkConfig.StreamIdleTimeoutInSeconds = int(timeout.Seconds())
	}
	if c.NetworkConfig.MaxRetries, _, err = worker.Number("RETRIES"); err != nil {
		return nil, err
	}
	c.CheckAndSetDefaults()
	return c, nil
}
