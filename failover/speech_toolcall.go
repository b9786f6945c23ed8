package failover

import (
	"fmt"
	"slices"
	"strings"
)

// openCall is a tool call of an answer while its pieces arrive.
type openCall struct {
	index     int // by which the provider's pieces name it
	call      ToolCall
	arguments strings.Builder
}

// toolPiece adds a piece to the answer's tool calls and delivers it.
func (a *attempt) toolPiece(p ToolPiece) {
	if p == (ToolPiece{Index: p.Index}) {
		return
	}
	at := -1
	for i, c := range a.calls {
		if c.index == p.Index {
			at = i // the latest: some providers give all their calls one index
		}
	}
	begins := at < 0 || (p.ID != "" && a.calls[at].call.ID != p.ID)
	if begins {
		at = len(a.calls)
		if p.ID == "" {
			p.ID = a.newID()
		}
		a.calls = append(a.calls, &openCall{index: p.Index, call: ToolCall{ID: p.ID, Name: p.Name}})
	} else if p.ID = ""; a.calls[at].call.Name != "" {
		p.Name = "" // some repeat both in every piece
	}
	c := a.calls[at]
	c.call.Name = firstOf(c.call.Name, p.Name)
	c.call.Signature = firstOf(c.call.Signature, p.Signature)
	c.arguments.WriteString(p.Arguments)
	p.Index = at
	a.deliver(Delta{Kind: DeltaToolCall, Text: p.Name + p.Arguments, Tool: p})
}

// part returns a part of an answer as an accepted answer. If its stream broke in tool calls, part
// tells the caller that they were not made.
func (c *call) part(a *attempt, f *AttemptError) Answer {
	if f.inCall && c.policy.Stream.RepeatBrokenCalls && !c.policy.Stream.AcceptBadCalls {
		names := make([]string, len(a.calls))
		for i, open := range a.calls {
			names[i] = open.call.Name
		}
		c.out.deliver(Delta{
			Kind: DeltaText,
			Text: "\n\nThe stream stalled in a tool call that was not made: " + strings.Join(names, ", "),
		})
		a.answer.ToolCalls, a.answer.Finish = nil, ""
	}
	return a.answer
}

// newID returns an id for a call without one, unused in the conversation and the answer.
func (a *attempt) newID() string {
	taken := toolNames(a.call.req.History)
	for _, c := range a.calls {
		taken[c.call.ID] = c.call.Name
	}
	for n := len(taken) + 1; ; n++ {
		id := fmt.Sprintf("call_%d", n)
		if _, ok := taken[id]; !ok {
			return id
		}
	}
}

// toolCalls returns the answer's tool calls so far.
func (a *attempt) toolCalls() []ToolCall {
	if len(a.calls) == 0 {
		return nil
	}
	calls := make([]ToolCall, len(a.calls))
	for i, c := range a.calls {
		calls[i] = c.call
		calls[i].Arguments = c.arguments.String()
	}
	return calls
}

// badCall returns what is wrong with the answer's tool calls, or "". Running a call with half of
// its arguments is worse than not running it.
func (a *attempt) badCall() string {
	if strings.EqualFold(a.answer.Finish, "MALFORMED_FUNCTION_CALL") {
		return "the provider reports a malformed tool call"
	}
	for _, c := range a.calls {
		arguments := strings.TrimSpace(c.arguments.String())
		switch {
		case c.call.Name == "":
			return fmt.Sprintf("tool call %s has no name", c.call.ID)
		case !a.offers(c.call.Name):
			return fmt.Sprintf("tool call %s names %s, which was not offered", c.call.ID, c.call.Name)
		case arguments == "" && isCutShort(a.answer.Finish), arguments != "" && !isObject(arguments):
			return fmt.Sprintf("the arguments of tool call %s (%s) are not a JSON object", c.call.ID, c.call.Name)
		}
	}
	return ""
}

// offers reports whether the request has a tool of that name. A request without tools accepts any
// name, because the engine cannot know the tools.
func (a *attempt) offers(name string) bool {
	tools := a.call.req.Tools
	return len(tools) == 0 || slices.ContainsFunc(tools, func(t Tool) bool { return t.Name == name })
}
