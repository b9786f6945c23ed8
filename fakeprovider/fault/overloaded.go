package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// Overloaded answers 529, Anthropic's own status for an overload.
type Overloaded struct {
	// RetryAfter is the value of the Retry-After header, sent as it stands. Default: no header.
	RetryAfter string `yaml:"retry_after"`
}

var _ fakeprovider.Fault = Overloaded{}

// Info describes the fault.
func (Overloaded) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H8"}, Name: "overloaded", Title: "The provider is overloaded: 529",
		Why: "No list of statuses that ends at 504 has it, so clients give up where a second try was all it took, or " +
			"repeat it ten times while the next provider idles.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Treat it as an overload: ask the next provider, after one more try or at once.",
		},
		Issues: []string{
			"https://github.com/huggingface/tau/issues/333", "https://github.com/anthropics/claude-code/issues/91817",
		},
		Default: Overloaded{},
	}
}

// Script sends the vendor's error.
func (p Overloaded) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: fakeprovider.StatusOverloaded, RetryAfter: p.RetryAfter}}
}
