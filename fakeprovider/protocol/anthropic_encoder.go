package protocol

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

type anthropicMessage struct {
	Model        string           `json:"model"`
	ID           string           `json:"id"`
	Type         string           `json:"type"`
	Role         string           `json:"role"`
	Content      []anthropicBlock `json:"content"`
	StopReason   nullable         `json:"stop_reason"`
	StopSequence nullable         `json:"stop_sequence"`
	StopDetails  *anthropicStop   `json:"stop_details,omitempty"`
	Usage        anthropicUsage   `json:"usage"`
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

// anthropicFinalUsage is the shorter usage of message_delta.
type anthropicFinalUsage struct {
	InputTokens              int `json:"input_tokens"`
	CacheCreationInputTokens int `json:"cache_creation_input_tokens"`
	CacheReadInputTokens     int `json:"cache_read_input_tokens"`
	OutputTokens             int `json:"output_tokens"`
}

type anthropicStopDelta struct {
	StopReason   nullable       `json:"stop_reason"`
	StopSequence nullable       `json:"stop_sequence"`
	StopDetails  *anthropicStop `json:"stop_details,omitempty"`
}

// anthropicStop explains a refusal.
type anthropicStop struct {
	Type        string `json:"type"`
	Category    string `json:"category"`
	Explanation string `json:"explanation"`
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
	meta          fakeprovider.Meta
	header        http.Header
	id, requestID string
	blocks        anthropicBlocks
	// refusal is the explanation of a refusal. Anthropic does not send it as content.
	refusal strings.Builder
	tokens  int
}

var _ fakeprovider.Encoder = (*anthropicEncoder)(nil)

// Header returns the header of the whole response.
func (e *anthropicEncoder) Header() http.Header { return e.header }

// Encode returns the events of a frame.
func (e *anthropicEncoder) Encode(f fakeprovider.Frame) ([]byte, error) {
	if f.Kind.IsContent() {
		e.tokens++
	}
	if f.Kind == fakeprovider.FrameError {
		return e.problem(f.Failure())
	}
	if !e.meta.Request.Stream {
		return e.whole(f)
	}
	switch f.Kind {
	case fakeprovider.FrameStart:
		message := e.message()
		message.Usage.OutputTokens = 1
		return e.events(anthropicStart{Type: "message_start", Message: message})
	case fakeprovider.FrameText, fakeprovider.FrameThinking, fakeprovider.FrameToolCall:
		return e.delta(f)
	case fakeprovider.FrameRefusal: // message_delta will carry it
		e.refusal.WriteString(f.Text)
		return nil, nil
	case fakeprovider.FrameHeartbeat:
		return []byte(anthropicPing), nil
	case fakeprovider.FrameComment:
		return sse.Comment(f.Text), nil
	case fakeprovider.FrameFinish:
		return e.finish(f.Text)
	case fakeprovider.FrameUsage: // message_delta has carried it
		return nil, nil
	case fakeprovider.FrameDone:
		return e.events(anthropicMessageStop{Type: "message_stop"})
	case fakeprovider.FrameError:
	}
	return nil, fakeprovider.ErrNoSuchFrame
}

// message returns the whole message without content and stop reason.
func (e *anthropicEncoder) message() anthropicMessage {
	return anthropicMessage{
		Model: e.meta.Request.Model, ID: e.id, Type: "message", Role: "assistant", Content: []anthropicBlock{},
		Usage: anthropicUsage{InputTokens: e.meta.Request.InputTokens, OutputTokens: e.tokens, ServiceTier: "standard"},
	}
}

// delta returns a piece of a block. The first piece opens the block, after the one before it is
// closed. A ping follows the opening of the first block, as it does at Anthropic.
func (e *anthropicEncoder) delta(f fakeprovider.Frame) ([]byte, error) {
	begins, err := e.blocks.begins(f)
	if err != nil {
		return nil, err
	}
	var opening []byte
	if begins {
		events := e.closeBlock()
		index := len(e.blocks.done)
		opening, err = e.events(append(events,
			anthropicBlockStart{Type: "content_block_start", Index: index, Block: e.openBlock(f)})...)
		if err != nil {
			return nil, err
		}
		if index == 0 {
			opening = append(opening, anthropicPing...)
		}
	}
	piece := e.blocks.add(f)
	if piece == nil {
		return opening, nil
	}
	delta, err := e.events(anthropicBlockDelta{Type: "content_block_delta", Index: len(e.blocks.done), Delta: *piece})
	return append(opening, delta...), err
}

// stop returns why the message ends. A refusal is the reason whatever the script says.
func (e *anthropicEncoder) stop(reason string) (nullable, *anthropicStop) {
	if e.refusal.Len() == 0 {
		return anthropicReason(reason), nil
	}
	return "refusal", &anthropicStop{Type: "refusal", Category: "reasoning_extraction", Explanation: e.refusal.String()}
}

// stoppedAt returns the stop sequence that ended the answer: the first that the client named.
func (e *anthropicEncoder) stoppedAt(reason nullable) nullable {
	notes, _ := e.meta.Request.Vendor.(anthropicNotes)
	if reason != "stop_sequence" || len(notes.stops) == 0 {
		return ""
	}
	return nullable(notes.stops[0])
}

func (e *anthropicEncoder) finish(reason string) ([]byte, error) {
	delta := anthropicMessageDelta{
		Type:  "message_delta",
		Usage: anthropicFinalUsage{InputTokens: e.meta.Request.InputTokens, OutputTokens: e.tokens},
	}
	delta.Delta.StopReason, delta.Delta.StopDetails = e.stop(reason)
	delta.Delta.StopSequence = e.stoppedAt(delta.Delta.StopReason)
	return e.events(append(e.closeBlock(), delta)...)
}

// anthropicReason returns Anthropic's word for a reason. Its own words (pause_turn,
// stop_sequence, …) stay as they are.
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

// maxPadding is how many spaces at most precede the last brace of an event, to hide the length of
// a token.
const maxPadding = 16

// events encodes events, each named after its type and padded.
func (e *anthropicEncoder) events(list ...any) ([]byte, error) {
	var out []byte
	for _, event := range list {
		data, err := sse.Compact(event)
		if err != nil {
			return nil, err
		}
		name, _, _ := bytes.Cut(bytes.TrimPrefix(data, []byte(`{"type":"`)), []byte(`"`))
		padding := strings.Repeat(" ", e.meta.Rand.IntN(maxPadding))
		padded := append(append(data[:len(data)-1:len(data)-1], padding...), '}')
		out = append(out, sse.Event(string(name), padded)...)
	}
	return out, nil
}

// whole gathers the content of a response that is not streamed. The finish frame returns it.
func (e *anthropicEncoder) whole(f fakeprovider.Frame) ([]byte, error) {
	switch f.Kind {
	case fakeprovider.FrameText, fakeprovider.FrameThinking, fakeprovider.FrameToolCall:
		_, err := e.delta(f)
		return nil, err
	case fakeprovider.FrameRefusal:
		e.refusal.WriteString(f.Text)
		return nil, nil
	case fakeprovider.FrameStart, fakeprovider.FrameHeartbeat, fakeprovider.FrameComment, fakeprovider.FrameUsage,
		fakeprovider.FrameDone:
		return nil, nil
	case fakeprovider.FrameFinish:
		return e.finished(f.Text)
	case fakeprovider.FrameError:
	}
	return nil, fakeprovider.ErrNoSuchFrame
}

// finished returns the whole message.
func (e *anthropicEncoder) finished(reason string) ([]byte, error) {
	e.closeBlock()
	content, err := e.blocks.content()
	if err != nil {
		return nil, err
	}
	message := e.message()
	message.Content = content
	message.StopReason, message.StopDetails = e.stop(reason)
	message.StopSequence = e.stoppedAt(message.StopReason)
	return sse.Compact(message)
}

// problem returns an error after the head has left: an event of a stream, or a body under the
// wrong status.
func (e *anthropicEncoder) problem(p fakeprovider.Problem) ([]byte, error) {
	if p.Shape != "" {
		return nil, noSuchShape(p.Shape)
	}
	row := chooseEvent(anthropicErrors(), p, anthropicOther(p.Status))
	if !e.meta.Request.Stream {
		return anthropicErrorBody(row, p, e.meta, e.requestID), nil
	}
	event := anthropicErrorEvent{Type: "error"}
	event.Error.anthropicErrorFields = anthropicErrorFields{Type: row.kind, Message: row.fill(p, e.meta)}
	return e.events(event)
}
