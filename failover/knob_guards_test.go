package failover_test

import (
	"net/http"
	"time"
)

// noJitter makes waits exact: 2 s, 4 s, 8 s.
const noJitter = `backoff: {jitter: 0.0}`

// guardRows are the rows of the guards, the waits and the classification.
var guardRows = []knobRow{
	{
		knob: "turn_deadline", off: `{deadline: 40s}`, on: `{deadline: 40s, turn_deadline: 50s}`,
		turn: 30 * time.Second, primary: heartbeats,
		want: [2]string{"1 × primary, 40s, deadline", "1 × primary, 20s, deadline"},
	},
	{
		knob: "turn_deadline", off: `{}`, on: `{turn_deadline: 50s}`, primary: heartbeats,
		want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 50s, deadline"},
	},

	{
		knob: "watch.tls", off: `{watch: {connect: {after: 30s}}}`, on: `{watch: {connect: {after: 30s}, tls: 5s}}`,
		url: "https://primary.test", frozen: true,
		want: [2]string{"0 × primary, 30s, fallback", "0 × primary, 5s, fallback"},
	},
	{
		knob: "watch.tls", off: `{}`, on: `{watch: {tls: 5s}}`, primary: slowButHealthy,
		want: [2]string{"1 × primary, 1m20s, primary", "1 × primary, 1m20s, primary"},
	},
	{
		knob: "watch.stale_floors", off: `{watch: {stale: 60s}}`, on: floors, model: "openai/o3-mini-2025",
		primary: heartbeats, want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1m30s, fallback"},
	},
	{
		knob: "watch.stale_floors", off: `{watch: {stale: 60s}}`, on: floors, model: "o30", primary: heartbeats,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1m0s, fallback"},
	},
	{
		knob: "watch.stale_floors", off: `{watch: {stale: 60s, stale_call: 60s}}`,
		on: `{watch: {stale: 60s, stale_call: 60s, stale_floors: [{models: [o3], at_least: 80s}]}}`, whole: true,
		model: "O3", primary: mute, want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1m20s, fallback"},
	},
	{
		knob: "watch.stale_share", off: `{deadline: 80s, watch: {stale: 60s}}`,
		on: `{deadline: 80s, watch: {stale: 60s, stale_share: 0.5}}`, primary: heartbeats,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 40s, fallback"},
	},
	{
		knob: "watch.stale_share", off: `{deadline: 80s, watch: {stale: 30s}}`,
		on: `{deadline: 80s, watch: {stale: 30s, stale_share: 0.5}}`, primary: heartbeats,
		want: [2]string{"1 × primary, 30s, fallback", "1 × primary, 30s, fallback"},
	},
	{
		knob: "watch.local.no_stale", off: `{watch: {stale: 60s}}`,
		on: `{watch: {stale: 60s, local: {no_stale: true}}}`, url: "http://10.1.2.3", primary: heartbeats,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1h0m0s, caller"},
	},
	{
		knob: "watch.local.no_stale", off: `{watch: {stale: 60s}}`,
		on: `{watch: {stale: 60s, local: {no_stale: true}}}`, primary: heartbeats,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1m0s, fallback"},
	},
	{
		knob: "watch.local.stale", off: `{watch: {stale: 60s}}`, on: `{watch: {stale: 60s, local: {stale: 900s}}}`,
		url: "http://localhost", primary: heartbeats,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 15m0s, fallback"},
	},
	{
		knob: "watch.local.read", off: `{watch: {read: {after: 60s}}}`,
		on: `{watch: {read: {after: 60s}, local: {read: 1800s}}}`, url: "http://host.docker.internal", primary: silent,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 30m0s, fallback"},
	},
	{
		knob: "watch.throughput.window", off: `{}`, on: `{watch: {throughput: {window: 60s, at_least: 100}}}`,
		primary: trickle, want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 1m1s, restart, fallback"},
	},
	{
		knob: "watch.throughput.window", off: `{}`, on: `{watch: {throughput: {window: 60s, at_least: 5}}}`,
		primary: slowButHealthy, want: [2]string{"1 × primary, 1m20s, primary", "1 × primary, 1m20s, primary"},
	},
	{
		knob: "watch.throughput.at_least", off: `{watch: {throughput: {window: 60s, at_least: 50}}}`,
		on: `{watch: {throughput: {window: 60s, at_least: 70}}}`, primary: trickle,
		want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 1m1s, restart, fallback"},
	},
	{
		knob: "watch.pause_in_emit", off: `{watch: {stale: 30s}}`, on: `{watch: {stale: 30s, pause_in_emit: true}}`,
		primary: manyTexts, slow: 40 * time.Second,
		want: [2]string{"1 × primary, 2m40s, restart, fallback", "1 × primary, 1m40s, primary"},
	},
	{
		knob: "watch.pause_in_emit", off: `{watch: {stale: 30s}}`, on: `{watch: {stale: 30s, pause_in_emit: true}}`,
		primary: lost["stall"], slow: 5 * time.Second,
		want: [2]string{"1 × primary, 45s, restart, fallback", "1 × primary, 50s, restart, fallback"},
	},
	{
		knob: "watch.progress", off: `{watch: {stale: 60s, progress: data}}`,
		on: `{watch: {stale: 60s, progress: event}}`, over: anthropic, primary: heartbeats,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1h0m0s, caller"},
	},
	{
		knob: "watch.progress", off: `{watch: {stale: 60s, progress: event}}`,
		on: `{watch: {stale: 60s, progress: byte}}`, primary: heartbeats,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1h0m0s, caller"},
	},
	{
		knob: "watch.progress", off: `{watch: {stale: 60s, progress: content}}`,
		on: `{watch: {stale: 60s, progress: data}}`, primary: dataHeartbeats,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1h0m0s, caller"},
	},

	{
		knob: "watch.unframed_kill_ends", off: unframedKill(``), on: unframedKill(`, unframed_kill_ends: true`),
		primary: unframed(heartbeats), want: [2]string{"1 × primary, 1m0s, fallback", "3 × primary, 3m0s, fallback"},
	},
	{
		knob: "watch.unframed_kill_ends", off: unframedKill(``), on: unframedKill(`, unframed_kill_ends: true`),
		primary: heartbeats, want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1m0s, fallback"},
	},

	{
		knob: "retry.empty.retries", off: `{retry: {attempts: 2, ` + noJitter + `}}`,
		on:      `{retry: {attempts: 2, ` + noJitter + `, empty: {retries: 3, on: [empty, empty_stream]}}}`,
		primary: finishes, want: [2]string{"2 × primary, 2s, fallback", "4 × primary, 0s, fallback"},
	},
	{
		knob: "retry.empty.on", off: `{retry: {empty: {retries: 1, on: [empty]}}}`,
		on: `{retry: {empty: {retries: 1, on: [empty, empty_stream]}}}`, primary: endsEmpty,
		want: [2]string{"1 × primary, 0s, fallback", "2 × primary, 0s, fallback"},
	},
	{
		knob: "retry.empty.backoff.base", off: `{retry: {empty: {retries: 2, on: [empty]}}}`,
		on: `{retry: {empty: {retries: 2, on: [empty], backoff: {base: 5s, cap: 60s}}}}`, primary: finishes,
		want: [2]string{"3 × primary, 0s, fallback", "3 × primary, 15s, fallback"},
	},
	{
		knob: "retry.empty.backoff.cap",
		off:  `{retry: {empty: {retries: 2, on: [empty], backoff: {base: 5s, cap: 60s}}}}`,
		on:   `{retry: {empty: {retries: 2, on: [empty], backoff: {base: 5s, cap: 6s}}}}`, primary: finishes,
		want: [2]string{"3 × primary, 15s, fallback", "3 × primary, 11s, fallback"},
	},
	{
		knob:    "retry.empty.backoff.jitter",
		off:     `{retry: {empty: {retries: 1, on: [empty], backoff: {base: 2s, cap: 60s}}}}`,
		on:      `{retry: {empty: {retries: 1, on: [empty], backoff: {base: 2s, cap: 60s, jitter: 0.4}}}}`,
		primary: finishes, want: [2]string{"2 × primary, 2s, fallback", "2 × primary, 2s and more, fallback"},
	},

	{
		knob: "retry.retry_after.forms", off: asks(`forms: [seconds]`), on: asks(`forms: [seconds, fraction]`),
		primary: fails(429, `{}`, "Retry-After", "0.5"),
		want:    [2]string{"2 × primary, 2s, fallback", "2 × primary, 500ms, fallback"},
	},
	{
		knob: "retry.retry_after.forms", off: asks(`forms: [seconds]`), on: asks(`forms: [date]`),
		primary: fails(429, `{}`, "Retry-After", "Sat, 01 Jan 2000 00:00:09 GMT"),
		want:    [2]string{"2 × primary, 2s, fallback", "2 × primary, 9s, fallback"},
	},
	{
		knob: "retry.retry_after.forms", off: asks(`forms: [seconds]`), on: asks(`forms: [milliseconds]`),
		primary: fails(429, `{}`, "Retry-After", "7", "Retry-After-Ms", "1500"),
		want:    [2]string{"2 × primary, 7s, fallback", "2 × primary, 1.5s, fallback"},
	},
	{
		knob: "retry.retry_after.patience", off: asks(`cap: 60s`), on: asks(`cap: 60s, patience: 10s`),
		primary: fails(429, `{}`, "Retry-After", "86400"),
		want:    [2]string{"2 × primary, 1m0s, fallback", "1 × primary, 0s, fallback"},
	},
	{
		knob: "retry.retry_after.patience", off: asks(`cap: 60s`), on: asks(`cap: 60s, patience: 10s`),
		primary: fails(429, `{}`, "Retry-After", "10"),
		want:    [2]string{"2 × primary, 10s, fallback", "2 × primary, 10s, fallback"},
	},
	{
		knob: "retry.retry_after.within_deadline", off: `{deadline: 60s, ` + asks(``)[1:],
		on: `{deadline: 60s, ` + asks(`within_deadline: true`)[1:], primary: fails(429, `{}`, "Retry-After", "70"),
		want: [2]string{"1 × primary, 1m0s, deadline", "1 × primary, 0s, fallback"},
	},
	{
		knob: "retry.retry_after.obey_should_retry", off: asks(``), on: asks(`obey_should_retry: true`),
		primary: fails(500, `{}`, "X-Should-Retry", "false"),
		want:    [2]string{"2 × primary, 2s, fallback", "1 × primary, 0s, fallback"},
	},
	{
		knob: "retry.retry_after.obey_should_retry", off: `{reasons: {auth: {no_retry: true}}, ` + asks(``)[1:],
		on:      `{reasons: {auth: {no_retry: true}}, ` + asks(`obey_should_retry: true`)[1:],
		primary: fails(401, `{}`, "X-Should-Retry", "true"),
		want:    [2]string{"1 × primary, 0s, fallback", "2 × primary, 2s, fallback"},
	},

	{
		knob: "classify.table", off: `{classify: {table: hermes-0.13}, reasons: {format_error: {stop: true}}}`,
		on: `{classify: {table: hermes-0.20}, reasons: {format_error: {stop: true}}}`, primary: fails(408, `{}`),
		want: [2]string{"1 × primary, 0s, refused", "1 × primary, 0s, fallback"},
	},
	{
		knob: "classify.disconnect_overflow", off: overflow(``),
		on: overflow(`disconnect_overflow: [{tokens: 120000, window: 256000}]`), tokens: 120_001, window: 256_000,
		primary: cut, want: [2]string{"1 × primary, 0s, fallback", "1 × primary, 0s, refused"},
	},
	{
		knob: "classify.disconnect_overflow", off: overflow(``),
		on: overflow(`disconnect_overflow: [{tokens: 120000, window: 256000}]`), tokens: 120_001, window: 256_001,
		primary: cut, want: [2]string{"1 × primary, 0s, fallback", "1 × primary, 0s, fallback"},
	},
	{
		knob: "classify.bad_request_overflow", off: overflow(``), on: overflow(`bad_request_overflow: [{share: 0.4}]`),
		tokens: 41, window: 100, primary: fails(400, `{"error":{"message":"Error"}}`),
		want: [2]string{"1 × primary, 0s, fallback", "1 × primary, 0s, refused"},
	},
	{
		knob: "classify.bad_request_overflow", off: overflow(``), on: overflow(`bad_request_overflow: [{share: 0.4}]`),
		tokens: 41, window: 100,
		primary: fails(400, `{"error":{"message":"this one says what is wrong with the request"}}`),
		want:    [2]string{"1 × primary, 0s, fallback", "1 × primary, 0s, fallback"},
	},
	{
		knob: "reasons.compress", off: `{reasons: {payload_too_large: {stop: true}}}`,
		on: `{reasons: {payload_too_large: {compress: 3, stop: true}}}`, tokens: 80_000, primary: fails(413, `{}`),
		want: [2]string{"1 × primary, 0s, refused", "4 × primary, 0s, refused"},
	},

	{
		knob: "stream.accept_empty", off: `{}`, on: `{stream: {accept_empty: true}}`, primary: endsEmpty,
		want: [2]string{"1 × primary, 0s, fallback", "1 × primary, 0s, "},
	},
	{
		knob: "stream.accept_given_up", off: `{}`, on: `{stream: {accept_given_up: true}}`, primary: givesUp,
		want: [2]string{"1 × primary, 0s, restart, fallback", "1 × primary, 0s, a part"},
	},
	{
		knob: "stream.accept_thoughts", off: `{}`, on: `{stream: {accept_thoughts: true}}`, primary: thinksOnly,
		want: [2]string{"1 × primary, 0s, restart, fallback", "1 × primary, 0s, hm "},
	},
	{
		knob: "stream.fail_filtered", off: `{}`, on: `{stream: {fail_filtered: true}}`, primary: filtered,
		want: [2]string{"1 × primary, 0s, a part", "1 × primary, 0s, restart, fallback"},
	},
}

const floors = `{watch: {stale: 60s, stale_floors: [{models: [o3], at_least: 600s}, {models: [o3-mini], at_least: 90s}]}}`

// asks is a policy that asks twice and listens to what a rate limit says.
func asks(more string) string {
	if more != "" {
		more = ", " + more
	}
	return `{retry: {attempts: 2, ` + noJitter + `, retry_after: {reasons: [rate_limit]` + more + `}}}`
}

// unframedKill is a policy that asks again for what was empty and for nothing else.
func unframedKill(more string) string {
	return `{watch: {stale: 60s` + more + `}, retry: {empty: {retries: 2, on: [empty_stream]}}}`
}

func overflow(more string) string {
	if more != "" {
		more = ", " + more
	}
	return `{classify: {table: hermes-0.13` + more + `}, reasons: {context_overflow: {stop: true}}}`
}

// finishes ends an answer that has no content.
func finishes(x *exchange) { x.finish() }

// thinksOnly ends after a thought.
func thinksOnly(x *exchange) {
	x.think("hm ")
	x.finish()
}

// endsEmpty sends headers and the end.
func endsEmpty(x *exchange) { x.send("") }

// givesUp ends as a server does that has run out of memory.
func givesUp(x *exchange) {
	x.text("hello ")
	x.send(`data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"insufficient_system_resource"}]}` +
		"\n\n")
	x.send("data: [DONE]\n\n")
}

// filtered is cut by the provider's safety filter.
func filtered(x *exchange) {
	x.text("hello ")
	x.send(`data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"content_filter"}]}` + "\n\n")
	x.send("data: [DONE]\n\n")
}

// manyTexts sends an answer piece by piece, with a pause that a reader who reads would not mind.
func manyTexts(x *exchange) {
	x.text("hello ")
	if !x.wait(60 * time.Second) {
		panic(http.ErrAbortHandler)
	}
	x.text("from " + x.provider)
	x.finish()
}
