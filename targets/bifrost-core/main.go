//go:build ignore

// The worker of Bifrost core: one custom provider per upstream, the others as the request's
// fallbacks. It speaks the worker protocol by hand, JSON lines on standard input and output, and is
// a module of its own: go.mod.txt and go.sum.txt are its go.mod and go.sum.
//
// TIMEOUT and RETRIES are the providers' network settings; "default" leaves them as they are.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	bifrost "github.com/maximhq/bifrost/core"
	"github.com/maximhq/bifrost/core/schemas"
)

// version is that of the module in go.mod.
const version = "bifrost core 1.7.11"

// An upstream is one provider of a run.
type upstream struct {
	Name     string `json:"name"`
	Protocol string `json:"protocol"`
	URL      string `json:"url"`
	Key      string `json:"key"`
	Model    string `json:"model"`
}

// A line is what chaosrun sends: a run, a call or a cancellation.
type line struct {
	Run *struct {
		Upstreams []upstream `json:"upstreams"`
	} `json:"run"`
	Call     int                   `json:"call"`
	Prompt   string                `json:"prompt"`
	Messages []schemas.ChatMessage `json:"messages"`
	Tools    []schemas.ChatTool    `json:"tools"`
	Stream   bool                  `json:"stream"`
	Cancel   int                   `json:"cancel"`
}

// A worker answers the calls of one run after the other.
type worker struct {
	mu      sync.Mutex // guards out and cancels
	out     *json.Encoder
	cancels map[int]context.CancelFunc

	engine *bifrost.Bifrost
	chain  []upstream
}

func main() {
	w := &worker{out: json.NewEncoder(os.Stdout), cancels: map[int]context.CancelFunc{}}
	os.Stdout = os.Stderr // Bifrost logs there
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var l line
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			fmt.Fprintln(os.Stderr, "a line that cannot be read:", err)
			os.Exit(1)
		}
		switch {
		case l.Run != nil:
			w.start(l.Run.Upstreams)
		case l.Call != 0:
			ctx, cancel := schemas.NewBifrostContextWithCancel(context.Background())
			w.mu.Lock()
			w.cancels[l.Call] = cancel
			w.mu.Unlock()
			go w.call(ctx, l)
		case l.Cancel != 0:
			w.mu.Lock()
			cancel := w.cancels[l.Cancel]
			w.mu.Unlock()
			if cancel != nil {
				cancel()
			}
		}
	}
}

// send writes one line.
func (w *worker) send(l map[string]any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.out.Encode(l)
}

// start builds a new engine for a run.
func (w *worker) start(chain []upstream) {
	for _, u := range chain {
		if bases[u.Protocol] == "" {
			w.send(map[string]any{"skip": "this worker configures no provider for " + u.Protocol})
			return
		}
	}
	engine, err := bifrost.Init(context.Background(), schemas.BifrostConfig{
		Account: account(chain),
		Logger:  bifrost.NewDefaultLogger(schemas.LogLevelWarn),
	})
	if err != nil {
		w.send(map[string]any{"error": err.Error(), "type": "init"})
		return
	}
	if w.engine != nil {
		go w.engine.Shutdown()
	}
	w.engine, w.chain = engine, chain
	w.send(map[string]any{"run": true, "engine": version})
}

// call makes one call and writes what its caller gets.
func (w *worker) call(ctx *schemas.BifrostContext, l line) {
	fail := func(err *schemas.BifrostError) {
		w.send(map[string]any{"call": l.Call, "error": message(err), "type": "BifrostError", "status": err.StatusCode})
	}
	defer func() {
		ctx.Cancel()
		w.mu.Lock()
		delete(w.cancels, l.Call)
		w.mu.Unlock()
	}()
	if len(l.Messages) == 0 {
		l.Messages = []schemas.ChatMessage{{Role: schemas.ChatMessageRoleUser, Content: &schemas.ChatMessageContent{ContentStr: &l.Prompt}}}
	}
	req := &schemas.BifrostChatRequest{Input: l.Messages, Params: &schemas.ChatParameters{Tools: l.Tools}}
	for i, u := range w.chain {
		if i == 0 {
			req.Provider, req.Model = schemas.ModelProvider(u.Name), u.Model
		} else {
			req.Fallbacks = append(req.Fallbacks, schemas.Fallback{Provider: schemas.ModelProvider(u.Name), Model: u.Model})
		}
	}
	end := map[string]any{"call": l.Call, "end": true}
	if !l.Stream {
		answer, err := w.engine.ChatCompletionRequest(ctx, req)
		if err != nil {
			fail(err)
			return
		}
		w.pieces(l.Call, answer, end)
		w.send(end)
		return
	}
	chunks, err := w.engine.ChatCompletionStreamRequest(ctx, req)
	if err != nil {
		fail(err)
		return
	}
	for chunk := range chunks {
		if chunk.BifrostError != nil {
			fail(chunk.BifrostError)
			return
		}
		if chunk.BifrostChatResponse != nil {
			w.pieces(l.Call, chunk.BifrostChatResponse, end)
		}
	}
	if ctx.Err() != nil {
		w.send(map[string]any{"call": l.Call, "error": ctx.Err().Error(), "type": "Cancelled"})
		return
	}
	w.send(end)
}

// pieces writes the pieces of an answer that are in a response, and keeps in end what it says of
// the end.
func (w *worker) pieces(call int, r *schemas.BifrostChatResponse, end map[string]any) {
	if r.Model != "" {
		end["model"] = r.Model
	}
	if r.Usage != nil {
		end["usage"] = map[string]int{"input": r.Usage.PromptTokens, "output": r.Usage.CompletionTokens}
	}
	for _, c := range r.Choices {
		if c.FinishReason != nil {
			end["finish"] = *c.FinishReason
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
		if thought != nil && *thought != "" {
			w.send(map[string]any{"call": call, "thinking": *thought})
		}
		if text != nil && *text != "" {
			w.send(map[string]any{"call": call, "text": *text})
		}
		for _, t := range tools {
			w.send(map[string]any{"call": call, "tool": map[string]any{"index": t.Index, "id": t.ID, "name": t.Function.Name, "arguments": t.Function.Arguments}})
		}
	}
}

// message says what an error says.
func message(err *schemas.BifrostError) string {
	if err.Error == nil {
		return "an error without a message"
	}
	if err.Error.Error != nil {
		return err.Error.Message + ": " + err.Error.Error.Error()
	}
	return err.Error.Message
}

// bases are the vendors whose wire a provider speaks.
var bases = map[string]schemas.ModelProvider{"openai-chat": schemas.OpenAI, "anthropic-messages": schemas.Anthropic}

// account configures one custom provider per upstream.
type account []upstream

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
			return []schemas.Key{{ID: u.Name, Name: u.Name, Value: *schemas.NewSecretVar(u.Key), Models: schemas.WhiteList{"*"}, Weight: 1}}, nil
		}
	}
	return nil, fmt.Errorf("no provider %s", name)
}

// GetConfigForProvider returns the provider's settings.
func (a account) GetConfigForProvider(name schemas.ModelProvider) (*schemas.ProviderConfig, error) {
	for _, u := range a {
		if u.Name == string(name) {
			return u.config()
		}
	}
	return nil, fmt.Errorf("no provider %s", name)
}

func (u upstream) config() (*schemas.ProviderConfig, error) {
	c := &schemas.ProviderConfig{
		NetworkConfig:        schemas.NetworkConfig{BaseURL: u.URL, AllowPrivateNetwork: true},
		CustomProviderConfig: &schemas.CustomProviderConfig{CustomProviderKey: u.Name, BaseProviderType: bases[u.Protocol]},
	}
	if text := os.Getenv("TIMEOUT"); text != "default" {
		timeout, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("TIMEOUT: %w", err)
		}
		c.NetworkConfig.DefaultRequestTimeoutInSeconds = int(timeout.Seconds())
		c.NetworkConfig.StreamIdleTimeoutInSeconds = int(timeout.Seconds())
	}
	if text := os.Getenv("RETRIES"); text != "default" {
		retries, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("RETRIES: %w", err)
		}
		c.NetworkConfig.MaxRetries = retries
	}
	c.CheckAndSetDefaults()
	return c, nil
}
