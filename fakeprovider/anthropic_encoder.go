package fakeprovider

import (
	"bytes"
	"net/http"
	"strings"
)

type anthropicMessage struct {
	Model        string           `json:"model"`
	ID           string           `json:"id"`
	Type         string           `json:"type"`
	Role         string           `json:"role"`
	Content      []anthropicBlock `json:"content"`
	StopReason   nullable         `json:"stop_reason"`
	StopSequence nullable         `json:"stop_sequence"`
	Usage        anthropicUsage   `json:"usage"`
}

type anthropicBlock struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type anthropicUsage struct {
	InputTokens              int `json:"input_tokens"`
	CacheCreationInputTokens int `json:"cache_creation_input_tokens"`
	CacheReadInputTokens     int `json:"cache_read_input_tokens"`
	CacheCreation            struct {
		Ephemeral5m int `json:"ephemeral_5m_input_tokens"`
		Ephemeral1h int `json:"ephemeral_1h_input_tokens"`
	} `json:"cache_creation"`
	OutputTokens int    `json:"output_tokens"`
	ServiceTier  string `json:"service_tier"`
}

// anthropicFinalUsage is the shorter form of message_delta.
type anthropicFinalUsage struct {
	InputTokens              int `json:"input_tokens"`
	CacheCreationInputTokens int `json:"cache_creation_input_tokens"`
	CacheReadInputTokens     int `json:"cache_read_input_tokens"`
	OutputTokens             int `json:"output_tokens"`
}

type anthropicStopDelta struct {
	StopReason   nullable `json:"stop_reason"`
	StopSequence nullable `json:"stop_sequence"`
}

// The events of a stream.
type (
	anthropicStart struct {
		Type    string           `json:"type"`
		Message anthropicMessage `json:"message"`
	}
	anthropicBlockStart struct {
		Type  string         `json:"type"`
		Index int            `json:"index"`
		Block anthropicBlock `json:"content_block"`
	}
	anthropicBlockDelta struct {
		Type  string         `json:"type"`
		Index int            `json:"index"`
		Delta anthropicBlock `json:"delta"`
	}
	anthropicBlockStop struct {
		Type  string `json:"type"`
		Index int    `json:"index"`
	}
	anthropicMessageDelta struct {
		Type  string              `json:"type"`
		Delta anthropicStopDelta  `json:"delta"`
		Usage anthropicFinalUsage `json:"usage"`
	}
	anthropicMessageStop struct {
		Type string `json:"type"`
	}
	anthropicErrorEvent struct {
		Type  string `json:"type"`
		Error struct {
			Details *struct{} `json:"details"`
			anthropicErrorFields
		} `json:"error"`
	}
)

// anthropicPing is the one event with a space after its colon and without padding.
const anthropicPing = "event: ping\ndata: {\"type\": \"ping\"}\n\n"

type anthropicEncoder struct {
	meta          Meta
	header        http.Header
	id, requestID string
	text          strings.Builder
	tokens        int
	// open says that a content block has begun.
	open bool
}

var _ Encoder = (*anthropicEncoder)(nil)

// Header returns the header of the whole response.
func (e *anthropicEncoder) Header() http.Header { return e.header }

// Encode returns the events of a frame.
func (e *anthropicEncoder) Encode(f Frame) ([]byte, error) {
	if f.Kind == FrameText {
		e.tokens++
	}
	if f.Kind == FrameError {
		return e.problem(f.problem())
	}
	if !e.meta.Request.Stream {
		return e.whole(f)
	}
	switch f.Kind {
	case FrameStart:
		message := e.message()
		message.Usage.OutputTokens = 1
		return e.events(anthropicStart{Type: "message_start", Message: message})
	case FrameText:
		return e.delta(f.Text)
	case FrameHeartbeat:
		return []byte(anthropicPing), nil
	case FrameComment:
		return sseComment(f.Text), nil
	case FrameFinish:
		return e.finish(f.Text)
	case FrameUsage: // message_delta has carried it
		return nil, nil
	case FrameDone:
		return e.events(anthropicMessageStop{Type: "message_stop"})
	case FrameThinking, FrameToolCall, FrameError:
	}
	return nil, ErrNoSuchFrame
}

// message is the whole message without content and stop reason.
func (e *anthropicEncoder) message() anthropicMessage {
	return anthropicMessage{
		Model: e.meta.Request.Model, ID: e.id, Type: "message", Role: "assistant", Content: []anthropicBlock{},
		Usage: anthropicUsage{InputTokens: e.meta.Request.InputTokens, OutputTokens: e.tokens, ServiceTier: "standard"},
	}
}

// delta is a piece of text. The first one opens the block, and a ping follows the opening as it does at the vendor's.
func (e *anthropicEncoder) delta(text string) ([]byte, error) {
	delta := anthropicBlockDelta{Type: "content_block_delta", Delta: anthropicBlock{Type: "text_delta", Text: text}}
	if e.open {
		return e.events(delta)
	}
	e.open = true
	opening, err := e.events(anthropicBlockStart{Type: "content_block_start", Block: anthropicBlock{Type: "text"}})
	if err != nil {
		return nil, err
	}
	first, err := e.events(delta)
	return append(append(opening, anthropicPing...), first...), err
}

func (e *anthropicEncoder) finish(reason string) ([]byte, error) {
	delta := anthropicMessageDelta{
		Type: "message_delta", Delta: anthropicStopDelta{StopReason: anthropicReason(reason)},
		Usage: anthropicFinalUsage{InputTokens: e.meta.Request.InputTokens, OutputTokens: e.tokens},
	}
	if !e.open {
		return e.events(delta)
	}
	e.open = false
	return e.events(anthropicBlockStop{Type: "content_block_stop"}, delta)
}

// anthropicReason is Anthropic's word for a reason of OpenAI's.
func anthropicReason(reason string) nullable {
	switch reason {
	case "", "stop":
		return "end_turn"
	case "length":
		return "max_tokens"
	case "tool_calls":
		return "tool_use"
	case "content_filter":
		return "refusal"
	default:
		return nullable(reason)
	}
}

// maxPadding is how many spaces are put before an event's last brace, to hide a token's length.
const maxPadding = 16

// events writes events, each named after its type and padded.
func (e *anthropicEncoder) events(list ...any) ([]byte, error) {
	var out []byte
	for _, event := range list {
		data, err := compact(event)
		if err != nil {
			return nil, err
		}
		name, _, _ := bytes.Cut(bytes.TrimPrefix(data, []byte(`{"type":"`)), []byte(`"`))
		padding := strings.Repeat(" ", e.meta.Rand.IntN(maxPadding))
		padded := append(append(data[:len(data)-1:len(data)-1], padding...), '}')
		out = append(out, sseEvent(string(name), padded)...)
	}
	return out, nil
}

// whole gathers the text of a response that is not streamed and lets it go with the finish frame.
func (e *anthropicEncoder) whole(f Frame) ([]byte, error) {
	switch f.Kind {
	case FrameText:
		e.text.WriteString(f.Text)
		return nil, nil
	case FrameStart, FrameHeartbeat, FrameComment, FrameUsage, FrameDone:
		return nil, nil
	case FrameFinish:
	case FrameThinking, FrameToolCall, FrameError:
		return nil, ErrNoSuchFrame
	}
	message := e.message()
	message.StopReason = anthropicReason(f.Text)
	if e.text.Len() > 0 {
		message.Content = []anthropicBlock{{Type: "text", Text: e.text.String()}}
	}
	return compact(message)
}

// problem is an error after the head has left: an event of a stream, or a body under the wrong status.
func (e *anthropicEncoder) problem(p Problem) ([]byte, error) {
	row := chooseEvent(anthropicErrors(), p, anthropicOther(p.Status))
	if !e.meta.Request.Stream {
		return anthropicErrorBody(row, p, e.meta, e.requestID), nil
	}
	event := anthropicErrorEvent{Type: "error"}
	event.Error.anthropicErrorFields = anthropicErrorFields{Type: row.kind, Message: row.fill(p, e.meta)}
	return e.events(event)
}
