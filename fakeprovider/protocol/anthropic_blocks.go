package protocol

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// anthropicBlock is a content block or a piece of one. Each type of block uses some of the
// fields.
type anthropicBlock struct {
	Type        string          `json:"type"`
	Text        *string         `json:"text,omitzero"`
	Thinking    *string         `json:"thinking,omitzero"`
	Signature   *string         `json:"signature,omitzero"`
	ID          string          `json:"id,omitzero"`
	Name        *string         `json:"name,omitzero"`
	Input       json.RawMessage `json:"input,omitzero"`
	PartialJSON *string         `json:"partial_json,omitzero"`
}

// anthropicBlocks is the content of a message as it grows. Blocks come one after the other.
type anthropicBlocks struct {
	done []anthropicBlock
	// open is the kind of the open block, 0 for none; call is the index of its call.
	open    fakeprovider.FrameKind
	call    int
	current anthropicBlock
	text    strings.Builder
}

// begins reports whether a frame begins a block. It refuses a piece of a call whose block is
// closed.
func (b *anthropicBlocks) begins(f fakeprovider.Frame) (bool, error) {
	if f.Kind != fakeprovider.FrameToolCall {
		return b.open != f.Kind, nil
	}
	switch {
	case f.Tool == nil:
		return false, fakeprovider.ErrNoSuchFrame
	case f.Tool.Begins():
		return true, nil
	case b.open != fakeprovider.FrameToolCall || b.call != f.Tool.Index:
		return false, fmt.Errorf("%w: call %d is not the one that is open", fakeprovider.ErrNoSuchFrame, f.Tool.Index)
	}
	return false, nil
}

// openBlock begins a block for a frame, in the form of its first event.
func (e *anthropicEncoder) openBlock(f fakeprovider.Frame) anthropicBlock {
	b := &e.blocks
	b.open = f.Kind
	b.text.Reset()
	switch f.Kind { //nolint:exhaustive // the others are text
	case fakeprovider.FrameThinking:
		b.current = anthropicBlock{Type: "thinking", Thinking: new(""), Signature: new("")}
	case fakeprovider.FrameToolCall:
		id := f.Tool.ID
		if id == "" {
			id = "toolu_01" + draw(e.meta.Rand, base58, 22)
		}
		b.call = f.Tool.Index
		b.current = anthropicBlock{Type: "tool_use", ID: id, Name: &f.Tool.Name, Input: json.RawMessage("{}")}
	default:
		b.current = anthropicBlock{Type: "text", Text: new("")}
	}
	return b.current
}

// add appends a frame to the open block and returns its delta. The first piece of a call may have
// none.
func (b *anthropicBlocks) add(f fakeprovider.Frame) *anthropicBlock {
	switch f.Kind { //nolint:exhaustive // the others are text
	case fakeprovider.FrameThinking:
		b.text.WriteString(f.Text)
		return &anthropicBlock{Type: "thinking_delta", Thinking: &f.Text}
	case fakeprovider.FrameToolCall:
		if f.Tool.Begins() && f.Tool.ArgumentsPiece == "" {
			return nil
		}
		b.text.WriteString(f.Tool.ArgumentsPiece)
		return &anthropicBlock{Type: "input_json_delta", PartialJSON: &f.Tool.ArgumentsPiece}
	default:
		b.text.WriteString(f.Text)
		return &anthropicBlock{Type: "text_delta", Text: &f.Text}
	}
}

// closeBlock ends the open block, if there is one. Reasoning ends with a signature.
func (e *anthropicEncoder) closeBlock() []any {
	b := &e.blocks
	if b.open == 0 {
		return nil
	}
	var events []any
	text := b.text.String()
	switch b.open { //nolint:exhaustive // the others are text
	case fakeprovider.FrameThinking:
		signature := draw(e.meta.Rand, alphanum, signatureLength) + "=="
		b.current.Thinking, b.current.Signature = &text, &signature
		events = append(events, anthropicBlockDelta{
			Type: "content_block_delta", Index: len(b.done),
			Delta: anthropicBlock{Type: "signature_delta", Signature: &signature},
		})
	case fakeprovider.FrameToolCall:
		if text != "" {
			b.current.Input = json.RawMessage(text)
		}
	default:
		b.current.Text = &text
	}
	events = append(events, anthropicBlockStop{Type: "content_block_stop", Index: len(b.done)})
	b.done, b.open = append(b.done, b.current), 0
	return events
}

// signatureLength is about the length of the signature of a short reasoning.
const signatureLength = 342

// content returns the blocks of a message that is not streamed. There the arguments of a call are
// an object; others are ErrNoSuchFrame.
func (b *anthropicBlocks) content() ([]anthropicBlock, error) {
	for _, block := range b.done {
		if block.Type == "tool_use" && !json.Valid(block.Input) {
			return nil, fmt.Errorf("%w: arguments that are not JSON: %q", fakeprovider.ErrNoSuchFrame, block.Input)
		}
	}
	return append([]anthropicBlock{}, b.done...), nil
}
