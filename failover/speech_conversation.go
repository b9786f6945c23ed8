package failover

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrRequest says that a request makes no sense to any provider, so that none was asked.
var ErrRequest = errors.New("request makes no sense")

// Role says whose a Message is.
type Role string

const (
	// RoleUser is the caller's side of the conversation.
	RoleUser Role = "user"
	// RoleAssistant is the model's.
	RoleAssistant Role = "assistant"
	// RoleTool is what a tool that the model called has to say.
	RoleTool Role = "tool"
)

// A Message is one turn of a conversation, in nobody's protocol. Each provider gets it in its own, so that a fallback to another
// vendor goes on with the same conversation.
type Message struct {
	Role Role
	// Text is what was said; of RoleTool the call's result.
	Text string
	// ToolCalls are what a message of the assistant's asks for.
	ToolCalls []ToolCall
	// ToolCallID is the call whose result a message of RoleTool is; there is one message for each.
	ToolCallID string
}

// A ToolCall is a model's request that the caller run something.
type ToolCall struct {
	// ID names the call within its conversation. Where a provider gives none it is made up: call_1, call_2, ….
	ID   string
	Name string
	// Arguments are a JSON object; empty stands for one without members.
	Arguments string
	// Signature is what Gemini wants back with its own call, as it came (base64); other providers neither give nor get it
	// (https://ai.google.dev/gemini-api/docs/thought-signatures).
	Signature string
}

// A ToolPiece is a piece of a tool call as it arrives. Arguments are pieces of one text; the others stand in the first piece alone.
type ToolPiece struct {
	// Index is which of the answer's calls it belongs to, from 0.
	Index                          int
	ID, Name, Arguments, Signature string
}

// A Tool is something that the model may ask for.
type Tool struct {
	Name, Description string
	// Parameters is the JSON Schema of the arguments, of an object. Empty: there are none.
	Parameters json.RawMessage
}

// schema returns the schema of the arguments. It has been validated.
func (t Tool) schema() map[string]any {
	schema := map[string]any{}
	_ = json.Unmarshal(t.Parameters, &schema) // none is none
	if schema["type"] == nil {
		schema["type"] = "object"
	}
	if schema["properties"] == nil {
		schema["properties"] = map[string]any{}
	}
	return schema
}

// arguments returns the arguments as an object's text.
func (c ToolCall) arguments() string { return firstOf(c.Arguments, "{}") }

// object returns them as an object. They have been validated.
func (c ToolCall) object() map[string]any {
	object := map[string]any{}
	_ = json.Unmarshal([]byte(c.arguments()), &object)
	return object
}

// isObject says whether a text is one JSON object.
func isObject(text string) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal([]byte(text), &object) == nil && object != nil
}

// conversation returns the history and the prompt behind it. A prompt alone is a conversation, even an empty one.
func (r Request) conversation() []Message {
	if len(r.History) > 0 && r.Prompt == "" {
		return slices.Clip(r.History)
	}
	return append(slices.Clip(r.History), Message{Role: RoleUser, Text: r.Prompt})
}

// question returns what a provider of the call is asked, and whether the assistant's last message had to be left out because the model
// takes none.
func (c *call) question(m *member) (q question, dropped bool) {
	q = question{system: c.req.System, messages: plainIDs(c.req.conversation()), tools: c.req.Tools, stream: c.req.Stream}
	last := len(q.messages) - 1
	prefill := q.messages[last].isPrefill()
	if partial := c.out.partial(); partial != "" {
		if prefill {
			partial = q.messages[last].Text + partial
			q.messages = q.messages[:last]
		}
		q.messages = append(slices.Clip(q.messages), Message{Role: RoleAssistant, Text: partial})
		return q, false // nobody is asked to continue who cannot
	}
	if prefill && !m.prefills {
		q.messages, dropped = q.messages[:last], true
	}
	return q, dropped
}

func (m Message) isPrefill() bool { return m.Role == RoleAssistant && len(m.ToolCalls) == 0 }

// toolNames returns the name of each call by its id.
func toolNames(messages []Message) map[string]string {
	names := map[string]string{}
	for _, m := range messages {
		for _, c := range m.ToolCalls {
			names[c.ID] = c.Name
		}
	}
	return names
}

// plainIDs returns the conversation with ids of calls that every provider takes: one vendor's may be too long for the next, or hold
// characters that it refuses. The conversation itself is not touched.
func plainIDs(messages []Message) []Message {
	var plain map[string]string
	for _, m := range messages {
		for _, c := range m.ToolCalls {
			if !isPlainID(c.ID) {
				if plain == nil {
					plain = map[string]string{}
				}
				plain[c.ID] = fmt.Sprintf("call_plain_%d", len(plain)+1)
			}
		}
	}
	if plain == nil {
		return messages
	}
	messages = slices.Clone(messages)
	for i := range messages {
		m := &messages[i]
		m.ToolCallID = firstOf(plain[m.ToolCallID], m.ToolCallID)
		m.ToolCalls = slices.Clone(m.ToolCalls)
		for j := range m.ToolCalls {
			m.ToolCalls[j].ID = firstOf(plain[m.ToolCalls[j].ID], m.ToolCalls[j].ID)
		}
	}
	return messages
}

// isPlainID says that an id is one for Anthropic, which takes these characters alone, and for OpenAI, which takes 40 of them at most.
func isPlainID(id string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return len(id) <= 40 && strings.Trim(id, letters) == ""
}

// validate returns ErrRequest for what every provider would refuse, so that it costs no request and no fallback.
func (r Request) validate() error {
	if err := validTools(r.Tools); err != nil {
		return err
	}
	calls := map[string]bool{}
	asks := len(r.History) == 0 || r.Prompt != ""
	for i, m := range r.History {
		if err := m.validate(calls); err != nil {
			return fmt.Errorf("%w: message %d: %w", ErrRequest, i+1, err)
		}
		asks = asks || m.Role != RoleAssistant
	}
	if !asks {
		return fmt.Errorf("%w: nobody but the assistant has said anything", ErrRequest)
	}
	if last := len(r.History) - 1; last >= 0 && len(r.History[last].ToolCalls) > 0 {
		return fmt.Errorf("%w: the last message's tool calls have no results", ErrRequest)
	}
	return nil
}

func (m Message) validate(calls map[string]bool) error {
	switch {
	case m.Role != RoleUser && m.Role != RoleAssistant && m.Role != RoleTool:
		return errors.New(unknownWord("role", string(m.Role), []Role{RoleUser, RoleAssistant, RoleTool}))
	case m.Role == RoleTool && !calls[m.ToolCallID]:
		return fmt.Errorf("no call before it has the id %q", m.ToolCallID)
	case m.Role != RoleTool && m.ToolCallID != "":
		return errors.New("a tool's result is not of role tool")
	case m.Role != RoleAssistant && len(m.ToolCalls) > 0:
		return errors.New("tool calls are the assistant's")
	}
	for _, c := range m.ToolCalls {
		switch {
		case c.ID == "" || calls[c.ID]:
			return fmt.Errorf("tool call id %q is empty or taken", c.ID)
		case c.Name == "":
			return fmt.Errorf("tool call %q has no name", c.ID)
		case !isObject(c.arguments()):
			return fmt.Errorf("the arguments of tool call %q are no JSON object", c.ID)
		}
		calls[c.ID] = true
	}
	return nil
}

func validTools(tools []Tool) error {
	names := map[string]bool{}
	for _, t := range tools {
		if t.Name == "" || names[t.Name] {
			return fmt.Errorf("%w: tool name %q is empty or taken", ErrRequest, t.Name)
		}
		if len(t.Parameters) > 0 && !isObject(string(t.Parameters)) {
			return fmt.Errorf("%w: the parameters of tool %q are no JSON Schema of an object", ErrRequest, t.Name)
		}
		names[t.Name] = true
	}
	return nil
}
