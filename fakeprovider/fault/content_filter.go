package fault

import (
	"cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ContentFilter stops the answer with its filter.
type ContentFilter struct {
	// After is how many tokens arrive before. Default 5.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Fault     = ContentFilter{}
	_ fakeprovider.Validator = ContentFilter{}
)

// Info describes the fault.
func (ContentFilter) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M3"}, Name: "content-filter",
		Title: "The vendor's filter ends the answer, in a response that succeeded",
		Why: "What was shown is a part that nobody will complete, and the same model will be filtered again. Loops " +
			"that go on unless the reason is stop ask for ever.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note: "Do not ask the same model again: return an error, or ask another behind a restart " +
				"marker.",
		},
		Issues: []string{
			"https://github.com/mastra-ai/mastra/pull/17893",
			"https://github.com/can1357/oh-my-pi/pull/10503",
		},
		Default: ContentFilter{After: defaultDropAfter},
	}
}

// Validate refuses a negative number.
func (p ContentFilter) Validate() error {
	return atLeastOne("content-filter", "after", p.After)
}

// Script sends the tokens and finishes with content_filter.
func (p ContentFilter) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Wait{For: fakeprovider.DefaultTTFT},
		fakeprovider.Text{Tokens: cmp.Or(p.After, defaultDropAfter), ITL: fakeprovider.DefaultITL},
		fakeprovider.Finish{Reason: "content_filter"},
	}
}
