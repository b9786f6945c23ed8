package caller

import "github.com/chaosrun/chaosrun/harness"

// An object is one of JSON.
type object = map[string]any

// asked returns what a request says beside its prompt, to merge into the body that has the prompt:
// nil if that is nothing. The shapes are those that the vendors' SDKs send.
func asked(protocol string, req harness.Request) object {
	if req.System == "" && len(req.Messages)+len(req.Tools) == 0 {
		return nil
	}
	switch protocol {
	case "openai-responses":
		return askResponses(req)
	case "anthropic-messages":
		return askAnthropic(req)
	case "gemini":
		return askGemini(req)
	}
	return askChat(req)
}

// turns returns the conversation with the prompt, each message by role and text.
func turns(req harness.Request, one func(role, text string) object) (all []any) {
	for _, m := range req.Messages {
		all = append(all, one(m.Role, m.Text))
	}
	return append(all, one("user", req.Prompt))
}

// message is a message of OpenAI and of Anthropic.
func message(role, text string) object { return object{"role": role, "content": text} }

// function is a tool with its schema under a key. A description that is empty is left out.
func function(t harness.Tool, schema string) object {
	f := object{"name": t.Name, schema: t.Schema()}
	if t.Description != "" {
		f["description"] = t.Description
	}
	return f
}

// withTools adds the tools to a body.
func withTools(body object, req harness.Request, one func(harness.Tool) object) object {
	var all []any
	for _, t := range req.Tools {
		all = append(all, one(t))
	}
	if all != nil {
		body["tools"] = all
	}
	return body
}

// askChat is Chat Completions (https://platform.openai.com/docs/api-reference/chat/create).
func askChat(req harness.Request) object {
	messages := turns(req, message)
	if req.System != "" {
		messages = append([]any{message("system", req.System)}, messages...)
	}
	return withTools(object{"messages": messages}, req, func(t harness.Tool) object {
		return object{"type": "function", "function": function(t, "parameters")}
	})
}

// askResponses is the Responses API
// (https://platform.openai.com/docs/api-reference/responses/create). Its SDKs require strict of a
// function.
func askResponses(req harness.Request) object {
	body := object{}
	if len(req.Messages) > 0 {
		body["input"] = turns(req, message)
	}
	if req.System != "" {
		body["instructions"] = req.System
	}
	return withTools(body, req, func(t harness.Tool) object {
		f := function(t, "parameters")
		f["type"], f["strict"] = "function", false
		return f
	})
}

// askAnthropic is the Messages API (https://docs.anthropic.com/en/api/messages).
func askAnthropic(req harness.Request) object {
	body := object{"messages": turns(req, message)}
	if req.System != "" {
		body["system"] = req.System
	}
	return withTools(body, req, func(t harness.Tool) object { return function(t, "input_schema") })
}

// askGemini is generateContent (https://ai.google.dev/api/generate-content). Its assistant is a
// model, and all functions stand in one tool.
func askGemini(req harness.Request) object {
	content := func(role, text string) object {
		if role == "assistant" {
			role = "model"
		}
		return object{"role": role, "parts": []any{object{"text": text}}}
	}
	body := object{"contents": turns(req, content)}
	if req.System != "" {
		body["systemInstruction"] = content("user", req.System)
	}
	var functions []any
	for _, t := range req.Tools {
		functions = append(functions, function(t, "parametersJsonSchema"))
	}
	if functions != nil {
		body["tools"] = []any{object{"functionDeclarations": functions}}
	}
	return body
}
