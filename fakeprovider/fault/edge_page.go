package fault

import (
	"cmp"
	"fmt"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// EdgePage answers with the HTML page of the edge in front of the vendor.
type EdgePage struct {
	// Status is 502 to 504, or one of Cloudflare's own, 520 to 524. Default 520.
	Status int `yaml:"status"`
}

var (
	_ fakeprovider.Fault     = EdgePage{}
	_ fakeprovider.Validator = EdgePage{}
)

const defaultEdgeStatus = 520

// Info describes the fault.
func (EdgePage) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H15"}, Name: "edge-page", Title: "The edge answers in the vendor's place, in HTML",
		Why: "A client that parses the body as JSON reports a syntax error and not an outage, and shows the page to " +
			"its user. Lists of statuses to retry end at 504.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Decide by the status, as for any 5xx, and do not parse the body.",
		},
		Issues: []string{
			"https://github.com/anthropics/claude-code/issues/3197", "https://github.com/letta-ai/letta-code/pull/1179",
			"https://github.com/router-for-me/CLIProxyAPI/issues/5681",
		},
		Default: EdgePage{Status: defaultEdgeStatus},
	}
}

// Validate refuses a status that no edge has a page for.
func (p EdgePage) Validate() error {
	if s := p.Status; s != 0 && (s < 502 || s > 504) && (s < 520 || s > 524) {
		return fmt.Errorf("edge-page: status is %d, want 502 to 504 or 520 to 524", s)
	}
	return nil
}

// Script sends the page.
func (p EdgePage) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Fail{Status: cmp.Or(p.Status, defaultEdgeStatus), Code: fakeprovider.CodeEdgePage},
	}
}
