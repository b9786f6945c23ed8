package failover_test

import "time"

// The measured rows of the engine behind the reports. What was measured is the real engine against
// a fault server, at a stale threshold of 3 s instead of 180 s; here the thresholds are the real
// ones, so that only attempts, outcomes and the waits between attempts compare. Sources:
// https://github.com/NousResearch/hermes-agent at a7e7921dbc0a (B0, the report's tree),
// c946e6709fa6 (F1, the fix that landed) and 3c27eb6234bf (L, 0.20).

// came is what a row came to: requests to the primary, how it ended, and for `fallback` the seconds
// until it was asked.
type came struct {
	attempts int
	how      string
	from, to float64
}

func fallsBack(attempts int, from, to float64) came { return came{attempts, "fallback", from, to} }

var (
	atOnce  = fallsBack(1, 0, 0)
	allWait = fallsBack(3, 6, 9) // two backoffs, [2, 3) and [4, 6)
	second  = fallsBack(2, 2, 3) // the first of them
	idle    = came{attempts: 1, how: "fails"}
	hangs   = came{attempts: 1, how: "hangs"}
	healthy = came{attempts: 1, how: "primary"}
)

// b0, f1 and l are the policies of the three columns. Where a row was measured over TLS, B0 is the
// policy whose kills are protocol errors.
const (
	reported  = "hermes-0.13"
	b0TLS     = "hermes-0.13-tls"
	landedFix = "hermes-landed-fix"
	l020      = "hermes-0.20"
)

type measuredRow struct {
	row     string // as the measurement calls it
	primary script
	over    func(string, ...script) provider // openai by default
	b0      string                           // the first column's policy
	want    [3]came                          // B0, F1, L
	refused bool                             // there is no server, so that the engine's own count of requests has to do
	// B0 was measured without a user interface, where a part of an answer counts as an empty one
	unseen bool
}

// The fault sweep: the fallback is healthy.
var sweep = []measuredRow{
	{row: "429", primary: fails(429, `{}`), want: [3]came{atOnce, atOnce, atOnce}},
	{row: "429 + Retry-After", primary: fails(429, `{}`, "Retry-After", "7"), want: [3]came{atOnce, atOnce, atOnce}},
	{row: "402", primary: fails(402, `{}`), want: [3]came{atOnce, atOnce, atOnce}},
	{row: "401", primary: fails(401, `{}`), want: [3]came{atOnce, atOnce, atOnce}},
	{row: "403", primary: fails(403, `{}`), want: [3]came{atOnce, atOnce, atOnce}},
	{
		row: "404 model", primary: fails(404, `{"error":{"message":"model not found"}}`),
		want: [3]came{atOnce, atOnce, atOnce},
	},
	{row: "500", primary: fails(500, `{}`), want: [3]came{allWait, allWait, allWait}},
	// By its code: the SDK of Anthropic's protocol repeats each request twice, until 0.20, after
	// 0.5 s and 1 s less up to a quarter.
	{
		row: "500 over Anthropic's protocol", over: anthropic, primary: fails(500, `{}`),
		want: [3]came{fallsBack(9, 9.3, 13.5), fallsBack(9, 9.3, 13.5), allWait},
	},
	{row: "502", primary: fails(502, `{}`), want: [3]came{allWait, allWait, allWait}},
	{row: "504", primary: fails(504, `{}`), want: [3]came{allWait, allWait, allWait}},
	{row: "524", primary: fails(524, `{}`), want: [3]came{allWait, allWait, allWait}},
	{row: "generic 404", primary: fails(404, `no such page`), want: [3]came{allWait, allWait, allWait}},
	{
		row: "503 (Retry-After ignored)", primary: fails(503, `{}`, "Retry-After", "7"),
		want: [3]came{allWait, second, second},
	},
	{
		row: "529 (Retry-After ignored)", primary: fails(529, `{}`, "Retry-After", "7"),
		want: [3]came{allWait, second, second},
	},
	{row: "413", primary: fails(413, `{}`), want: [3]came{idle, idle, idle}},
	{row: "refused", refused: true, want: [3]came{fallsBack(6, 18, 24), second, second}}, // B0 measured: 21.3 s
	{row: "RST at once", primary: resets, want: [3]came{fallsBack(6, 18, 24), second, second}},
	{row: "headers + RST (ReadError)", primary: headersThenReset, want: [3]came{allWait, second, second}},
	{
		row: "headers + FIN mid-chunk (RemoteProtocolError)", primary: cut,
		want: [3]came{fallsBack(18, 18, 24), fallsBack(6, 2, 3), fallsBack(6, 2, 3)},
	},
	{
		row: "200, only [DONE]", primary: always("data: [DONE]\n\n"),
		want: [3]came{fallsBack(4, 0, 0), allWait, fallsBack(9, 6, 9)},
	},
	{row: "200, empty body", primary: always(""), want: [3]came{fallsBack(4, 0, 0), allWait, fallsBack(9, 6, 9)}},
	{row: "200, HTML page", primary: htmlPage, want: [3]came{fallsBack(4, 0, 0), allWait, fallsBack(9, 6, 9)}},
	{row: "malformed JSON event", primary: malformed, want: [3]came{allWait, allWait, allWait}},
	{row: `SSE error "Overloaded"`, primary: streamError, want: [3]came{allWait, second, second}},
	{
		row: "text, then RST", primary: lost["reset"], unseen: true,
		want: [3]came{fallsBack(4, 0, 1), {3, "fails", 0, 0}, {4, "fails", 0, 0}},
	},
	{
		row: "text, then heartbeat stall", primary: lost["stall"], b0: b0TLS, unseen: true,
		want: [3]came{fallsBack(4, 720, 721), {3, "fails", 0, 0}, {4, "fails", 0, 0}},
	},
	{
		row: "text, then RST, with a user interface", primary: lost["reset"],
		want: [3]came{{1, "part", 0, 0}, {3, "fails", 0, 0}, {4, "fails", 0, 0}},
	},
	{
		row: "text, then heartbeat stall, with a user interface", primary: lost["stall"], b0: b0TLS,
		want: [3]came{{1, "part", 0, 0}, {3, "fails", 0, 0}, {4, "fails", 0, 0}},
	},
	// The inner loop repeats a stream that broke in a tool call, for each continuation again: 3, 3
	// × 3 and 3 × 4. A kill that reads as a ReadError is repeated by nobody. The first column was
	// measured at 0.13.0 itself; its warning that the call was not made is the answer.
	{
		row: "text and a tool call, then heartbeat stall", primary: lostInACall(heartbeats), b0: b0TLS,
		want: [3]came{{3, "warning", 0, 0}, {9, "fails", 0, 0}, {12, "fails", 0, 0}},
	},
	{
		row: "text and a tool call, then heartbeat stall, killed as ReadError", primary: lostInACall(heartbeats),
		want: [3]came{{1, "warning", 0, 0}, {9, "fails", 0, 0}, {12, "fails", 0, 0}},
	},
	{
		row: "text and a tool call, then no byte", primary: lostInACall(func(x *exchange) { x.hang() }),
		want: [3]came{{3, "warning", 0, 0}, {9, "fails", 0, 0}, {12, "fails", 0, 0}},
	},
	{
		row: "slow first token, below the threshold", primary: firstTokenAfter(2 * time.Minute),
		want: [3]came{healthy, healthy, healthy},
	},
}

// What counts as activity: one frame every 10 s, for ever; a threshold of 180 s.
var activity = []measuredRow{
	{row: ": ping comment", b0: b0TLS, primary: frames(": ping\n\n"), want: killed},
	{row: "blank lines", b0: b0TLS, primary: frames("\n\n"), want: killed},
	{
		row: "the same, killed as ReadError", primary: frames(": ping\n\n"),
		want: [3]came{fallsBack(3, 546, 549), killed[1], killed[2]},
	},
	{
		row: "event: ping, data: {}", b0: b0TLS, primary: frames("event: ping\ndata: {}\n\n"),
		want: [3]came{hangs, hangs, hangs},
	},
	{
		row: "choices: []", b0: b0TLS, primary: frames(`data: {"id":"1","choices":[]}` + "\n\n"),
		want: [3]came{hangs, hangs, hangs},
	},
	{
		row: "delta: {}", b0: b0TLS, primary: frames(`data: {"id":"1","choices":[{"index":0,"delta":{}}]}` + "\n\n"),
		want: [3]came{hangs, hangs, hangs},
	},
	{
		row: "delta: {role}", b0: b0TLS,
		primary: frames(`data: {"id":"1","choices":[{"index":0,"delta":{"role":"assistant"}}]}` + "\n\n"),
		want:    [3]came{hangs, hangs, hangs},
	},
	{row: `delta: {content: ""}`, b0: b0TLS, primary: dataHeartbeats, want: [3]came{hangs, hangs, hangs}},
	{
		row: "1 token at a time, for ever", b0: b0TLS,
		primary: frames(`data: {"id":"1","choices":[{"index":0,"delta":{"content":"x"}}]}` + "\n\n"),
		want:    [3]came{hangs, hangs, hangs},
	},
	{
		row: "1 reasoning token at a time, for ever", b0: b0TLS,
		primary: frames(`data: {"id":"1","choices":[{"index":0,"delta":{"reasoning_content":"x"}}]}` + "\n\n"),
		want:    [3]came{hangs, hangs, hangs},
	},
	{row: "data: (empty)", b0: b0TLS, primary: frames("data:\n\n"), want: [3]came{allWait, allWait, allWait}},
	{row: "Anthropic ping", b0: b0TLS, over: anthropic, primary: heartbeats, want: [3]came{hangs, hangs, killed[2]}},
	{
		row: "Anthropic comment", b0: b0TLS, over: anthropic, primary: frames(": ping\n\n"),
		want: [3]came{hangs, hangs, killed[2]},
	},
	{
		row: "Anthropic message_start, then pings", b0: b0TLS, over: anthropic, primary: startsThenPings,
		want: [3]came{hangs, hangs, killed[2]},
	},
	// 4 × 180 s without a wait, 3 with two backoffs, 2 × 3 with one: then the breaker.
	{
		row: ": ping comment, in a body without framing", b0: b0TLS, primary: unframed(heartbeats),
		want: [3]came{fallsBack(4, 720, 720), fallsBack(3, 546, 549), fallsBack(6, 1082, 1089)},
	},
	{
		row: "headers, then no bytes at all", b0: b0TLS, primary: silent,
		want: [3]came{fallsBack(18, 2178, 2184), killed[1], killed[2]},
	},
	{
		row: "no response headers, no bytes", b0: b0TLS, primary: mute,
		want: [3]came{fallsBack(6, 738, 744), fallsBack(2, 362, 363), fallsBack(2, 362, 363)},
	},
	{
		// The read timeout of 900 s ends it, 18 times as measured on B0; F1's six follow from its
		// code.
		row: "Anthropic, silent", b0: b0TLS, over: anthropic, primary: silent,
		want: [3]came{fallsBack(18, 16218, 16224), fallsBack(6, 5402, 5403), killed[2]},
	},
}

// killed are 3 × 3 × 2, 3 × 2 and 3 × 2 stale kills at 180 s.
var killed = [3]came{fallsBack(18, 3258, 3264), fallsBack(6, 1082, 1083), fallsBack(6, 1082, 1083)}

func always(body string) script { return func(x *exchange) { x.send(body) } }

// unframed sends the body neither in chunks nor with a length, so that only the connection's end is
// its end.
func unframed(play script) script {
	return func(x *exchange) {
		x.w.Header().Set("Transfer-Encoding", "identity")
		play(x)
	}
}

func htmlPage(x *exchange) {
	x.w.Header().Set("Content-Type", "text/html")
	x.send("<html>hello</html>\n")
}

// frames sends one frame every 10 s, a phase away from any limit.
func frames(frame string) script {
	return func(x *exchange) {
		x.send("")
		for d := 3 * time.Millisecond; x.wait(d); d = 10 * time.Second {
			x.send(frame)
		}
	}
}

func startsThenPings(x *exchange) {
	x.send("event: message_start\n" +
		"data: {\"type\":\"message_start\",\"message\":{\"id\":\"1\",\"model\":\"m\",\"usage\":{\"input_tokens\":5}}}\n\n")
	heartbeats(x)
}

func firstTokenAfter(d time.Duration) script {
	return func(x *exchange) {
		for began := time.Now(); time.Since(began) < d; x.heartbeat() {
			if !x.wait(7 * time.Second) {
				return
			}
		}
		answers(x)
	}
}
