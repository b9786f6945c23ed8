package failover

import (
	"slices"
	"strings"
)

// takesPrefill reports whether a provider's model continues an assistant's message at the end of
// the conversation. Responses has no such thing, and the later models of two vendors refuse it
// with a status of 400.
func (p Provider) takesPrefill() bool {
	if p.NoPrefill || p.Protocol == OpenAIResponses {
		return false
	}
	model := bareModel(p.Model)
	begins := func(prefix string) bool { return strings.HasPrefix(model, prefix) }
	switch {
	case begins("claude"):
		model = strings.ReplaceAll(model, ".", "-") // as gateways spell versions
		return slices.ContainsFunc(prefilledClaudes(), begins)
	case begins("gemini-"):
		return !begins("gemini-3.5-flash-lite") && slices.ContainsFunc(prefilledGeminis(), begins)
	}
	return true
}

// prefilledClaudes returns the prefixes of Anthropic's models that take a prefill: those before
// 4.6
// (https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-6#prefill-removal).
func prefilledClaudes() []string {
	return []string{
		"claude-1", "claude-2", "claude-3", "claude-instant", "claude-opus-4-0", "claude-opus-4-1", "claude-opus-4-2",
		"claude-opus-4-5",
		"claude-sonnet-4-0", "claude-sonnet-4-2", "claude-sonnet-4-5", "claude-haiku-4-5", // -2…: a date
	}
}

// prefilledGeminis returns the prefixes of Google's models that take a prefill, as others have
// tried them one by one (https://github.com/LibreChat-AI/agents/pull/323,
// https://github.com/pipecat-ai/pipecat/pull/5821).
func prefilledGeminis() []string {
	return []string{"gemini-1", "gemini-2", "gemini-3-", "gemini-3.1-", "gemini-3.5-flash", "gemini-pro-latest"}
}
