package failover

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrRequest reports a request that every provider would refuse, so that none was asked.
var ErrRequest = errors.New("invalid request")

// A Role says whose message it is.
type Role string

const (
	// RoleUser is the caller's side of the conversation.
	RoleUser Role = "user"
	// RoleAssistant is the model's side.
	RoleAssistant Role = "assistant"
	// RoleTool is the result of a tool call.
	RoleTool Role = "tool"
)

// A Message is one turn of a conversation, independent of any protocol. Each provider gets it in
// its own protocol, so that a fallback to another vendor continues the conversation.
type Message struct {
	Role Role
	// Text is the message's text; for [RoleTool] it is the call's result.
	Text string
	// ToolCalls are the calls that a message of [RoleAssistant] asks for.
	ToolCalls []ToolCall
	// ToolCallID names the call that a message of [RoleTool] answers. There is one message for each
	// call.
	ToolCallID string
}

// A ToolCall is a model's request that the caller run a tool.
type ToolCall struct {
	// ID names the call within its conversation. If a provider gives none, the engine makes one
	// up: call_1, call_2, ….
	ID   string
	Name string
	// Arguments are a JSON object; empty means an object without members.
	Arguments string
	// Signature is the base64 text that Gemini sent with its call and wants back. Other providers
	// neither send nor get it (https://ai.google.dev/gemini-api/docs/thought-signatures).
	Signature string
}

// A ToolPiece is a piece of a tool call as it arrives. The Arguments of all pieces are one text;
// the other fields are set in the first piece only.
type ToolPiece struct {
	// Index is the number of the call within the answer, from 0.
	Index                          int
	ID, Name, Arguments, Signature string
}

// A Tool is a function that the model may call.
type Tool struct {
	Name, Description string
	// Parameters is the JSON Schema of the arguments. It must describe an object. Default: no
	// arguments.
	Parameters json.RawMessage
}

// schema returns the schema of the arguments, which has been validated.
func (t Tool) schema() map[string]any {
	schema := map[string]any{}
	_ = json.Unmarshal(t.Parameters, &schema) // no parameters are an empty schema
	if schema["type"] == nil {
		schema["type"] = "object"
	}
	if schema["properties"] == nil {
		schema["properties"] = map[string]any{}
	}
	return schema
}

// arguments returns the arguments as the text of an object.
func (c ToolCall) arguments() string { return firstOf(c.Arguments, "{}") }

// object returns the arguments, which have been validated, as an object.
func (c ToolCall) object() map[string]any {
	object := map[string]any{}
	_ = json.Unmarshal([]byte(c.arguments()), &object)
	return object
}

// isObject reports whether a text is one JSON object.
func isObject(text string) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal([]byte(text), &object) == nil && object != nil
}

// conversation returns the history and the prompt after it. A prompt alone is a conversation, even
// if it is empty.
func (r Request) conversation() []Message {
	if len(r.History) > 0 && r.Prompt == "" {
		return slices.Clip(r.History)
	}
	return append(slices.Clip(r.History), Message{Role: RoleUser, Text: r.Prompt})
}

// question returns what a provider is asked. It also reports whether it dropped the assistant's
// last message because the model takes no prefill.
func (c *call) question(m *member) (q question, dropped bool) {
	q = question{
		system: c.req.System, messages: plainIDs(c.req.conversation()), tools: c.req.Tools, stream: c.req.Stream,
	}
	last := len(q.messages) - 1
	prefill := q.messages[last].isPrefill()
	if partial := c.out.partial(); partial != "" {
		if prefill {
			partial = q.messages[last].Text + partial
			q.messages = q.messages[:last]
		}
		q.messages = append(slices.Clip(q.messages), Message{Role: RoleAssistant, Text: partial})
		return q, false // only a provider that can continue is asked to
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

// plainIDs returns the conversation with call ids that every provider accepts. One vendor's ids
// may be too long for another, or hold characters that it refuses. The original is not changed.
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

// isPlainID reports whether every vendor accepts an id: Anthropic allows these characters only,
// OpenAI 40 of them at most.
func isPlainID(id string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return len(id) <= 40 && strings.Trim(id, letters) == ""
}

// validate returns ErrRequest for what every provider would refuse, before it costs a request or a
// fallback.
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
		return fmt.Errorf("%w: it has no prompt, and its history no message of the user or a tool", ErrRequest)
	}
	if last := len(r.History) - 1; last >= 0 && len(r.History[last].ToolCalls) > 0 {
		return fmt.Errorf("%w: the tool calls of the last message need results", ErrRequest)
	}
	return nil
}

func (m Message) validate(calls map[string]bool) error {
	switch {
	case m.Role != RoleUser && m.Role != RoleAssistant && m.Role != RoleTool:
		return errors.New(unknownWord("role", string(m.Role), []Role{RoleUser, RoleAssistant, RoleTool}))
	case m.Role == RoleTool && !calls[m.ToolCallID]:
		return fmt.Errorf("no earlier tool call has the id %q", m.ToolCallID)
	case m.Role != RoleTool && m.ToolCallID != "":
		return errors.New("only a message of role tool may have a tool call's id")
	case m.Role != RoleAssistant && len(m.ToolCalls) > 0:
		return errors.New("only a message of role assistant may have tool calls")
	}
	for _, c := range m.ToolCalls {
		switch {
		case c.ID == "" || calls[c.ID]:
			return fmt.Errorf("tool call id %q is empty or used twice", c.ID)
		case c.Name == "":
			return fmt.Errorf("tool call %q has no name", c.ID)
		case !isObject(c.arguments()):
			return fmt.Errorf("the arguments of tool call %q are not a JSON object", c.ID)
		}
		calls[c.ID] = true
	}
	return nil
}

func validTools(tools []Tool) error {
	names := map[string]bool{}
	for _, t := range tools {
		if t.Name == "" || names[t.Name] {
			return fmt.Errorf("%w: tool name %q is empty or used twice", ErrRequest, t.Name)
		}
		if len(t.Parameters) > 0 && !isObject(string(t.Parameters)) {
			return fmt.Errorf("%w: the parameters of tool %q are not the JSON Schema of an object", ErrRequest, t.Name)
		}
		names[t.Name] = true
	}
	return nil
}
