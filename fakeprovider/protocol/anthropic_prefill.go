package protocol

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Claude takes no prefill from generation 4.6 on:
// https://github.com/BerriAI/litellm/issues/27967,
// https://github.com/agenticloops-ai/agentic-ai-engineering/issues/43 and many more quote the
// refusal. Sonnet 4.5 and older models take one.
const (
	anthropicPrefillMajor = 4
	anthropicPrefillMinor = 6
)

// pickPrefill picks the refusal. A script may send it as well.
const pickPrefill = "prefill"

// anthropicPrefill refuses a conversation that ends in the assistant's words if the model takes
// none, or if they end in white space. A last message without a text, such as a tool call, is no
// prefill.
func anthropicPrefill(model string, last message) *fakeprovider.Problem {
	switch {
	case last.Role != "assistant" || last.Content == "":
		return nil
	case !takesPrefill(model):
		return &fakeprovider.Problem{Status: http.StatusBadRequest, Code: pickPrefill}
	case strings.TrimRightFunc(string(last.Content), unicode.IsSpace) != string(last.Content):
		return anthropicInvalid("messages: final assistant content cannot end with trailing whitespace")
	}
	return nil
}

// takesPrefill reads the generation of a model from its name: claude-opus-4-6,
// claude-3-5-sonnet-20241022, claude-sonnet-5, also with a gateway's prefix or dots. It reports
// true for a model that is not Claude.
func takesPrefill(model string) bool {
	_, name, ok := strings.Cut(model, "claude-")
	if !ok {
		return true
	}
	words := strings.Split(strings.ReplaceAll(name, ".", "-"), "-")
	for i, word := range words {
		major, ok := generation(word)
		if !ok {
			continue
		}
		minor := 0
		if i+1 < len(words) {
			minor, _ = generation(words[i+1]) // a date, or nothing, is the .0
		}
		return major < anthropicPrefillMajor || major == anthropicPrefillMajor && minor < anthropicPrefillMinor
	}
	return true
}

// generation matches a part of a version: a number of one or two digits.
func generation(word string) (int, bool) {
	n, err := strconv.ParseUint(word, 10, 8)
	if err != nil || len(word) > 2 {
		return 0, false
	}
	return int(n), true
}
