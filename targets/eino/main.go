//go:build ignore

// Eino's ChatModelAgent over its OpenAI model: ModelFailoverConfig asks the next provider after an
// error, and ModelRetryConfig repeats before that. It is a module of its own: go.mod.txt and
// go.sum.txt are its go.mod and go.sum, and package worker is copied into it.
//
//	TIMEOUT  is the model's, "default" leaves it as it is
//	RETRIES  is the maximum of ModelRetryConfig, "default" is without it
package main

import (
	"context"
	"errors"
	"io"

	"einogo/worker"
	"github.com/cloudwego/eino-ext/components/model/openai"
	"github.com/cloudwego/eino/adk"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/schema"
)

func main() { worker.Main("eino", "github.com/cloudwego/eino", build) }

// An engine is an agent without tools.
type engine struct{ agent adk.Agent }

func build(ctx context.Context, run worker.Run) (worker.Engine, error) {
	timeout, _, err := worker.Seconds("TIMEOUT")
	retries, bounded, err2 := worker.Number("RETRIES")
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	var models []model.BaseChatModel
	for _, u := range run.Upstreams {
		m, err := openai.NewChatModel(ctx, &openai.ChatModelConfig{
			APIKey: u.Key, BaseURL: u.BaseURL, Model: u.Model, Timeout: timeout,
		})
		if err != nil {
			return nil, err
		}
		models = append(models, m)
	}
	config := &adk.ChatModelAgentConfig{
		Name: "agent", Description: "answers", Model: models[0],
		ModelFailoverConfig: &adk.ModelFailoverConfig[*schema.Message]{
			MaxRetries:     uint(len(models) - 1),
			ShouldFailover: func(_ context.Context, _ *schema.Message, err error) bool { return err != nil },
			GetFailoverModel: func(_ context.Context,
				f *adk.FailoverContext[*schema.Message],
			) (model.BaseChatModel, []*schema.Message, error) {
				return models[f.FailoverAttempt], nil, nil
			},
		},
	}
	if bounded {
		config.ModelRetryConfig = &adk.ModelRetryConfig{MaxRetries: retries}
	}
	agent, err := adk.NewChatModelAgent(ctx, config)
	return engine{agent}, err
}

// Call makes one call. The agent has an event for each try. Eino leaves it to the client to start
// over when another one follows, and so does a client that can.
func (e engine) Call(ctx context.Context, call *worker.Call) (end worker.End, err error) {
	var messages []*schema.Message
	for _, m := range call.Messages {
		messages = append(messages, &schema.Message{Role: schema.RoleType(m.Role), Content: m.Content})
	}
	runner := adk.NewRunner(ctx, adk.RunnerConfig{Agent: e.agent, EnableStreaming: call.Stream})
	events := runner.Run(ctx, messages)
	delivered := false
	for {
		event, ok := events.Next()
		if !ok {
			return end, ctx.Err()
		}
		if event.Err != nil {
			return end, event.Err
		}
		if event.Output == nil || event.Output.MessageOutput == nil {
			continue
		}
		output := event.Output.MessageOutput
		if !output.IsStreaming {
			delivered = piece(call, output.Message, &end) || delivered
			continue
		}
		for first := true; ; {
			m, failed := output.MessageStream.Recv()
			if failed != nil {
				var again *adk.WillRetryError
				if !errors.Is(failed, io.EOF) && !errors.As(failed, &again) {
					return end, failed
				}
				break
			}
			if first && delivered {
				if !call.Restarts {
					return end, errors.New("the answer begins anew, and the caller cannot start over")
				}
				call.Restart()
			}
			first = false
			delivered = piece(call, m, &end) || delivered
		}
	}
}

// piece gives the caller a piece of an answer, keeps in end what it says of the end, and reports
// whether there was any.
func piece(call *worker.Call, m *schema.Message, end *worker.End) bool {
	call.Thinking(m.ReasoningContent)
	call.Text(m.Content)
	for i, t := range m.ToolCalls {
		if t.Index != nil {
			i = *t.Index
		}
		call.Tool(worker.Tool{Index: i, ID: t.ID, Name: t.Function.Name, Arguments: t.Function.Arguments})
	}
	if meta := m.ResponseMeta; meta != nil {
		if meta.FinishReason != "" {
			end.Finish = meta.FinishReason
		}
		if meta.Usage != nil {
			end.Usage = &worker.Usage{Input: meta.Usage.PromptTokens, Output: meta.Usage.CompletionTokens}
		}
	}
	return m.Content != "" || len(m.ToolCalls) > 0
}
