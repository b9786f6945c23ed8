package fault_test

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
	"proxy-refuses": {
		"| HTTP/1.1 407 Proxy Authentication Required\\r\\n", "= tunnel: EOF", "plain: request: ", ": Proxy Authentication Required\n",
	},
	"proxy-hangs": {"@ 1m4.5s\n= tunnel: nothing more", "plain: request: nothing more"},
	"http2-reset-stream": {
		"| :status: 200", `"content":" answer"`, "| < RST_STREAM stream 1 INTERNAL_ERROR\\n\n@ 1m4.5s\n= read: nothing more",
		"plain: 200 OK", "then read: stream error: stream ID 1; INTERNAL_ERROR; received from peer",
	},
	"http2-goaway": {
		`"content":" answer"`, "| < GOAWAY last stream 1 NO_ERROR\\n\n@ 501.191ms\n= read: EOF",
		"plain: 200 OK", "http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR",
	},
	"http2-settings-stall": {"@ 0s\n| * h2 is agreed on\\n\n@ 1m4.5s\n= read: nothing more\nplain: request: nothing more"},
	"http2-window-stall":   {"| < SETTINGS [INITIAL_WINDOW_SIZE = 0]\\n", "= read: nothing more\nplain: request: nothing more"},
	"latency":              {"@ 2.40", "@ 2.42", "data: [DONE]", "plain: 200 OK", "whole"},
}
