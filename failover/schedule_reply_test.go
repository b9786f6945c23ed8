package failover_test

import (
	"fmt"

	"github.com/chaosrun/chaosrun/failover"
)

// toolNames are what the turns offer; unknownTool is none of them.
var toolNames = []string{"weather", "now"}

const unknownTool = "launch"

// reply is the answer to a request, which is whole by itself: each of its texts and calls is a
// token that names its provider, its request, its place in the answer and how many there are, so
// that a judge can tell whose it is.
func (f fault) reply(x *exchange, request int64) (r reply, why ending) {
	has := plain
	if _, offered := x.body["tools"]; offered {
		has = f.Form
		if f.Kind == "half call" || f.Kind == "unknown tool" {
			has.Calls = max(1, has.Calls)
		}
	}
	r.who = fmt.Sprintf("%s %d", x.provider, request)
	for i := range has.Texts + has.Calls {
		token := fmt.Sprintf("[%s %d %d]", r.who, i, has.Texts+has.Calls)
		if i < has.Texts {
			r.texts = append(r.texts, token)
			continue
		}
		call := failover.ToolCall{
			ID: fmt.Sprintf("call_%s_%d_%d", x.provider, request, i), Name: toolNames[i%len(toolNames)],
			Arguments: fmt.Sprintf(`{"of":%q}`, token),
		}
		if familyOf(x.protocol) == failover.Gemini && f.Variant == 0 {
			call.ID = "" // as its older models have it
		}
		r.calls = append(r.calls, call)
	}
	if has.Calls == 0 {
		return r, stops
	}
	last := &r.calls[has.Calls-1]
	switch {
	case f.Kind == "unknown tool":
		last.Name = unknownTool
	case f.Kind == "half call" && familyOf(x.protocol) == failover.Gemini:
		r.calls = r.calls[:has.Calls-1]
		return r, botchesCall
	case f.Kind == "half call":
		last.Arguments = last.Arguments[:len(last.Arguments)-3]
	}
	return r, callsTools
}

// telling is an answer on its way.
type telling struct {
	said   speech
	left   reply
	atOnce bool // tool calls are not sent in pieces, or in fewer
	told   int  // calls
	sent   int  // pieces
	pieces []string
}

// next returns the next piece; "" behind the last.
func (t *telling) next() (piece string) {
	t.sent++
	if len(t.pieces) == 0 {
		switch {
		case len(t.left.texts) > 0:
			t.pieces = []string{t.said.text(t.left.texts[0])}
			t.left.texts = t.left.texts[1:]
		case len(t.left.calls) > 0:
			t.pieces = t.said.calls(t.told, t.left.calls[0], t.atOnce)
			t.left.calls = t.left.calls[1:]
			t.told++
		default:
			return ""
		}
	}
	piece, t.pieces = t.pieces[0], t.pieces[1:]
	return piece
}
