package fault

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RequestTooLarge answers 413, with the HTML page of the edge in front of the vendor.
type RequestTooLarge struct{}

var _ fakeprovider.Fault = RequestTooLarge{}

// Info describes the fault.
func (RequestTooLarge) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H13"}, Name: "request-too-large", Title: "The request is too large for the edge: 413, in HTML",
		Why: "The body is no JSON. Parsed as such it becomes an error of the client's, and a chain that counts 4xx " +
			"as the caller's fault never asks a provider with a larger limit.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Do not ask the same provider again: ask the next one if its limit is larger.",
		},
		Issues: []string{
			"https://github.com/tashfeenahmed/freellmapi/pull/64", "https://github.com/openclaw/openclaw/issues/147644",
			"https://github.com/agentgateway/agentgateway/issues/2359",
		},
		Default: RequestTooLarge{},
	}
}

// Script sends the vendor's error.
func (RequestTooLarge) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Fail{Status: http.StatusRequestEntityTooLarge, Code: fakeprovider.CodeEdgePage},
	}
}
