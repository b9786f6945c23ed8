package failover_test

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/failover"
)

// anthropicSpeech numbers its blocks, of which one is open at a time.
type anthropicSpeech struct {
	model  string
	blocks int    // that were opened
	open   string // the type of the open one; empty: none
}

func (*anthropicSpeech) said(kind, fields string) string {
	return fmt.Sprintf("event: %[1]s\ndata: {\"type\":\"%[1]s\"%[2]s}\n\n", kind, fields)
}

// block opens a block of a type, unless it is of one that goes on.
func (s *anthropicSpeech) block(kind, fields string) string {
	if s.open == kind && kind != "tool_use" {
		return ""
	}
	ended := s.closes()
	s.open = kind
	s.blocks++
	return ended + s.said("content_block_start",
		fmt.Sprintf(`,"index":%d,"content_block":{"type":%q,%s}`, s.blocks-1, kind, fields))
}

func (s *anthropicSpeech) closes() string {
	if s.open == "" {
		return ""
	}
	s.open = ""
	return s.said("content_block_stop", fmt.Sprintf(`,"index":%d`, s.blocks-1))
}

func (s *anthropicSpeech) delta(kind, field, text string) string {
	return s.said("content_block_delta",
		fmt.Sprintf(`,"index":%d,"delta":{"type":%q,%q:%q}`, s.blocks-1, kind, field, text))
}

func (s *anthropicSpeech) begins() string {
	if s.blocks > 0 {
		return "" // it has begun
	}
	return s.said("message_start",
		fmt.Sprintf(
			`,"message":{"id":"1","type":"message","role":"assistant","model":%q,"content":[],"usage":{"input_tokens":5,"output_tokens":1}}`,
			s.model))
}

func (s *anthropicSpeech) text(text string) string {
	return s.block("text", `"text":""`) + s.delta("text_delta", "text", text)
}

func (s *anthropicSpeech) thinks(text string) string {
	return s.block("thinking", `"thinking":""`) + s.delta("thinking_delta", "thinking", text)
}

func (s *anthropicSpeech) calls(_ int, c failover.ToolCall, atOnce bool) []string {
	pieces := []string{s.block("tool_use", fmt.Sprintf(`"id":%q,"name":%q,"input":{}`, c.ID, c.Name))}
	if atOnce {
		return append(pieces, s.delta("input_json_delta", "partial_json", c.Arguments))
	}
	for _, half := range halves(c.Arguments) {
		pieces = append(pieces, s.delta("input_json_delta", "partial_json", half))
	}
	return pieces
}

func (*anthropicSpeech) reason(why ending) string {
	return [endings]string{
		stops: "end_turn", callsTools: "tool_use", getsTooLong: "max_tokens", isFiltered: "refusal",
		botchesCall: "tool_use",
	}[why]
}

func (s *anthropicSpeech) ends(why ending, counted bool) (events, last string) {
	usage := ""
	if counted {
		usage = `,"usage":{"output_tokens":7}`
	}
	events = s.closes() + s.said("message_delta", fmt.Sprintf(`,"delta":{"stop_reason":%q}%s`, s.reason(why), usage))
	return events, s.said("message_stop", "")
}

func (*anthropicSpeech) refuses(string) (events string, why ending) { return "", isFiltered }

func (s *anthropicSpeech) idles(event bool) string {
	if event {
		return s.block("text", `"text":""`) + s.delta("text_delta", "text", "")
	}
	return s.said("ping", "")
}

func (s *anthropicSpeech) malformed() string { return s.said("content_block_delta", "]") }

func (s *anthropicSpeech) problem(_, status int) string {
	words := [...]string{
		`"type":"rate_limit_error","message":"slow down"`, `"type":"overloaded_error","message":"Overloaded"`,
		`"type":"api_error","message":"Internal server error"`,
	}
	return s.said("error", `,"error":{`+words[trouble(status)]+`}`)
}

func (s *anthropicSpeech) whole(r reply, why ending, counted bool) string {
	var blocks []string
	if len(r.texts) > 0 {
		blocks = append(blocks, fmt.Sprintf(`{"type":"text","text":%q}`, r.text()))
	}
	for _, c := range r.calls {
		input := c.Arguments
		if !strings.HasSuffix(input, "}") {
			input = fmt.Sprintf("%q", input) // half an object would be half a document
		}
		blocks = append(blocks, fmt.Sprintf(`{"type":"tool_use","id":%q,"name":%q,"input":%s}`, c.ID, c.Name, input))
	}
	usage := ""
	if counted {
		usage = `,"usage":{"input_tokens":5,"output_tokens":7}`
	}
	return fmt.Sprintf(`{"id":"1","type":"message","role":"assistant","model":%q,"content":[%s],"stop_reason":%q%s}`,
		s.model, strings.Join(blocks, ","), s.reason(why), usage)
}
