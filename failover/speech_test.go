package failover_test

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/failover"
)

// A speech writes one response in a protocol's words. It remembers what later events depend on.
type speech interface {
	writer
	damager
	// whole returns an answer that is not streamed.
	whole(r reply, why ending, counted bool) string
}

// A writer returns the events of a streamed answer.
type writer interface {
	begins() string
	text(s string) string
	thinks(s string) string
	// calls returns the nth tool call in the pieces in which it is sent, as few as possible if
	// atOnce.
	calls(n int, c failover.ToolCall, atOnce bool) []string
	// ends returns what ends the answer, and apart from it the last event, without which the answer
	// is none. If counted, it includes the usage, at vendors that report it.
	ends(why ending, counted bool) (events, last string)
	// refuses returns the model's refusal in its own words, and how the answer then ends. Some
	// vendors have no words for it, and only an end.
	refuses(words string) (events string, why ending)
}

// A damager returns events that are no part of an answer.
type damager interface {
	// idles keeps the stream open and says nothing: by the vendor's own ping, or by an event of the
	// answer that carries nothing.
	idles(event bool) string
	// malformed returns an event that is no JSON.
	malformed() string
	// problem returns an error in the middle of the stream, in one of the vendor's shapes.
	problem(shape int, status int) string
}

// A reply is what an answer has to say.
type reply struct {
	who     string // gives it
	texts   []string
	calls   []failover.ToolCall
	refusal string
}

func (r reply) text() string { return strings.Join(r.texts, "") }

// An ending is why an answer ends, in nobody's words.
type ending int

const (
	stops ending = iota
	callsTools
	getsTooLong
	isFiltered
	botchesCall // the provider's own judgement of the model's tool call
	endings
)

// familyOf is the protocol whose words a profile uses.
func familyOf(protocol string) string {
	if protocol == failover.OpenRouter || protocol == failover.AzureOpenAI {
		return failover.OpenAIChat
	}
	return protocol
}

// newSpeech begins a response of a model.
func newSpeech(protocol, model string) speech {
	switch familyOf(protocol) {
	case failover.AnthropicMessages:
		return &anthropicSpeech{model: model}
	case failover.OpenAIResponses:
		return &responsesSpeech{model: model}
	case failover.Gemini:
		return &geminiSpeech{model: model}
	}
	return &chatSpeech{model: model, pads: protocol != failover.OpenRouter}
}

// trouble is the kind of trouble that a status stands for: an index into the words that each vendor
// has for the three.
func trouble(status int) int {
	switch status {
	case 429:
		return 0
	case 502, 503, 529:
		return 1
	}
	return 2
}

// halves are two pieces of a text, the second of them not empty.
func halves(s string) []string { return []string{s[:len(s)/2], s[len(s)/2:]} }

// chatSpeech pads its chunks, no two of them alike, where the vendor does.
type chatSpeech struct {
	model  string
	pads   bool
	chunks int
}

func (s *chatSpeech) chunk(choice string) string {
	padding := ""
	if s.pads {
		s.chunks++
		padding = fmt.Sprintf(`,"obfuscation":"p%06d"`, s.chunks)
	}
	return fmt.Sprintf(
		"data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"model\":%q,\"choices\":[{\"index\":0,%s}]%s}\n\n",
		s.model, choice, padding)
}

func (s *chatSpeech) begins() string { return s.chunk(`"delta":{"role":"assistant","content":""}`) }

func (s *chatSpeech) text(text string) string {
	return s.chunk(fmt.Sprintf(`"delta":{"content":%q}`, text))
}

func (s *chatSpeech) thinks(text string) string {
	return s.chunk(fmt.Sprintf(`"delta":{"reasoning_content":%q}`, text))
}

func (s *chatSpeech) calls(n int, c failover.ToolCall, atOnce bool) []string {
	begins := func(arguments string) string {
		return s.chunk(fmt.Sprintf(
			`"delta":{"tool_calls":[{"index":%d,"id":%q,"type":"function","function":{"name":%q,"arguments":%q}}]}`,
			n, c.ID, c.Name, arguments))
	}
	if atOnce {
		return []string{begins(c.Arguments)}
	}
	pieces := []string{begins("")}
	for _, half := range halves(c.Arguments) {
		pieces = append(pieces,
			s.chunk(fmt.Sprintf(`"delta":{"tool_calls":[{"index":%d,"function":{"arguments":%q}}]}`, n, half)))
	}
	return pieces
}

func (*chatSpeech) reason(why ending) string {
	return [endings]string{
		stops: "stop", callsTools: "tool_calls", getsTooLong: "length", isFiltered: "content_filter",
		botchesCall: "tool_calls",
	}[why]
}

func (s *chatSpeech) ends(why ending, counted bool) (events, last string) {
	events = s.chunk(fmt.Sprintf(`"delta":{},"finish_reason":%q`, s.reason(why)))
	if counted {
		events += `data: {"id":"1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}` + "\n\n"
	}
	return events, "data: [DONE]\n\n"
}

func (s *chatSpeech) refuses(words string) (events string, why ending) {
	return s.chunk(fmt.Sprintf(`"delta":{"refusal":%q}`, words)), stops
}

func (s *chatSpeech) idles(event bool) string {
	if event {
		return s.chunk(`"delta":{"content":""}`)
	}
	return ": ping\n\n"
}

func (*chatSpeech) malformed() string { return "data: {]\n\n" }

func (s *chatSpeech) problem(shape, status int) string {
	words := [...]string{
		`"type":"rate_limit_error","message":"slow down"`, `"type":"overloaded_error","message":"Overloaded"`,
		`"type":"server_error","message":"The server had an error"`,
	}
	switch shape % 3 {
	case 1: // of a gateway, whose code is the status
		return fmt.Sprintf("data: {\"id\":\"1\",\"error\":{\"code\":%d,\"message\":\"Provider returned "+
			"error\"},\"choices\":[]}\n\n", status)
	case 2: // likewise, as the end of the answer
		return fmt.Sprintf("data: {\"id\":\"1\",\"error\":{\"code\":%d,\"message\":\"Provider "+
			"disconnected\"},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n",
			status)
	}
	return "data: {\"error\":{" + words[trouble(status)] + "}}\n\n"
}

func (s *chatSpeech) whole(r reply, why ending, counted bool) string {
	var calls []string
	for _, c := range r.calls {
		calls = append(calls,
			fmt.Sprintf(`{"id":%q,"type":"function","function":{"name":%q,"arguments":%q}}`, c.ID, c.Name, c.Arguments))
	}
	more := ""
	if counted {
		more = `,"usage":{"prompt_tokens":5,"completion_tokens":7}`
	}
	return fmt.Sprintf(
		`{"id":"1","object":"chat.completion","model":%q,"choices":[{"index":0,"message":{"role":"assistant","content":%q,"refusal":%q,"tool_calls":[%s]},"finish_reason":%q}]%s}`,
		s.model, r.text(), r.refusal, strings.Join(calls, ","), s.reason(why), more)
}
