package protocol

import (
	"fmt"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// responsesNames are the names of a kind of frame on the wire: the event of its pieces, the event
// of the whole part, and the type of the part.
func responsesNames(kind fakeprovider.FrameKind) (piece, part, partType string) {
	switch kind { //nolint:exhaustive // the others have no parts
	case fakeprovider.FrameRefusal:
		return "response.refusal", "response.content_part", "refusal"
	case fakeprovider.FrameThinking:
		return "response.reasoning_summary_text", "response.reasoning_summary_part", "summary_text"
	default:
		return "response.output_text", "response.content_part", "output_text"
	}
}

// piece returns a piece of text, refusal or reasoning. It opens its part and its item if
// necessary, and closes what was open before.
func (e *openAIResponsesEncoder) piece(kind fakeprovider.FrameKind, text string) []responsesEvent {
	name, _, _ := responsesNames(kind)
	var events []responsesEvent
	if e.open != kind {
		events = e.openPart(kind)
	}
	e.text.WriteString(text)
	delta := e.place(responsesEvent{Type: name + ".delta", Delta: &text})
	if kind == fakeprovider.FrameText {
		delta.Logprobs = []struct{}{}
	}
	return append(events, delta)
}

func (e *openAIResponsesEncoder) openPart(kind fakeprovider.FrameKind) []responsesEvent {
	item := responsesItem{
		Type: responsesMessage, Status: responsesInProgress, Content: []responsesPart{}, Role: "assistant",
	}
	prefix := "msg"
	if kind == fakeprovider.FrameThinking {
		item, prefix = responsesItem{Type: responsesReasoning, Summary: []responsesPart{}}, "rs"
	}
	var events []responsesEvent
	if e.item.Type == item.Type {
		events = e.closePart()
	} else {
		item.ID = e.itemID(prefix)
		events = e.openItem(item)
	}
	e.open = kind
	e.text.Reset()
	_, name, _ := responsesNames(kind)
	return append(events, e.place(responsesEvent{Type: name + ".added", Part: e.part("")}))
}

// openItem opens an item, after closing what was open before.
func (e *openAIResponsesEncoder) openItem(item responsesItem) []responsesEvent {
	events := e.closeItem(responsesCompleted)
	e.item = item
	return append(events, responsesEvent{
		Type: "response.output_item.added", Item: &item, OutputIndex: new(len(e.output)),
	})
}

// part returns the open part with that text.
func (e *openAIResponsesEncoder) part(text string) *responsesPart {
	_, _, partType := responsesNames(e.open)
	part := &responsesPart{Type: partType}
	switch e.open { //nolint:exhaustive // the others have no parts
	case fakeprovider.FrameRefusal:
		part.Refusal = &text
	case fakeprovider.FrameThinking:
		part.Text = &text
	default:
		part.Text, part.Annotations, part.Logprobs = &text, []struct{}{}, []struct{}{}
	}
	return part
}

// place sets the fields of an event that name the item and the part.
func (e *openAIResponsesEncoder) place(event responsesEvent) responsesEvent {
	event.ItemID, event.OutputIndex = e.item.ID, new(len(e.output))
	switch e.open { //nolint:exhaustive // a call has no parts
	case fakeprovider.FrameText, fakeprovider.FrameRefusal:
		event.ContentIndex = new(len(e.item.Content))
	case fakeprovider.FrameThinking:
		event.SummaryIndex = new(len(e.item.Summary))
	}
	return event
}

func (e *openAIResponsesEncoder) closePart() []responsesEvent {
	if e.open == 0 || e.open == fakeprovider.FrameToolCall {
		return nil
	}
	text := e.text.String()
	piece, part, _ := responsesNames(e.open)
	done := e.place(responsesEvent{Type: piece + ".done"})
	whole := e.place(responsesEvent{Type: part + ".done", Part: e.part(text)})
	switch e.open { //nolint:exhaustive // the others have no parts
	case fakeprovider.FrameThinking:
		done.Text = &text
		e.item.Summary = append(e.item.Summary, *whole.Part)
	case fakeprovider.FrameRefusal:
		done.Refusal = &text
		e.item.Content = append(e.item.Content, *whole.Part)
	default:
		done.Text, done.Logprobs = &text, []struct{}{}
		e.item.Content = append(e.item.Content, *whole.Part)
	}
	e.open = 0
	return []responsesEvent{done, whole}
}

// closeItem closes the open item, if there is one.
func (e *openAIResponsesEncoder) closeItem(status string) []responsesEvent {
	if e.item.Type == "" {
		return nil
	}
	events := e.closePart()
	if e.item.Type == responsesCall {
		e.item.Arguments = new(e.text.String())
		events = append(events, e.place(responsesEvent{
			Type: "response.function_call_arguments.done", Arguments: e.item.Arguments,
		}))
	}
	if e.item.Type != responsesReasoning {
		e.item.Status = status
	}
	item := e.item
	events = append(events, responsesEvent{
		Type: "response.output_item.done", Item: &item, OutputIndex: new(len(e.output)),
	})
	e.output, e.item, e.open = append(e.output, item), responsesItem{}, 0
	return events
}

// toolPiece returns a piece of a call. Calls come one after the other at OpenAI, so a piece of a
// closed call is ErrNoSuchFrame.
func (e *openAIResponsesEncoder) toolPiece(t *fakeprovider.ToolCall) ([]responsesEvent, error) {
	if t == nil {
		return nil, fakeprovider.ErrNoSuchFrame
	}
	var events []responsesEvent
	switch {
	case t.Begins():
		callID := t.ID
		if callID == "" {
			callID = "call_" + draw(e.meta.Rand, alphanum, 24)
		}
		events = e.openItem(responsesItem{
			ID: e.itemID("fc"), Type: responsesCall, Status: responsesInProgress, Arguments: new(""), CallID: callID,
			Name: &t.Name,
		})
		e.open, e.call = fakeprovider.FrameToolCall, t.Index
		e.text.Reset()
		if t.ArgumentsPiece == "" {
			return events, nil
		}
	case e.open != fakeprovider.FrameToolCall || e.call != t.Index:
		return nil, fmt.Errorf("%w: call %d is not the one that is open", fakeprovider.ErrNoSuchFrame, t.Index)
	}
	e.text.WriteString(t.ArgumentsPiece)
	return append(events,
		e.place(responsesEvent{Type: "response.function_call_arguments.delta", Delta: &t.ArgumentsPiece})), nil
}
