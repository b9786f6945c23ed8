package harness

import (
	"strings"

	"github.com/chaosrun/chaosrun/scenarios"
)

const (
	// bytesPerToken is what engines that do not count tokens assume of English text.
	bytesPerToken = 4
	// longestPadding bounds a padded prompt, in tokens.
	longestPadding = 200_000
	// filler is repeated to pad a prompt. Its length is a multiple of bytesPerToken.
	filler = "The quick brown fox jumps over the lazy dog. It is old. "
)

// prompt returns the prompt that the engine gets. An engine outside of the process estimates the
// size of a conversation itself, so it gets a prompt of the declared size. An engine in the
// process gets the short one and the declared size.
func (st *stage) prompt(c scenarios.Call) string {
	if st.options.outside == nil {
		return c.Prompt
	}
	size := bytesPerToken * min(c.ContextTokens, longestPadding)
	if most := st.options.outside.PromptLimit; most > 0 {
		size = min(size, most)
	}
	return padded(c.Prompt, size)
}

// padded puts filler before a prompt, so that both have about size bytes.
func padded(prompt string, size int) string {
	missing := size - len(prompt)
	if missing <= 0 {
		return prompt
	}
	return strings.Repeat(filler, 1+missing/len(filler)) + "\n\n" + prompt
}
