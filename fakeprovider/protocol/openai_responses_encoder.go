package protocol

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// Types of items, and the states of items and responses.
const (
	responsesMessage   = "message"
	responsesReasoning = "reasoning"
	responsesCall      = "function_call"

	responsesQueued     = "queued"
	responsesInProgress = "in_progress"
	responsesCompleted  = "completed"
	responsesCutShort   = "incomplete"
	responsesFailed     = "failed"
)

type openAIResponsesEncoder struct {
	meta   fakeprovider.Meta
	header http.Header
	notes  openAIResponsesNotes
	// prefix begins the ids of a response and of all of its items.
	prefix string
	id     string
	// sequence is the number of the next event.
	sequence int

	// output is the items that are done. item is the one that is not; it has no type if there is
	// none.
	output []responsesItem
	item   responsesItem
	// open is what the open item carries, text what it has carried so far, call the index of its
	// call.
	open fakeprovider.FrameKind
	text strings.Builder
	call int

	reason            string
	tokens, reasoning int
}

var _ fakeprovider.Encoder = (*openAIResponsesEncoder)(nil)

// Header returns the header of the whole response.
func (e *openAIResponsesEncoder) Header() http.Header { return e.header }

// Encode returns the events of a frame. In a response that is not streamed, the finish frame
// returns all that was gathered. In a stream that frame ends the items, and the done frame the
// response.
func (e *openAIResponsesEncoder) Encode(f fakeprovider.Frame) ([]byte, error) {
	if f.Kind == fakeprovider.FrameError {
		return e.problem(f.Failure())
	}
	if f.Kind.IsContent() {
		e.tokens++
	}
	if f.Kind == fakeprovider.FrameThinking {
		e.reasoning++
	}
	if !e.meta.Request.Stream {
		return e.whole(f)
	}
	switch f.Kind { //nolint:exhaustive // the others are events
	case fakeprovider.FrameHeartbeat:
		return []byte(openAIHeartbeat), nil
	case fakeprovider.FrameComment:
		return sse.Comment(f.Text), nil
	}
	events, err := e.events(f)
	if err != nil {
		return nil, err
	}
	return e.write(events...)
}

// whole gathers the items of a response that is not streamed. Its body is indented by two spaces.
func (e *openAIResponsesEncoder) whole(f fakeprovider.Frame) ([]byte, error) {
	switch f.Kind { //nolint:exhaustive // the others are gathered
	case fakeprovider.FrameStart, fakeprovider.FrameHeartbeat, fakeprovider.FrameComment, fakeprovider.FrameUsage,
		fakeprovider.FrameDone:
		return nil, nil
	}
	if _, err := e.events(f); err != nil || f.Kind != fakeprovider.FrameFinish {
		return nil, err
	}
	_, response, err := e.end()
	if err != nil {
		return nil, err
	}
	return pretty(response, openAIResponsesIndent)
}

// events returns the events of a frame.
func (e *openAIResponsesEncoder) events(f fakeprovider.Frame) ([]responsesEvent, error) {
	switch f.Kind {
	case fakeprovider.FrameStart:
		return e.start()
	case fakeprovider.FrameText, fakeprovider.FrameRefusal, fakeprovider.FrameThinking:
		return e.piece(f.Kind, f.Text), nil
	case fakeprovider.FrameToolCall:
		return e.toolPiece(f.Tool)
	case fakeprovider.FrameFinish:
		if err := noPause(f.Text); err != nil {
			return nil, err
		}
		e.reason = f.Text
		status, _ := e.status()
		return e.closeItem(status), nil
	case fakeprovider.FrameUsage: // response.completed carries it
		return nil, nil
	case fakeprovider.FrameDone:
		kind, response, err := e.end()
		return []responsesEvent{{Type: kind, Response: response}}, err
	case fakeprovider.FrameHeartbeat, fakeprovider.FrameComment, fakeprovider.FrameError:
	}
	return nil, fakeprovider.ErrNoSuchFrame
}

// start opens the response. A response in the background waits in a queue first.
func (e *openAIResponsesEncoder) start() ([]responsesEvent, error) {
	progress, err := e.response(responsesInProgress, nil)
	if err != nil || string(e.notes.request["background"]) != "true" {
		return []responsesEvent{
			{Type: "response.created", Response: progress}, {Type: "response.in_progress", Response: progress},
		}, err
	}
	queued, err := e.response(responsesQueued, nil)
	return []responsesEvent{
		{Type: "response.created", Response: queued},
		{Type: "response.queued", Response: queued},
		{Type: "response.in_progress", Response: progress},
	}, err
}

// status returns how the response has ended, and why if it is incomplete.
func (e *openAIResponsesEncoder) status() (status, why string) {
	switch e.reason {
	case "", "stop", "tool_calls":
		return responsesCompleted, ""
	case "length":
		return responsesCutShort, "max_output_tokens"
	default:
		return responsesCutShort, e.reason
	}
}

// end returns the terminal event with its response object.
func (e *openAIResponsesEncoder) end() (kind string, response json.RawMessage, err error) {
	status, why := e.status()
	own := map[string]any{"service_tier": "default", "usage": e.usage()}
	if status == responsesCompleted {
		own["completed_at"] = e.meta.Now.Unix()
	} else {
		own["incomplete_details"] = responsesIncomplete{Reason: why}
	}
	response, err = e.response(status, own)
	return "response." + status, response, err
}

// response returns the response object as it is now, without items that are not done.
func (e *openAIResponsesEncoder) response(status string, more map[string]any) (json.RawMessage, error) {
	own := map[string]any{
		"id": e.id, "object": "response", "created_at": e.meta.Now.Unix(), "status": status,
		"model":  e.meta.Request.Model,
		"output": append([]responsesItem{}, e.output...),
	}
	maps.Copy(own, more)
	return responsesObject(own, e.notes.request)
}

func (e *openAIResponsesEncoder) usage() responsesUsage {
	u := responsesUsage{InputTokens: e.meta.Request.InputTokens, OutputTokens: e.tokens}
	u.OutputTokensDetails.ReasoningTokens = e.reasoning
	u.TotalTokens = u.InputTokens + u.OutputTokens
	return u
}

// itemID draws the id of a response or of an item: the prefix of the response, its date, and
// chance.
func (e *openAIResponsesEncoder) itemID(kind string) string {
	return kind + "_" + e.prefix + "00" + strconv.FormatInt(e.meta.Now.Unix(), 16) + draw(e.meta.Rand, hexDigits, 24)
}

// write numbers the events and pads those that carry a piece.
func (e *openAIResponsesEncoder) write(events ...responsesEvent) ([]byte, error) {
	var out []byte
	for _, event := range events {
		event.SequenceNumber = e.sequence
		if event.Delta != nil && !e.notes.plain {
			event.Obfuscation = obfuscation(e.meta.Rand)
		}
		data, err := sse.Compact(event)
		if err != nil {
			return nil, err
		}
		e.sequence++
		out = append(out, sse.Event(event.Type, data)...)
	}
	return out, nil
}

// problem returns an error after the head has left: an event of a stream, or a body under the
// wrong status.
func (e *openAIResponsesEncoder) problem(p fakeprovider.Problem) ([]byte, error) {
	row := chooseEvent(openAIResponsesErrors(), p, openAIOther(p.Status))
	if !e.meta.Request.Stream {
		return openAIErrorBody(row, p, e.meta, openAIResponsesIndent), nil
	}
	code, message := cmp.Or(row.code, row.kind), row.fill(p, e.meta)
	switch p.Shape {
	case fakeprovider.ShapeFlat:
		param := nullable(row.param)
		return e.write(responsesEvent{Type: "error", Code: code, Message: message, Param: &param})
	case "", fakeprovider.ShapeNested:
		data, err := sse.Compact(responsesNestedEvent{
			Type: "error", SequenceNumber: e.sequence,
			Error: responsesNested{Type: row.kind, Code: code, Message: message, Param: nullable(row.param)},
		})
		e.sequence++
		return sse.Event("error", data), err
	case fakeprovider.ShapeFailed:
		failure := responsesFailure{Code: code, Message: message, ResetsInSeconds: secondsOf(p)}
		response, err := e.response(responsesFailed, map[string]any{"error": failure})
		if err != nil {
			return nil, err
		}
		return e.write(responsesEvent{Type: "response.failed", Response: response})
	}
	return nil, noSuchShape(p.Shape)
}
