//go:build ignore

// The control row for Go on Gemini's wire: the bare genai SDK, and a loop that asks the next
// provider if nothing was delivered. It is a module of its own: go.mod.txt and go.sum.txt are its
// go.mod and go.sum, and package worker is copied into it.
//
// TIMEOUT and RETRIES are the SDK's HTTPOptions, "default" leaves them as they are.
package main

import (
	"context"
	"encoding/json"
	"errors"

	"genaigo/worker"
	"google.golang.org/genai"
)

func main() { worker.Main("genai", "google.golang.org/genai", build) }

// A provider is a client of one upstream.
type provider struct {
	*genai.Client
	model string
}

// A chain asks the next provider if nothing was delivered.
type chain []provider

func build(ctx context.Context, run worker.Run) (worker.Engine, error) {
	timeout, limited, err := worker.Seconds("TIMEOUT")
	retries, bounded, err2 := worker.Number("RETRIES")
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	var c chain
	for _, u := range run.Upstreams {
		options := genai.HTTPOptions{BaseURL: u.BaseURL}
		if limited {
			options.Timeout = &timeout
		}
		if bounded {
			options.RetryOptions = &genai.HTTPRetryOptions{Attempts: genai.Ptr(int32(retries) + 1)}
		}
		client, err := genai.NewClient(ctx, &genai.ClientConfig{
			Backend: genai.BackendGeminiAPI, APIKey: u.Key, HTTPOptions: options,
		})
		if err != nil {
			return nil, err
		}
		c = append(c, provider{client, u.Model})
	}
	return c, nil
}

// Call makes one call.
func (c chain) Call(ctx context.Context, call *worker.Call) (end worker.End, err error) {
	var contents []*genai.Content
	var config genai.GenerateContentConfig
	for _, m := range call.Messages {
		switch m.Role {
		case "system":
			config.SystemInstruction = genai.NewContentFromText(m.Content, genai.RoleUser)
		case "assistant":
			contents = append(contents, genai.NewContentFromText(m.Content, genai.RoleModel))
		default:
			contents = append(contents, genai.NewContentFromText(m.Content, genai.RoleUser))
		}
	}
	for _, p := range c {
		delivered := false
		if call.Stream {
			for response, failed := range p.Models.GenerateContentStream(ctx, p.model, contents, &config) {
				if err = failed; err != nil {
					break
				}
				delivered = pieces(call, response, &end) || delivered
			}
		} else {
			var response *genai.GenerateContentResponse
			if response, err = p.Models.GenerateContent(ctx, p.model, contents, &config); err == nil {
				pieces(call, response, &end)
			}
		}
		if err == nil || delivered || ctx.Err() != nil {
			break
		}
	}
	if known, ok := errors.AsType[genai.APIError](err); ok {
		err = &worker.Error{Text: known.Error(), Type: "genai.APIError", Status: known.Code}
	}
	return end, err
}

// pieces gives the caller the pieces of an answer that are in a response, keeps in end what it says
// of the end, and reports whether there was any.
func pieces(call *worker.Call, r *genai.GenerateContentResponse, end *worker.End) (any bool) {
	if r.ModelVersion != "" {
		end.Model = r.ModelVersion
	}
	if r.UsageMetadata != nil {
		end.Usage = &worker.Usage{
			Input: int(r.UsageMetadata.PromptTokenCount), Output: int(r.UsageMetadata.CandidatesTokenCount),
		}
	}
	for _, candidate := range r.Candidates {
		if candidate.FinishReason != "" {
			end.Finish = string(candidate.FinishReason)
		}
		if candidate.Content == nil {
			continue
		}
		for i, part := range candidate.Content.Parts {
			switch {
			case part.FunctionCall != nil:
				arguments, _ := json.Marshal(part.FunctionCall.Args)
				call.Tool(worker.Tool{
					Index: i, ID: part.FunctionCall.ID, Name: part.FunctionCall.Name, Arguments: string(arguments),
				})
				any = true
			case part.Thought:
				call.Thinking(part.Text)
			default:
				call.Text(part.Text)
				any = any || part.Text != ""
			}
		}
	}
	return any
}
