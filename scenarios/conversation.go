package scenarios

import (
	"encoding/json"
	"fmt"
	"slices"
)

// A Message is one of the conversation before a call's prompt.
type Message struct {
	// Role is "user" or "assistant".
	Role string `yaml:"role"`
	// Text is what was said.
	Text string `yaml:"text"`
}

// A Tool is something that the model may call.
type Tool struct {
	// Name is the tool's name, and Description what it does.
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	// Parameters is the JSON Schema of its arguments, which is that of an object, as JSON.
	// Default: an object without properties.
	Parameters string `yaml:"parameters"`
}

// Schema returns the JSON Schema of the arguments.
func (t Tool) Schema() json.RawMessage {
	if t.Parameters == "" {
		return json.RawMessage(`{"type":"object","properties":{}}`)
	}
	return json.RawMessage(t.Parameters)
}

// roles are the roles of messages.
func roles() []string { return []string{"user", "assistant"} }

// conversation checks what stands around a call's prompt.
func (v *validation) conversation(at location, c Call) {
	if c.Count > 1 && MarkedCall(c.System) > 0 {
		v.fail(at.in("system"), "the text has a mark such as %q, by which the %d calls are told apart",
			mark(MarkedCall(c.System)), c.Count)
	}
	for i, m := range c.Messages {
		at := at.in("messages", i)
		if !slices.Contains(roles(), m.Role) {
			v.unknown(at.in("role"), "role", m.Role, roles())
		}
		switch {
		case m.Text == "":
			v.fail(at.in("text"), "the message is empty")
		case c.Count > 1 && MarkedCall(m.Text) > 0:
			v.fail(at.in("text"), "the message has a mark such as %q, by which the %d calls are told apart",
				mark(MarkedCall(m.Text)), c.Count)
		}
	}
	names := map[string]bool{}
	for i, t := range c.Tools {
		at := at.in("tools", i)
		var schema map[string]any
		switch {
		case t.Name == "":
			v.fail(at.in("name"), "the tool has no name")
		case names[t.Name]:
			v.fail(at.in("name"), "there are two tools called %q", t.Name)
		}
		names[t.Name] = true
		if err := json.Unmarshal(t.Schema(), &schema); err != nil || schema == nil {
			v.fail(at.in("parameters"), "parameters is the JSON Schema of an object, as JSON: %s", whatIsWrong(err))
		}
	}
}

// whatIsWrong says what is wrong with a text that should be a JSON object.
func whatIsWrong(err error) string {
	if err == nil {
		return "it is null"
	}
	return fmt.Sprint(err)
}
