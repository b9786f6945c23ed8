package protocol

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// The limits of a small deployment, per minute.
const (
	azureRequestLimit = 300
	azureTokenLimit   = 50_000
)

// azureHeader returns the header of every response. The counters move with the attempt.
func azureHeader(m fakeprovider.Meta) http.Header {
	return http.Header{
		"Strict-Transport-Security":      {"max-age=31536000; includeSubDomains; preload"},
		"apim-request-id":                {uuidOf(draw(m.Rand, hexDigits, 32))},
		"azureml-model-session":          {"v20260701-1-" + draw(m.Rand, digits, 9)},
		"x-accel-buffering":              {"no"},
		"x-content-type-options":         {"nosniff"},
		"x-ms-deployment-name":           {m.Request.Model},
		"x-ms-rai-invoked":               {"true"},
		"x-ms-region":                    {"East US 2"},
		"x-ratelimit-limit-requests":     {strconv.Itoa(azureRequestLimit)},
		"x-ratelimit-limit-tokens":       {strconv.Itoa(azureTokenLimit)},
		"x-ratelimit-remaining-requests": {strconv.Itoa(max(0, azureRequestLimit-m.Attempt))},
		"x-ratelimit-remaining-tokens":   {strconv.Itoa(max(0, azureTokenLimit-m.Request.InputTokens))},
		"x-request-id":                   {uuidOf(draw(m.Rand, hexDigits, 32))},
	}
}

// azurePage returns a page of the gateway in front of Azure.
func azurePage(status int) fakeprovider.Response {
	const server = "Microsoft-Azure-Application-Gateway/v2"
	return respond(status, http.Header{"Content-Type": {"text/html"}, "Server": {server}},
		sse.ErrorPage(status, server))
}

// azureSafe and azurePrompt are the verdicts of Azure's content filter on harmless text.
const (
	azureSafe = `{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},` +
		`"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}}`
	azurePrompt = `[{"prompt_index":0,"content_filter_results":` + azureSafe + `}]`
)

// azureOpening is the first chunk of every stream: the verdict on the prompt, and nothing else.
const azureOpening = `{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":` + azurePrompt +
	`}`

// azureReply is a chunk or a whole answer. Azure sorts its keys by the alphabet.
type azureReply struct {
	Choices             []azureChoice   `json:"choices"`
	Created             int64           `json:"created"`
	ID                  string          `json:"id"`
	Model               string          `json:"model"`
	Obfuscation         string          `json:"obfuscation,omitempty"`
	Object              string          `json:"object"`
	PromptFilterResults json.RawMessage `json:"prompt_filter_results,omitempty"`
	SystemFingerprint   nullable        `json:"system_fingerprint"`
	Usage               json.RawMessage `json:"usage,omitempty"`
}

type azureChoice struct {
	ContentFilterResults json.RawMessage            `json:"content_filter_results"`
	Delta                map[string]json.RawMessage `json:"delta,omitzero"`
	FinishReason         nullable                   `json:"finish_reason"`
	Index                int                        `json:"index"`
	Logprobs             *struct{}                  `json:"logprobs"`
	Message              map[string]json.RawMessage `json:"message,omitzero"`
}

// azureEncoder encodes OpenAI's chunks in Azure's form.
type azureEncoder struct {
	*openAIProfileEncoder

	opened bool // the verdict on the prompt has left
}

var (
	_ fakeprovider.Encoder = (*azureEncoder)(nil)
	_ fakeprovider.Opener  = (*azureEncoder)(nil)
)

// Encode returns the chunk of a frame. The first one has the verdict on the prompt before it.
func (e *azureEncoder) Encode(f fakeprovider.Frame) ([]byte, error) {
	data, err := e.openAIProfileEncoder.Encode(f)
	if err != nil || !e.meta.Request.Stream {
		return data, err
	}
	if !e.opened && e.chat.opened {
		e.opened = true
		data = append(sse.Event("", []byte(azureOpening)), data...)
	}
	return sse.CRLF(data), nil
}

// reply returns a chunk or a whole answer in Azure's form.
func (e *azureEncoder) reply(in openAIChunkRead) (any, error) {
	out := azureReply{
		Choices: []azureChoice{}, Created: in.Created, ID: in.ID, Model: in.Model, Obfuscation: in.Obfuscation,
		Object:            in.Object,
		SystemFingerprint: nullable(in.SystemFingerprint), Usage: alphabetical(in.Usage),
	}
	if !e.meta.Request.Stream {
		out.PromptFilterResults = json.RawMessage(azurePrompt)
	}
	for _, c := range in.Choices {
		choice := azureChoice{
			ContentFilterResults: json.RawMessage("{}"), Delta: inOrder(c.Delta), FinishReason: c.FinishReason,
			Index:   c.Index,
			Message: inOrder(c.Message),
		}
		// The filter has looked at content, but not at the opening and the end.
		if _, role := c.Delta["role"]; !role && c.FinishReason == "" || c.Message != nil {
			choice.ContentFilterResults = json.RawMessage(azureSafe)
		}
		out.Choices = append(out.Choices, choice)
	}
	return out, nil
}

// alphabetical returns a field with its keys sorted, also inside.
func alphabetical(field json.RawMessage) json.RawMessage {
	var names map[string]json.RawMessage
	var list []json.RawMessage
	var sorted any
	switch {
	case json.Unmarshal(field, &names) == nil && names != nil:
		sorted = inOrder(names)
	case json.Unmarshal(field, &list) == nil && list != nil:
		for i := range list {
			list[i] = alphabetical(list[i])
		}
		sorted = list
	default:
		return field
	}
	data, err := sse.Compact(sorted)
	if err != nil {
		return field
	}
	return data
}

// inOrder returns the same names with sorted values.
func inOrder(names map[string]json.RawMessage) map[string]json.RawMessage {
	for name, value := range names {
		names[name] = alphabetical(value)
	}
	return names
}

// azureFailure returns the body of an error after the head has left.
func azureFailure(p fakeprovider.Problem, m fakeprovider.Meta) []byte {
	return azureErrorBody(chooseEvent(azureErrors(), p, azureOther(p.Status)), p, m)
}
