package protocol

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// CodePromptBlocked is the reason of a finish frame that blocks the prompt. Gemini then answers
// with promptFeedback and without a candidate. A block reason may follow it,
// "prompt_blocked:BLOCKLIST"; the default is PROHIBITED_CONTENT.
const CodePromptBlocked = "prompt_blocked"

// CodeBareError is the Problem.Code of the second observed shape of Gemini's error in a stream: a
// block of JSON over several lines without `data:` (vercel/ai #5217), rather than an event
// (OmniRoute #4177). A code that picks the error may follow it, "bare:per_day". In an error
// response it makes no difference.
const CodeBareError = "bare"

type geminiEncoder struct {
	meta   fakeprovider.Meta
	header http.Header
	form   geminiForm
	id     string
	// parts is the answer so far, if it is not streamed.
	parts            []geminiPart
	tokens, thoughts int
	// call is a function call whose arguments are not complete yet. Gemini sends a call in one
	// piece.
	call *fakeprovider.ToolCall
	// sent is the index of the last call that was sent, if there is one.
	sent *int
	// broken says what was wrong with a call that never became complete.
	broken string
	// signed says that a part has carried Gemini 3's signature of its thoughts.
	signed bool
	// open and closed say whether the brackets of an array were sent.
	open, closed bool
}

var _ fakeprovider.Encoder = (*geminiEncoder)(nil)

// Header returns the header of the whole response.
func (e *geminiEncoder) Header() http.Header { return e.header }

// Encode returns the chunk of a frame.
func (e *geminiEncoder) Encode(f fakeprovider.Frame) ([]byte, error) {
	switch f.Kind {
	case fakeprovider.FrameText:
		return e.said(geminiPart{Text: &f.Text}, &e.tokens)
	case fakeprovider.FrameThinking:
		return e.said(geminiPart{Text: &f.Text, Thought: true}, &e.thoughts)
	case fakeprovider.FrameToolCall:
		return e.callPiece(f.Tool)
	case fakeprovider.FrameFinish:
		return e.finish(f.Text)
	case fakeprovider.FrameDone:
		return e.end(), nil
	case fakeprovider.FrameError:
		return e.problem(f.Failure())
	case fakeprovider.FrameHeartbeat, fakeprovider.FrameComment:
		return e.beat(f), nil
	case fakeprovider.FrameStart, fakeprovider.FrameUsage: // every chunk is a start and has the usage
		return nil, nil
	case fakeprovider.FrameRefusal: // a model's own is text like any other, and Google's is a reason without a text
	}
	return nil, fakeprovider.ErrNoSuchFrame
}

// said returns a piece of text or thought. It completes the call before it.
func (e *geminiEncoder) said(part geminiPart, count *int) ([]byte, error) {
	before, err := e.callDone()
	if err != nil {
		return nil, err
	}
	*count++
	data, err := e.part(part)
	return append(before, data...), err
}

// part returns a chunk with one part, or nothing yet if the answer is not streamed.
func (e *geminiEncoder) part(part geminiPart) ([]byte, error) {
	if e.form == geminiWhole {
		e.gather(part)
		return nil, nil
	}
	return e.chunk(geminiCandidate{Content: &geminiContent{Parts: []geminiPart{part}, Role: "model"}})
}

// gather appends a part to the answer. A text extends the text before it.
func (e *geminiEncoder) gather(part geminiPart) {
	if last := len(e.parts) - 1; last >= 0 && part.Text != nil && e.parts[last].Text != nil &&
		e.parts[last].Thought == part.Thought {
		text := *e.parts[last].Text + *part.Text
		e.parts[last].Text = &text
		return
	}
	e.parts = append(e.parts, part)
}

// callPiece gathers a call until its arguments are an object. Calls come one after the other.
func (e *geminiEncoder) callPiece(piece *fakeprovider.ToolCall) ([]byte, error) {
	if piece == nil {
		return nil, fakeprovider.ErrNoSuchFrame
	}
	var before []byte
	switch {
	case piece.Begins():
		data, err := e.callDone()
		if err != nil {
			return nil, err
		}
		before = data
		e.call = &fakeprovider.ToolCall{Index: piece.Index, ID: piece.ID, Name: piece.Name}
	case e.call != nil && e.call.Index == piece.Index:
	case e.call == nil && e.sent != nil && *e.sent == piece.Index && strings.TrimSpace(piece.ArgumentsPiece) == "":
		e.tokens++ // white space after the arguments
		return nil, nil
	default:
		return nil, fmt.Errorf("%w: call %d is not the one that is open", fakeprovider.ErrNoSuchFrame, piece.Index)
	}
	e.tokens++
	e.call.ArgumentsPiece += piece.ArgumentsPiece
	if !isObject(e.call.ArgumentsPiece) {
		return before, nil
	}
	data, err := e.callDone()
	return append(before, data...), err
}

func isObject(arguments string) bool {
	return strings.HasPrefix(strings.TrimSpace(arguments), "{") && json.Valid([]byte(arguments))
}

// callDone sends a gathered call. A call whose arguments are no object is malformed, in Gemini's
// words.
func (e *geminiEncoder) callDone() ([]byte, error) {
	if e.call == nil {
		return nil, nil
	}
	call := *e.call
	e.call, e.sent = nil, &call.Index
	arguments := cmp.Or(call.ArgumentsPiece, "{}")
	if !isObject(arguments) {
		e.broken = fmt.Sprintf("Malformed function call: %s(%s)", call.Name, arguments)
		return nil, nil
	}
	return e.part(geminiPart{
		FunctionCall:     &geminiFunctionCall{Name: call.Name, Args: json.RawMessage(arguments), ID: call.ID},
		ThoughtSignature: e.signature(),
	})
}

// signature returns what Gemini 3 expects back with its own words: on the first call, or at the
// end.
func (e *geminiEncoder) signature() string {
	if e.signed || !strings.HasPrefix(e.meta.Request.Model, "gemini-3") {
		return ""
	}
	e.signed = true
	return draw(e.meta.Rand, alphanum, 170) + "=="
}

// finish returns the last chunk. If no part has anything to say, its text is empty, as in
// recordings.
func (e *geminiEncoder) finish(reason string) ([]byte, error) {
	if err := noPause(reason); err != nil {
		return nil, err
	}
	before, err := e.callDone()
	if err != nil {
		return nil, err
	}
	if block, ok := strings.CutPrefix(reason, CodePromptBlocked); ok {
		data, err := e.write(geminiChunk{PromptFeedback: &geminiPromptFeedback{
			BlockReason: cmp.Or(strings.TrimPrefix(block, ":"), "PROHIBITED_CONTENT"),
		}})
		return append(before, data...), err
	}
	last := geminiCandidate{FinishReason: geminiReason(reason)}
	if e.broken != "" {
		last.FinishReason, last.FinishMessage = "MALFORMED_FUNCTION_CALL", e.broken
	}
	if last.FinishReason == "SAFETY" {
		last.SafetyRatings = []geminiSafetyRating{
			{Category: "HARM_CATEGORY_DANGEROUS_CONTENT", Probability: "HIGH", Blocked: true},
		}
	}
	parts := e.parts
	if ordinary := last.FinishReason == "STOP" || last.FinishReason == "MAX_TOKENS"; ordinary && len(parts) == 0 {
		none := ""
		parts = []geminiPart{{Text: &none, ThoughtSignature: e.signature()}}
	}
	if len(parts) > 0 {
		last.Content = &geminiContent{Parts: parts, Role: "model"}
	}
	data, err := e.chunk(last)
	return append(before, data...), err
}

// geminiReason returns Gemini's word for a reason. Its own words (RECITATION, SPII, …) stay as
// they are.
func geminiReason(reason string) string {
	switch reason {
	case "", "stop", "tool_calls":
		return "STOP"
	case "length":
		return "MAX_TOKENS"
	case "content_filter":
		return "SAFETY"
	default:
		return reason
	}
}

func (e *geminiEncoder) chunk(c geminiCandidate) ([]byte, error) {
	return e.write(geminiChunk{Candidates: []geminiCandidate{c}})
}

// write completes a chunk and puts it into the form of the response.
func (e *geminiEncoder) write(c geminiChunk) ([]byte, error) {
	in := e.meta.Request.InputTokens
	c.UsageMetadata = geminiUsage{
		PromptTokenCount: in, CandidatesTokenCount: e.tokens, TotalTokenCount: in + e.tokens + e.thoughts,
		PromptTokensDetails: []geminiTokensDetails{{Modality: "TEXT", TokenCount: in}}, ThoughtsTokenCount: e.thoughts,
	}
	c.ModelVersion, c.ResponseID = e.meta.Request.Model, e.id
	if e.form == geminiSSE {
		data, err := spaced(c)
		return geminiEvent(data), err
	}
	data, err := geminiPretty(c)
	if err != nil || e.form == geminiWhole {
		return append(data, '\n'), err
	}
	return e.element(data), nil
}

// problem returns an error after the head has left, in one of the two shapes that users have met.
func (e *geminiEncoder) problem(p fakeprovider.Problem) ([]byte, error) {
	if p.Shape != "" {
		return nil, noSuchShape(p.Shape)
	}
	code, bare := strings.CutPrefix(p.Code, CodeBareError)
	p.Code = strings.TrimPrefix(code, ":")
	row := chooseEvent(geminiErrors(), p, geminiOther(p.Status))
	switch {
	case e.form == geminiArray:
		body := strings.TrimSuffix(string(geminiErrorBody(row, p, e.meta)), "\n")
		return append(e.element([]byte(body)), e.end()...), nil
	case e.form == geminiWhole || bare:
		return geminiErrorBody(row, p, e.meta), nil
	}
	data, err := sse.Compact(newGeminiError(row, p, e.meta)) // here alone there are no spaces
	return geminiEvent(data), err
}
