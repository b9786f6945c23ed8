package failover

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"google.golang.org/genai"
)

// gemini asks through go-genai.
type gemini struct {
	models *genai.Models
	model  string
	signs  bool // the model refuses calls of its own that come back unsigned
}

var _ client = gemini{}

// newGemini makes a client of Google's. It sets whatever go-genai would read from the environment,
// so that no foreign key reaches a wrong address.
func newGemini(p Provider, h *http.Client, sdk SDK) (client, error) {
	own := *h
	own.Transport = geminiTransport{next: h.Transport, anonymous: p.APIKey == "", asIs: sdk.AsIs}
	config := &genai.ClientConfig{
		APIKey: firstOf(p.APIKey, "none"), Backend: genai.BackendGeminiAPI, HTTPClient: &own,
		HTTPOptions: genai.HTTPOptions{BaseURL: strings.TrimSuffix(p.BaseURL, "/") + "/", APIVersion: "v1beta"},
	}
	if n := sdk.retries(p.Protocol); n > 0 {
		//nolint:gosec // a handful
		config.HTTPOptions.RetryOptions = &genai.HTTPRetryOptions{Attempts: new(int32(n) + 1)}
	}
	c, err := genai.NewClient(context.Background(), config)
	if err != nil {
		return nil, fmt.Errorf("%w: provider %q: %w", ErrConfig, p.Name, err)
	}
	return gemini{models: c.Models, model: p.Model, signs: strings.HasPrefix(bareModel(p.Model), "gemini-3")}, nil
}

func (c gemini) open(ctx context.Context, q question) stream {
	// Otherwise the SDK would itself ask for the rest of a stream that broke.
	config := &genai.GenerateContentConfig{AutomaticContinuation: new(false)}
	if q.system != "" {
		config.SystemInstruction = genai.NewContentFromText(q.system, genai.RoleUser)
	}
	if len(q.tools) > 0 {
		tools := &genai.Tool{}
		for _, t := range q.tools {
			tools.FunctionDeclarations = append(tools.FunctionDeclarations, &genai.FunctionDeclaration{
				Name: t.Name, Description: t.Description, ParametersJsonSchema: t.schema(),
			})
		}
		config.Tools = []*genai.Tool{tools}
	}
	body := &geminiBody{keep: !q.stream}
	ctx = context.WithValue(ctx, geminiBodyKey{}, body)
	contents := c.contents(q.messages)
	if !q.stream {
		var answer *genai.GenerateContentResponse
		err := recoverPanics(func() (err error) {
			answer, err = c.models.GenerateContent(ctx, c.model, contents, config)
			return err //nolint:wrapcheck // explain wants it as it is
		})
		return geminiAnswer(answer, body.causeOfAll(err))
	}
	next, stop := iter.Pull2(c.models.GenerateContentStream(ctx, c.model, contents, config))
	return &geminiStream{next: next, stop: stop, body: body}
}

// unsigned replaces the signature of a call that another model made
// (https://ai.google.dev/gemini-api/docs/thought-signatures).
const unsigned = "skip_thought_signature_validator"

// contents returns the conversation in Google's form. Neighbours of one role share one content,
// because roles take turns.
func (c gemini) contents(messages []Message) []*genai.Content {
	var all []*genai.Content
	names := toolNames(messages)
	add := func(role genai.Role, parts ...*genai.Part) {
		if last := len(all) - 1; last >= 0 && all[last].Role == string(role) {
			all[last].Parts = append(all[last].Parts, parts...)
			return
		}
		all = append(all, genai.NewContentFromParts(parts, role))
	}
	for _, m := range messages {
		switch m.Role {
		case RoleUser:
			add(genai.RoleUser, genai.NewPartFromText(m.Text))
		case RoleTool:
			result := genai.NewPartFromFunctionResponse(names[m.ToolCallID], geminiResult(m.Text))
			result.FunctionResponse.ID = m.ToolCallID
			add(genai.RoleUser, result)
		case RoleAssistant:
			if m.Text != "" || len(m.ToolCalls) == 0 {
				add(genai.RoleModel, genai.NewPartFromText(m.Text))
			}
			for i, call := range m.ToolCalls {
				part := genai.NewPartFromFunctionCall(call.Name, call.object())
				part.FunctionCall.ID = call.ID
				part.ThoughtSignature = c.signature(call, i == 0)
				add(genai.RoleModel, part)
			}
		}
	}
	return all
}

// signature returns the signature to send back with a call: the one that came with it. The first
// call of a turn needs one.
func (c gemini) signature(call ToolCall, first bool) []byte {
	if own, err := base64.StdEncoding.DecodeString(call.Signature); err == nil && len(own) > 0 {
		return own
	}
	if !c.signs || !first {
		return nil
	}
	placeholder, _ := base64.URLEncoding.DecodeString(unsigned) // the SDK encodes it again
	return placeholder
}

// geminiResult returns a tool's result as an object, which Google wants.
func geminiResult(text string) map[string]any {
	if isObject(text) {
		return ToolCall{Arguments: text}.object()
	}
	return map[string]any{"output": text}
}

// geminiStream pulls the chunks out of go-genai's iterator.
type geminiStream struct {
	next  func() (*genai.GenerateContentResponse, error, bool)
	stop  func()
	body  *geminiBody
	chunk *genai.GenerateContentResponse
	calls int
	err   error
}

// Next advances to the next chunk. The SDK would read on behind an error; here an error ends the
// stream.
func (s *geminiStream) Next() bool {
	if s.err != nil {
		return false
	}
	var chunk *genai.GenerateContentResponse
	var more bool
	err := recoverPanics(func() (err error) {
		chunk, err, more = s.next()
		return err
	})
	if !more || err != nil {
		s.err = s.body.cause(err)
		s.stop()
		return false
	}
	s.chunk, s.err = chunk, geminiBlocked(chunk)
	return s.err == nil
}

func (s *geminiStream) event() event { return geminiEvent(s.chunk, &s.calls) }

// Err returns the error that ended the stream early, or nil.
func (s *geminiStream) Err() error { return s.err }

// Close ends the iterator, and with it the body.
func (s *geminiStream) Close() error {
	s.stop()
	return nil
}

// recoverPanics returns a panic of go-genai as an error: the SDK panics on malformed lists.
func recoverPanics(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %v", errParse, v)
		}
	}()
	return f()
}

// geminiBlocked returns an error if the prompt was blocked, so that there is no answer at all.
func geminiBlocked(r *genai.GenerateContentResponse) error {
	if r.PromptFeedback == nil || r.PromptFeedback.BlockReason == "" || len(r.Candidates) > 0 {
		return nil
	}
	return &blockedError{string(r.PromptFeedback.BlockReason), r.PromptFeedback.BlockReasonMessage}
}

func geminiAnswer(r *genai.GenerateContentResponse, err error) *single {
	if err == nil {
		err = geminiBlocked(r)
	}
	if err != nil {
		return &single{err: err}
	}
	calls := 0
	return &single{one: geminiEvent(r, &calls), more: true}
}

// geminiEvent reads a chunk, or the whole answer. calls counts the answer's calls, which come
// whole.
func geminiEvent(r *genai.GenerateContentResponse, calls *int) event {
	e := event{model: r.ModelVersion}
	if u := r.UsageMetadata; u != nil {
		e.usage = Usage{int64(u.PromptTokenCount), int64(u.CandidatesTokenCount) + int64(u.ThoughtsTokenCount)}
	}
	if len(r.Candidates) == 0 || r.Candidates[0] == nil {
		return e
	}
	candidate := r.Candidates[0]
	if content := candidate.Content; content != nil {
		for _, part := range content.Parts {
			switch {
			case part.FunctionCall != nil:
				arguments, _ := json.Marshal(part.FunctionCall.Args) //nolint:errchkjson // it has just been read
				if part.FunctionCall.Args == nil {
					arguments = []byte("{}")
				}
				e.tools = append(e.tools, ToolPiece{
					Index: *calls, ID: part.FunctionCall.ID, Name: part.FunctionCall.Name, Arguments: string(arguments),
					Signature: base64.StdEncoding.EncodeToString(part.ThoughtSignature),
				})
				*calls++
			case part.Thought:
				e.thinking += part.Text
			default:
				e.text += part.Text
			}
		}
	}
	texts := []string{e.thinking, e.text}
	for _, call := range e.tools {
		texts = append(texts, call.Name, call.Arguments)
	}
	if text := strings.Join(texts, ""); text != "" && e.usage.Output > 0 {
		e.position = position{text, e.usage.Output}
	}
	if candidate.FinishReason != genai.FinishReasonUnspecified {
		e.finish, e.done = string(candidate.FinishReason), candidate.FinishReason != ""
	}
	return e
}

// explain reads go-genai's only error type. The SDK uses it for a response's status and for an
// event in a stream, and takes the status from the body.
func (gemini) explain(err error, f *AttemptError) bool {
	failed, ok := errors.AsType[genai.APIError](err)
	if !ok {
		return false
	}
	object, _ := json.Marshal(failed) //nolint:errchkjson // it was read from JSON
	if f.responded < http.StatusBadRequest {
		f.streamError(object)
		return true
	}
	f.Kind, f.Status = FailureHTTPStatus, f.responded
	f.readError(object)
	return true
}
