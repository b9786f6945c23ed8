package fakeprovider_test

import "testing"

// connectionFaults are the rows C1 to C17.
var connectionFaults = map[string][]string{
	"refused":            {"@ 0s\n= dial: connect: connection refused", "plain: request: connect: connection refused"},
	"dns-not-found":      {"@ 0s\n= dial: lookup HOST: no such host", "plain: request: lookup HOST: no such host"},
	"dns-server-failure": {"@ 0s\n= dial: lookup HOST: server misbehaving", "plain: request: lookup HOST: server misbehaving"},
	"dns-slow":           {"@ 1m0.4", "data: [DONE]", "plain: 200 OK"},
	"connect-blackhole":  {"@ 1m4.5s\n= dial: nothing more", "plain: request: nothing more"},
	"no-response":        {"@ 1m4.5s\n= read: nothing more", "plain: request: nothing more"},
	"request-unread":     {"@ 1m4.5s\n= write: nothing more", "plain: request: nothing more"},

	"tls-handshake-stall": {"@ 1m4.5s\n= handshake: nothing more", "plain: request: nothing more"},
	"tls-expired-certificate": {
		"= handshake: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time TIME is after TIME",
		"plain: request: Post \"https://ADDRESS/v1/chat/completions\": tls: failed to verify certificate: x509: certificate has expired",
	},
	"tls-wrong-host": {
		"= handshake: tls: failed to verify certificate: x509: certificate is valid for ANOTHER, not HOST",
		"plain: request: Post \"https://ADDRESS/v1/chat/completions\": tls: failed to verify certificate: x509: certificate is valid for ANOTHER, not HOST",
	},
	"tls-unknown-authority": {
		"= handshake: tls: failed to verify certificate: x509: certificate signed by unknown authority",
		"plain: request: Post \"https://ADDRESS/v1/chat/completions\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
	},
	"tls-alert":      {"= handshake: remote error: tls: handshake failure", "plain: request: remote error: tls: handshake failure"},
	"tls-bad-record": {"200 OK", `"content":" answer"`, "= read: local error: tls: bad record MAC", "then read: local error: tls: bad record MAC"},

	"reset-before-headers": {"\n= read: read: connection reset by peer", "plain: request: read: connection reset by peer"},
	"close-before-headers": {"\n= read: EOF", "plain: request: EOF"},
	"stale-keep-alive":     {"data: [DONE]", "= read: read: connection reset by peer", "plain: request: read: connection reset by peer"},
	"reset-mid-body":       {`"content":" answer"`, "= read: read: connection reset by peer", "plain: 200 OK", "then read: read: connection reset by peer"},
	"mid-stream-drop":      {`"content":" answer"`, "= read: EOF", "plain: 200 OK", "then read: unexpected EOF"},
	"early-end":            {`"content":" answer"`, "| 0\\r\\n\n| \\r\\n", "plain: 200 OK", "whole"},
	"half-open":            {`"content":" answer"`, "@ 1m4.5s\n= read: nothing more", "plain: 200 OK, a body that does not end"},
	"latency":              {"@ 2.40", "@ 2.42", "data: [DONE]", "plain: 200 OK", "whole"},
}

// observeFrames is a client that knows no more of HTTP/2 than its frames.
func (s *site) observeFrames(t *testing.T) observation {
	t.Helper()
	t.Fatal("no fault needs HTTP/2 yet")
	return observation{}
}
