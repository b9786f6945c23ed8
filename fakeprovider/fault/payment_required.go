package fault

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// PaymentRequired answers 402: the account has no credit left.
type PaymentRequired struct{}

var _ fakeprovider.Fault = PaymentRequired{}

// Info describes the fault.
func (PaymentRequired) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H11"}, Name: "payment-required", Title: "There is no credit left: 402",
		Why: "Taken for a passing failure it is repeated, by a fleet around the clock, against an account that pays " +
			"for nothing. Taken for the caller's fault the chain is never asked.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Ask the next provider, without a retry.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/issues/31273",
			"https://github.com/agent-tools-org/ai-dispatch/issues/49",
		},
		Default: PaymentRequired{},
	}
}

// Script sends the vendor's error.
func (PaymentRequired) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Fail{Status: http.StatusPaymentRequired}}
}
