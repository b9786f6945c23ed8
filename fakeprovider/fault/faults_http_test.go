package fault_test

// httpFaults are the rows H1 to H25.
var httpFaults = map[string][]string{
	// H1 to H4: how long to wait, and whether to.
	"rate-limited":         {"HTTP/1.1 429 Too Many Requests", "rate_limit_exceeded"},
	"retry-after-seconds":  {`| Retry-After: 2\r\n`, "plain: 429"},
	"retry-after-long":     {`| Retry-After: 3600\r\n`, "plain: 429"},
	"retry-after-date":     {`| Date: Wed, 01 Jul 2026 12:00:00 GMT\r\n`, `| Retry-After: Wed, 01 Jul 2026 12:00:30 GMT\r\n`, "plain: 429"},
	"retry-after-fraction": {`| Retry-After: 1.5\r\n`, "plain: 429"},
	"retry-after-negative": {`| Retry-After: -5\r\n`, "plain: 429"},
	"retry-after-garbage":  {`| Retry-After: soon\r\n`, "plain: 429"},
	"retry-after-absurd":   {`| Retry-After: 9223372036854775808\r\n`, "plain: 429"},
	"retry-after-ms":       {`| Retry-After-Ms: 1500\r\n`, "plain: 429"},
	"should-retry":         {`| X-Should-Retry: false\r\n`, "plain: 503"},

	// H5 to H15: errors by their status.
	"quota-exhausted":         {"HTTP/1.1 429 ", `"code": "insufficient_quota"`},
	"limits-spent":            {`| x-ratelimit-remaining-requests: 0\r\n`, `| x-ratelimit-remaining-tokens: 0\r\n`, "plain: 200 OK"},
	"server-error":            {"HTTP/1.1 500 Internal Server Error", `"type": "server_error"`},
	"overloaded":              {"HTTP/1.1 529 ", `"message": "Overloaded"`},
	"retryable-status":        {"HTTP/1.1 408 Request Timeout"},
	"unauthorized":            {"HTTP/1.1 401 Unauthorized", `"code": "invalid_api_key"`},
	"forbidden":               {"HTTP/1.1 403 Forbidden"},
	"payment-required":        {"HTTP/1.1 402 Payment Required", "Insufficient Balance"},
	"model-not-found":         {"HTTP/1.1 404 Not Found", `"code": "model_not_found"`},
	"request-too-large":       {"HTTP/1.1 413 Request Entity Too Large", `| Content-Type: text/html\r\n`, "<hr><center>cloudflare"},
	"context-length-exceeded": {"HTTP/1.1 400 Bad Request", `"code": "context_length_exceeded"`},
	"bad-request":             {"HTTP/1.1 400 Bad Request", `"type": "invalid_request_error"`},
	"edge-page":               {"HTTP/1.1 520 ", `| Content-Type: text/html\r\n`, "Web server is returning an unknown error"},

	// H16 to H18: a status that says nothing.
	"error-inside-200":        {"HTTP/1.1 200 OK", `| Content-Type: application/json\r\n`, `"type": "server_error"`},
	"html-inside-200":         {"HTTP/1.1 200 OK", `| Content-Type: text/html; charset=utf-8\r\n`, "<h1>Sign in to continue"},
	"whole-answer-for-stream": {"HTTP/1.1 200 OK", `| Content-Type: application/json\r\n`, `"object": "chat.completion",`},
	"empty-body":              {"HTTP/1.1 200 OK", `| Content-Length: 0\r\n`, "plain: 200 OK, 0 bytes of body, whole"},
	"no-content":              {"HTTP/1.1 204 No Content", "plain: 204 No Content, 0 bytes of body, whole"},

	// H19: redirects.
	"redirect-elsewhere": {
		"HTTP/1.1 307 Temporary Redirect", `| Location: http://ELSEWHERE/v1/chat/completions?redirected=1\r\n`,
		"plain: 307 to POST http://ELSEWHERE/v1/chat/completions?redirected=1 without Authorization; 401 Unauthorized",
	},
	"redirect-loop": {
		`| Location: http://ADDRESS/v1/chat/completions\r\n`, "307 to POST http://ADDRESS/v1/chat/completions, the first of 9; ",
		"stopped after 10 redirects",
	},
	"redirect-downgrade": {
		"HTTP/1.1 301 Moved Permanently", "plain: 301 to GET http://ADDRESS/v1/chat/completions?redirected=1; 405 Method Not Allowed",
	},

	// H20 to H25: framing and what is around it.
	"length-and-chunks": {`| Content-Length: 16\r\n`, `| Transfer-Encoding: chunked\r\n`, "= read: EOF", "plain: 200 OK"},
	"chunk-garbage":     {`| bad\tsize\r\n`, "= read: EOF", "then read: invalid byte in chunk length"},
	"chunk-cut":         {"= read: EOF", "then read: unexpected EOF"},
	"length-too-long":   {`| Content-Length: 1048576\r\n`, "data: [DONE]", "= read: EOF", "then read: unexpected EOF"},
	"length-too-short":  {`| Content-Length: 256\r\n`, "data: [DONE]", "plain: 200 OK, 256 bytes of body, whole"},
	"oversized-headers": {"| X-Padding: xxx", "data: [DONE]", "server response headers exceeded 10485760 bytes; aborted"},
	"informational":     {`| HTTP/1.1 103 Early Hints\r\n`, `| HTTP/1.1 200 OK\r\n`, "plain: 200 OK"},
	"continue-stall":    {`| HTTP/1.1 100 Continue\r\n`, "= read: nothing more", "plain: request: nothing more"},
	"http10":            {`| HTTP/1.0 200 OK\r\n`, "= read: EOF", "plain: 200 OK"},
	"gzip-stream":       {`| Content-Encoding: gzip\r\n`, "= read: EOF", "plain: 200 OK"},
	"buffered":          {"data: [DONE]", "= read: EOF", "plain: 200 OK"},
	"trailer-error":     {`| Trailer: Grpc-Status, Grpc-Message\r\n`, `| Grpc-Status: 14\r\n`, "Grpc-Status: 14"},
}
