//go:build ignore

// Genkit for Go: one OpenAI-compatible plugin per provider, and its middleware Retry and Fallback.
// It is a module of its own: go.mod.txt and go.sum.txt are its go.mod and go.sum, and package
// worker is copied into it.
//
//	TIMEOUT and SDK_RETRIES  are those of the openai SDK below, "default" leaves them as they are
//	RETRIES                  is the maximum of Retry, "default" is its own, "none" is without it
package main

import (
	"context"
	"errors"
	"os"
	"slices"

	"genkitgo/worker"
	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/core/api"
	"github.com/firebase/genkit/go/core/status"
	"github.com/firebase/genkit/go/genkit"
	"github.com/firebase/genkit/go/plugins/compat_oai"
	"github.com/firebase/genkit/go/plugins/middleware"
	"github.com/openai/openai-go"
	"github.com/openai/openai-go/option"
)

func main() { worker.Main("genkit", "github.com/firebase/genkit/go", build) }

// An engine is Genkit with the options that every call has.
type engine struct {
	*genkit.Genkit
	options []ai.GenerateOption
}

func build(ctx context.Context, run worker.Run) (worker.Engine, error) {
	timeout, limited, err := worker.Seconds("TIMEOUT")
	sdkRetries, bounded, err2 := worker.Number("SDK_RETRIES")
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	var sdk []option.RequestOption
	if limited {
		sdk = append(sdk, option.WithRequestTimeout(timeout))
	}
	if bounded {
		sdk = append(sdk, option.WithMaxRetries(sdkRetries))
	}
	plugins := []api.Plugin{&middleware.Middleware{}}
	for _, u := range run.Upstreams {
		plugins = append(plugins, &compat_oai.OpenAICompatible{
			Provider: u.Name, APIKey: u.Key, BaseURL: u.BaseURL, Opts: sdk,
		})
	}
	g := genkit.Init(ctx, genkit.WithPlugins(plugins...))
	var models []ai.ModelRef
	for i, u := range run.Upstreams {
		model := plugins[i+1].(*compat_oai.OpenAICompatible).NewModel(u.Model, compat_oai.DefaultModelOptions())
		genkit.RegisterAction(g, model)
		models = append(models, ai.NewModelRef(model.Name(), nil))
	}
	use := []ai.Middleware{&middleware.Fallback{Models: models[1:]}}
	if os.Getenv("RETRIES") != "none" {
		retries, _, err := worker.Number("RETRIES")
		if err != nil {
			return nil, err
		}
		use = append(use, &middleware.Retry{MaxRetries: retries}) // 0 is its default
	}
	return engine{g, []ai.GenerateOption{ai.WithModel(models[0]), ai.WithUse(use...)}}, nil
}

// Call makes one call.
func (e engine) Call(ctx context.Context, call *worker.Call) (end worker.End, err error) {
	var messages []*ai.Message
	for _, m := range call.Messages {
		switch m.Role {
		case "system":
			messages = append(messages, ai.NewSystemTextMessage(m.Content))
		case "assistant":
			messages = append(messages, ai.NewModelTextMessage(m.Content))
		default:
			messages = append(messages, ai.NewUserTextMessage(m.Content))
		}
	}
	options := append(slices.Clone(e.options), ai.WithMessages(messages...))
	if call.Stream {
		options = append(options, ai.WithStreaming(func(_ context.Context, chunk *ai.ModelResponseChunk) error {
			call.Thinking(chunk.Reasoning())
			call.Text(chunk.Text())
			return nil
		}))
	}
	answer, err := genkit.Generate(ctx, e.Genkit, options...)
	if err != nil {
		told := &worker.Error{Text: err.Error(), Type: "genkit"}
		if name, ok := status.Classified(err); ok {
			told.Type = string(name)
		}
		if known, ok := errors.AsType[*openai.Error](err); ok {
			told.Status = known.StatusCode
		}
		return end, told
	}
	if !call.Stream {
		call.Text(answer.Text())
	}
	end.Finish = string(answer.FinishReason)
	if answer.Usage != nil {
		end.Usage = &worker.Usage{Input: answer.Usage.InputTokens, Output: answer.Usage.OutputTokens}
	}
	return end, nil
}
