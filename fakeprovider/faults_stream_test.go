package fakeprovider_test

// streamFaults are the rows S1 to S25.
var streamFaults = map[string][]string{
	"heartbeat-only":  {": ", "= read: nothing more", "plain: 200 OK, a body that does not end"},
	"silence":         {"= read: nothing more", "plain: 200 OK, a body that does not end"},
	"no-response":     {"= read: nothing more", "plain: request: nothing more"},
	"slow-trickle":    {"= read: nothing more"},
	"mid-stream-drop": {"= read: EOF", "unexpected EOF"},
	"bandwidth":       {"data: [DONE]", "= read: EOF"},
	"malformed-json":  {`{"content":" is"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"Z33yKRNRVfIbC6"\n`},
}
