package failover_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// A knobRow shows what one knob does: two policies that differ in it, and what a call comes to
// under each.
type knobRow struct {
	knob    string
	off, on string // the policy's YAML
	primary script // nil: not even a connection
	over    func(string, ...script) provider
	tokens  int
	whole   bool // not streamed
	window  int
	model   string
	url     string
	frozen  bool
	slow    time.Duration // of the caller, for each delta
	turn    time.Duration // how long the turn has lasted
	want    [2]string
}

var knobRows = []knobRow{
	{
		knob: "deadline", off: `{}`, on: `{deadline: 20s}`, primary: heartbeats,
		want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 20s, deadline"},
	},

	{
		knob: "watch.connect.after", off: `{}`, on: `{watch: {connect: {after: 5s}}}`,
		want: [2]string{"0 × primary, 1h0m0s, caller", "0 × primary, 5s, fallback"},
	},
	{
		knob: "watch.connect.by_protocol", off: `{watch: {connect: {after: 5s}}}`,
		on:   `{watch: {connect: {after: 5s, by_protocol: {openai-chat: 9s}}}}`,
		want: [2]string{"0 × primary, 5s, fallback", "0 × primary, 9s, fallback"},
	},
	{
		knob: "watch.headers", off: `{}`, on: `{watch: {headers: 7s}}`, primary: mute,
		want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 7s, fallback"},
	},
	{
		knob: "watch.headers", off: `{}`, on: `{watch: {headers: 7s}}`, primary: slowButHealthy,
		want: [2]string{"1 × primary, 1m20s, primary", "1 × primary, 7s, fallback"},
	},
	{
		knob: "watch.first_content", off: `{}`, on: `{watch: {first_content: 30s}}`, primary: slowButHealthy,
		want: [2]string{"1 × primary, 1m20s, primary", "1 × primary, 30s, fallback"},
	},
	{
		knob: "watch.first_content", off: `{}`, on: `{watch: {first_content: 45s}}`, primary: slowButHealthy,
		want: [2]string{"1 × primary, 1m20s, primary", "1 × primary, 1m20s, primary"},
	},
	{
		knob: "watch.attempt", off: `{}`, on: `{watch: {attempt: 30s}}`, primary: trickle,
		want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 30s, restart, fallback"},
	},
	{
		knob: "watch.after_finish", off: `{watch: {stale: 30s}}`, on: `{watch: {stale: 30s, after_finish: 2s}}`,
		primary: answersAndStays, want: [2]string{"1 × primary, 30s, primary", "1 × primary, 2s, primary"},
	},
	{
		knob: "watch.read.after", off: `{}`, on: `{watch: {read: {after: 12s}}}`, primary: silent,
		want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 12s, fallback"},
	},
	{
		knob: "watch.read.after", off: `{}`, on: `{watch: {read: {after: 12s}}}`, primary: heartbeats,
		want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 1h0m0s, caller"},
	},
	{
		knob: "watch.read.by_protocol", off: `{watch: {read: {after: 12s}}}`,
		on: `{watch: {read: {after: 12s, by_protocol: {openai-chat: 15s}}}}`, primary: silent,
		want: [2]string{"1 × primary, 12s, fallback", "1 × primary, 15s, fallback"},
	},
	{
		knob: "watch.read_call.after", off: `{watch: {read: {after: 12s}}}`,
		on: `{watch: {read: {after: 12s}, read_call: {after: 20s}}}`, primary: mute, whole: true,
		want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 20s, fallback"},
	},
	{
		knob: "watch.read_call.by_protocol", off: `{watch: {read_call: {after: 12s}}}`,
		on: `{watch: {read_call: {after: 12s, by_protocol: {openai-chat: 15s}}}}`, primary: mute, whole: true,
		want: [2]string{"1 × primary, 12s, fallback", "1 × primary, 15s, fallback"},
	},
	{
		knob: "watch.read_raised_to_stale", off: `{watch: {stale: 60s, read: {after: 12s}}}`,
		on: `{watch: {stale: 60s, read: {after: 12s}, read_raised_to_stale: true}}`, primary: silent,
		want: [2]string{"1 × primary, 12s, fallback", "1 × primary, 1m0s, fallback"},
	},
	{
		knob: "watch.stale", off: `{}`, on: `{watch: {stale: 60s}}`, primary: heartbeats,
		want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 1m0s, fallback"},
	},
	{
		knob: "watch.stale_scaling", off: `{watch: {stale: 60s}}`,
		on:      `{watch: {stale: 60s, stale_scaling: [{above: 50000, at_least: 70s}, {above: 100000, at_least: 80s}]}}`,
		primary: heartbeats, tokens: 50_001,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1m10s, fallback"},
	},
	{
		knob: "watch.stale_scaling", off: `{watch: {stale: 75s}}`,
		on:      `{watch: {stale: 75s, stale_scaling: [{above: 50000, at_least: 70s}, {above: 100000, at_least: 80s}]}}`,
		primary: heartbeats, tokens: 100_000,
		want: [2]string{"1 × primary, 1m15s, fallback", "1 × primary, 1m15s, fallback"},
	},
	{
		knob: "watch.stale_call", off: `{watch: {stale: 60s}}`, on: `{watch: {stale: 60s, stale_call: 90s}}`,
		primary: mute, whole: true, want: [2]string{"1 × primary, 1h0m0s, caller", "1 × primary, 1m30s, fallback"},
	},
	{
		knob: "watch.stale_call_scaling", off: `{watch: {stale_call: 90s}}`,
		on: `{watch: {stale_call: 90s, stale_call_scaling: [{above: 5, at_least: 100s}]}}`, primary: mute, whole: true,
		tokens: 6, want: [2]string{"1 × primary, 1m30s, fallback", "1 × primary, 1m40s, fallback"},
	},
	{
		knob: "watch.progress", off: `{watch: {stale: 60s}}`, on: `{watch: {stale: 60s, progress: event}}`,
		primary: dataHeartbeats, want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1h0m0s, caller"},
	},
	{
		knob: "watch.progress", off: `{watch: {stale: 60s, progress: event}}`,
		on: `{watch: {stale: 60s, progress: byte}}`, primary: heartbeats,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1h0m0s, caller"},
	},
	{
		knob: "watch.stale_poll", off: `{watch: {stale: 60s}}`, on: `{watch: {stale: 60s, stale_poll: 7s}}`,
		primary: heartbeats, want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1m3s, fallback"},
	},
	{
		knob: "watch.kill_latency", off: `{watch: {stale: 15s}}`, on: `{watch: {stale: 15s, kill_latency: next_byte}}`,
		primary: heartbeats, want: [2]string{"1 × primary, 15s, fallback", "1 × primary, 20.003s, fallback"},
	},
	{
		knob: "watch.kill_latency", off: `{watch: {stale: 15s, read: {after: 120s}}}`,
		on: `{watch: {stale: 15s, read: {after: 120s}, kill_latency: next_byte}}`, primary: mute,
		want: [2]string{"1 × primary, 15s, fallback", "1 × primary, 2m0s, fallback"},
	},
	{
		knob: "watch.kill_reaches", off: `{watch: {stale: 60s}}`,
		on: `{watch: {stale: 60s, kill_reaches: [openai-chat]}}`, primary: heartbeats, over: anthropic,
		want: [2]string{"1 × primary, 1m0s, fallback", "1 × primary, 1h0m0s, caller"},
	},
	{
		knob:    "watch.kill_surfaces_as",
		off:     `{watch: {stale: 60s}, retry: {inner: {retries: 1, on: [remote_protocol_error]}}}`,
		on:      `{watch: {stale: 60s, kill_surfaces_as: remote_protocol_error}, retry: {inner: {retries: 1, on: [remote_protocol_error]}}}`,
		primary: heartbeats, want: [2]string{"1 × primary, 1m0s, fallback", "2 × primary, 2m0s, fallback"},
	},

	{
		knob: "retry.inner.retries", off: `{retry: {inner: {retries: 1, on: [remote_protocol_error]}}}`,
		on: `{retry: {inner: {retries: 4, on: [remote_protocol_error]}}}`, primary: cut,
		want: [2]string{"2 × primary, 0s, fallback", "5 × primary, 0s, fallback"},
	},
	{
		knob: "retry.inner.retries", off: `{}`,
		on: `{retry: {inner: {retries: 4, on: [read_error, remote_protocol_error]}}}`, primary: cut, whole: true,
		want: [2]string{"1 × primary, 0s, fallback", "1 × primary, 0s, fallback"},
	},
	{
		knob: "retry.inner.on", off: `{retry: {inner: {retries: 1, on: [read_error]}}}`,
		on: `{retry: {inner: {retries: 1, on: [read_error, remote_protocol_error]}}}`, primary: cut,
		want: [2]string{"1 × primary, 0s, fallback", "2 × primary, 0s, fallback"},
	},
	{
		knob: "retry.attempts", off: `{retry: {backoff: {jitter: 0.0}}}`,
		on: `{retry: {attempts: 3, backoff: {jitter: 0.0}}}`, primary: fails(500, `{}`),
		want: [2]string{"1 × primary, 0s, fallback", "3 × primary, 6s, fallback"},
	},
	{
		knob:    "retry.requests_per_provider",
		off:     `{retry: {attempts: 2, backoff: {jitter: 0.0}, inner: {retries: 2, on: [remote_protocol_error]}}}`,
		on:      `{retry: {attempts: 2, requests_per_provider: 4, backoff: {jitter: 0.0}, inner: {retries: 2, on: [remote_protocol_error]}}}`,
		primary: cut, want: [2]string{"6 × primary, 2s, fallback", "4 × primary, 2s, fallback"},
	},
	{
		knob: "retry.requests_per_provider", off: `{retry: {attempts: 2, backoff: {jitter: 0.0}}}`,
		on: `{retry: {attempts: 2, requests_per_provider: 1, backoff: {jitter: 0.0}}}`, primary: fails(500, `{}`),
		want: [2]string{"2 × primary, 2s, fallback", "1 × primary, 0s, fallback"},
	},
	{
		knob: "retry.requests_per_provider", off: sdkTwice(``), on: sdkTwice(`, requests_per_provider: 4`),
		primary: fails(500, `{}`, "Retry-After", "1"),
		want:    [2]string{"6 × primary, 6s, fallback", "4 × primary, 4s, fallback"},
	},
	{
		knob: "retry.budget.burst", off: sdkTwice(``), on: sdkTwice(`, budget: {burst: 1}`),
		primary: fails(500, `{}`, "Retry-After", "1"),
		want:    [2]string{"6 × primary, 6s, fallback", "2 × primary, 1s, fallback"},
	},
	{
		knob: "retry.blip.retries", off: `{retry: {blip: {within: 1s}}}`,
		on: `{retry: {blip: {retries: 2, within: 1s}}}`, primary: resets,
		want: [2]string{"1 × primary, 0s, fallback", "3 × primary, 0s, fallback"},
	},
	{
		knob: "retry.blip.within", off: `{retry: {blip: {retries: 1, within: 1s}}}`,
		on: `{retry: {blip: {retries: 1, within: 3s}}}`, primary: resetsLate,
		want: [2]string{"1 × primary, 2s, fallback", "2 × primary, 4s, fallback"},
	},
	{
		knob: "retry.blip.wait", off: `{retry: {blip: {retries: 1, within: 1s}}}`,
		on: `{retry: {blip: {retries: 1, within: 1s, wait: 5s}}}`, primary: resets,
		want: [2]string{"2 × primary, 0s, fallback", "2 × primary, 5s, fallback"},
	},
	{
		knob: "retry.recovery.on", off: `{}`, on: `{retry: {recovery: {on: [api_connection_error]}}}`, primary: resets,
		want: [2]string{"1 × primary, 0s, fallback", "2 × primary, 0s, fallback"},
	},
	{
		knob: "retry.recovery.wait", off: `{retry: {recovery: {on: [api_connection_error]}}}`,
		on: `{retry: {recovery: {on: [api_connection_error], wait: 6s}}}`, primary: resets,
		want: [2]string{"2 × primary, 0s, fallback", "2 × primary, 6s, fallback"},
	},
	{
		knob: "retry.backoff.base", off: `{retry: {attempts: 3, backoff: {jitter: 0.0}}}`,
		on: `{retry: {attempts: 3, backoff: {base: 5s, jitter: 0.0}}}`, primary: fails(500, `{}`),
		want: [2]string{"3 × primary, 6s, fallback", "3 × primary, 15s, fallback"},
	},
	{
		knob: "retry.backoff.cap", off: `{retry: {attempts: 4, backoff: {jitter: 0.0}}}`,
		on: `{retry: {attempts: 4, backoff: {cap: 3s, jitter: 0.0}}}`, primary: fails(500, `{}`),
		want: [2]string{"4 × primary, 14s, fallback", "4 × primary, 8s, fallback"},
	},
	{
		knob: "retry.backoff.jitter", off: `{retry: {attempts: 2, backoff: {jitter: 0.0}}}`,
		on: `{retry: {attempts: 2, backoff: {jitter: 0.5}}}`, primary: fails(500, `{}`),
		want: [2]string{"2 × primary, 2s, fallback", "2 × primary, 2s and more, fallback"},
	},
	{
		knob: "retry.retry_after.reasons", off: `{retry: {attempts: 2, backoff: {jitter: 0.0}}}`,
		on:      `{retry: {attempts: 2, backoff: {jitter: 0.0}, retry_after: {reasons: [rate_limit]}}}`,
		primary: fails(429, `{}`, "Retry-After", "300"),
		want:    [2]string{"2 × primary, 2s, fallback", "2 × primary, 5m0s, fallback"},
	},
	{
		knob: "retry.retry_after.reasons", off: `{retry: {attempts: 2, backoff: {jitter: 0.0}}}`,
		on:      `{retry: {attempts: 2, backoff: {jitter: 0.0}, retry_after: {reasons: [rate_limit]}}}`,
		primary: fails(503, `{}`, "Retry-After", "300"),
		want:    [2]string{"2 × primary, 2s, fallback", "2 × primary, 2s, fallback"},
	},
	{
		knob: "retry.retry_after.cap", off: `{retry: {attempts: 2, retry_after: {reasons: [rate_limit]}}}`,
		on:      `{retry: {attempts: 2, retry_after: {reasons: [rate_limit], cap: 2m}}}`,
		primary: fails(429, `{}`, "Retry-After", "300"), over: anthropic,
		want: [2]string{"2 × primary, 5m0s, fallback", "2 × primary, 2m0s, fallback"},
	},

	{
		knob: "reasons.fall_back_at", off: `{retry: {attempts: 3, backoff: {jitter: 0.0}}}`,
		on:      `{retry: {attempts: 3, backoff: {jitter: 0.0}}, reasons: {overloaded: {fall_back_at: 2}}}`,
		primary: fails(529, `{}`), over: anthropic,
		want: [2]string{"3 × primary, 6s, fallback", "2 × primary, 2s, fallback"},
	},
	{
		knob: "reasons.no_retry", off: `{retry: {attempts: 3, backoff: {jitter: 0.0}}}`,
		on:      `{retry: {attempts: 3, backoff: {jitter: 0.0}}, reasons: {auth: {no_retry: true}}}`,
		primary: fails(401, `{}`), want: [2]string{"3 × primary, 6s, fallback", "1 × primary, 0s, fallback"},
	},
	{
		knob: "reasons.alone", off: `{}`, on: `{reasons: {overloaded: {alone: 4}}}`, primary: fails(503, `{}`),
		want: [2]string{"1 × primary, 0s, fallback", "1 × primary, 0s, fallback"},
	},
	{
		knob: "reasons.stop", off: `{}`, on: `{reasons: {payload_too_large: {stop: true}}}`, primary: fails(413, `{}`),
		want: [2]string{"1 × primary, 0s, fallback", "1 × primary, 0s, refused"},
	},

	{
		knob: "stream.after_content", off: `{}`, on: `{stream: {after_content: error}}`, primary: lost["end"],
		want: [2]string{"1 × primary, 0s, restart, fallback", "1 × primary, 0s, interrupted"},
	},
	{
		knob: "stream.after_content", off: `{}`, on: `{stream: {after_content: accept}}`, primary: lost["end"],
		want: [2]string{"1 × primary, 0s, restart, fallback", "1 × primary, 0s, a part"},
	},
	{
		knob: "stream.after_content", off: `{}`, on: `{stream: {after_content: continue, continuations: 9}}`,
		primary: continues, want: [2]string{"1 × primary, 0s, restart, fallback", "2 × primary, 0s, primary"},
	},
	{
		knob: "stream.after_content", off: `{retry: {empty: {retries: 2, on: [empty]}}}`,
		on: `{retry: {empty: {retries: 2, on: [empty]}}, stream: {after_content: discard}}`, primary: lost["end"],
		want: [2]string{"1 × primary, 0s, restart, fallback", "3 × primary, 0s, restart, fallback"},
	},
	{
		knob: "stream.continuations", off: `{stream: {after_content: continue, continuations: 2}}`,
		on: `{stream: {after_content: continue, continuations: 3}}`, primary: lost["end"],
		want: [2]string{"2 × primary, 0s, interrupted", "3 × primary, 0s, interrupted"},
	},
	{
		knob: "stream.accept_truncated", off: `{}`, on: `{stream: {accept_truncated: true}}`, primary: lost["end"],
		want: [2]string{"1 × primary, 0s, restart, fallback", "1 × primary, 0s, a part"},
	},
	{
		knob: "stream.accept_bad_calls", off: `{}`, on: `{stream: {accept_bad_calls: true}}`, primary: halfACall,
		want: [2]string{"1 × primary, 0s, restart, fallback", `1 × primary, 0s, weather{"city":`},
	},
	{
		knob: "stream.accept_bad_calls", off: `{stream: {after_content: accept}}`,
		on: `{stream: {after_content: accept, accept_bad_calls: true}}`, primary: halfACall,
		want: [2]string{"1 × primary, 0s, restart, fallback", `1 × primary, 0s, weather{"city":`},
	},
	{
		knob: "stream.repeat_broken_calls", off: repeatCalls(`after_content: accept`),
		on: repeatCalls(`after_content: accept, repeat_broken_calls: true`), primary: lostInACall(cut),
		want: [2]string{"3 × primary, 3ms, restart, fallback", "3 × primary, 3ms, a warning"},
	},
	{
		knob: "stream.repeat_broken_calls", off: repeatCalls(`after_content: continue, continuations: 4`),
		on:      repeatCalls(`after_content: continue, continuations: 4, repeat_broken_calls: true`),
		primary: lostInACall(cut),
		want:    [2]string{"3 × primary, 3ms, restart, fallback", "12 × primary, 12ms, interrupted"},
	},

	{
		knob: "sdk.retries", off: `{}`, on: `{sdk: {retries: 2}}`, primary: fails(500, `{}`, "Retry-After", "1"),
		want: [2]string{"1 × primary, 0s, fallback", "3 × primary, 2s, fallback"},
	},
	{
		knob: "sdk.retries_by_protocol", off: `{}`, on: `{sdk: {retries_by_protocol: {anthropic-messages: 2}}}`,
		primary: fails(500, `{}`, "Retry-After", "1"), over: anthropic,
		want: [2]string{"1 × primary, 0s, fallback", "3 × primary, 2s, fallback"},
	},
	{
		knob: "sdk.retries_by_protocol", off: `{}`, on: `{sdk: {retries_by_protocol: {openai-chat: 2}}}`,
		primary: fails(500, `{}`, "Retry-After", "1"), over: openRouter,
		want: [2]string{"1 × primary, 0s, fallback", "3 × primary, 2s, fallback"},
	},
	{
		knob: "stream.accept_repeats", off: `{}`, on: `{stream: {accept_repeats: true}}`,
		primary: padded("hello ", "hello ", "from primary"),
		want:    [2]string{"1 × primary, 0s, restart, fallback", "1 × primary, 0s, hello hello from primary"},
	},
	{
		knob: "stream.accept_repeats", off: `{}`, on: `{stream: {accept_repeats: true}}`,
		primary: padded("hello ", "from ", "hello ", "from ", "primary"),
		want:    [2]string{"1 × primary, 0s, restart, fallback", "1 × primary, 0s, hello from hello from primary"},
	},
	{
		knob: "stream.accept_after_end", off: `{}`, on: `{stream: {accept_after_end: true}}`, primary: saysMore,
		over: anthropic, want: [2]string{"1 × primary, 0s, primary", "1 × primary, 0s, hello from primary!"},
	},
	{
		knob: "stream.fail_filtered", off: `{}`, on: `{stream: {fail_filtered: true}}`, primary: refuses,
		want: [2]string{"1 × primary, 0s, I cannot", "1 × primary, 0s, fallback"},
	},

	{
		knob: "sdk.as_is", off: `{}`, on: `{sdk: {as_is: true}}`, primary: answersAtCR,
		want: [2]string{"1 × primary, 0s, primary", "1 × primary, 0s, fallback"},
	},
	{
		knob: "sdk.as_is", off: `{}`, on: `{sdk: {as_is: true}}`, primary: answersAtCR, over: anthropic,
		want: [2]string{"1 × primary, 0s, primary", "1 × primary, 0s, fallback"},
	},
	{
		knob: "sdk.as_is", off: `{}`, on: `{sdk: {as_is: true}}`, primary: drifts,
		want: [2]string{"1 × primary, 0s, fallback", `1 × primary, 0s, ["hello"]`},
	},
	{
		knob: "sdk.as_is", off: `{}`, on: `{sdk: {as_is: true}}`, primary: answersBehindComments, over: gemini,
		want: [2]string{"1 × primary, 0s, primary", "1 × primary, 0s, fallback"},
	},
}

// sdkTwice is two attempts, in each of which the SDK may repeat the request twice.
func sdkTwice(more string) string {
	return `{sdk: {retries: 2}, retry: {attempts: 2, backoff: {jitter: 0.0}` + more + `}}`
}

func TestKnobs(t *testing.T) {
	t.Parallel()
	for i, row := range slices.Concat(knobRows, guardRows) {
		t.Run(fmt.Sprintf("%s/%d", row.knob, i), func(t *testing.T) {
			t.Parallel()
			for j, yaml := range []string{row.off, row.on} {
				if got := row.play(t, yaml); got != row.want[j] {
					t.Errorf("%s: got %q, want %q", yaml, got, row.want[j])
				}
			}
		})
	}
}

// Every knob of a policy has a row in which it makes a difference.
func TestEveryKnobMakesADifference(t *testing.T) {
	t.Parallel()
	var differ []string
	for _, row := range slices.Concat(knobRows, guardRows) {
		if row.want[0] != row.want[1] {
			differ = append(differ, row.knob)
		}
	}
	for _, row := range stateRows {
		if row.want[0] != row.want[1] {
			differ = append(differ, row.knob)
		}
	}
	for _, knob := range knobs("", reflect.TypeFor[failover.Policy]()) {
		if !slices.Contains(differ, knob) {
			t.Errorf("no row shows what %s does", knob)
		}
	}
}

// documentation is what a policy says of itself.
var documentation = []string{"policy", "extends", "title", "why", "issue", "fails", "violates"}

// knobs returns the path of every knob of a policy; what documents it is none.
func knobs(path string, of reflect.Type) []string {
	var paths []string
	for f := range of.Fields() {
		name := f.Tag.Get("yaml")
		if name == "" || slices.Contains(documentation, name) {
			continue
		}
		switch inner := f.Type; {
		case inner.Kind() == reflect.Struct:
			paths = append(paths, knobs(path+name+".", inner)...)
		case inner == reflect.TypeFor[map[failover.Reason]failover.Handling]():
			paths = append(paths, knobs(path+name+".", inner.Elem())...)
		default:
			paths = append(paths, path+name)
		}
	}
	return paths
}

// play makes one call under a policy and says in a line what it came to. The caller's patience is
// an hour.
func (row knobRow) play(t *testing.T, yaml string) string {
	t.Helper()
	p, err := failover.LoadPolicy("row.yaml", []byte("{policy: row, "+strings.TrimPrefix(yaml, "{")))
	if err != nil {
		t.Fatal(err)
	}
	primary := openai("primary")
	if row.over != nil {
		primary = row.over("primary")
	}
	if row.primary != nil {
		primary.scripts = sequence{row.primary}
	}
	if row.model != "" {
		primary.model = row.model
	}
	primary.url, primary.frozen = row.url, row.frozen
	var story string
	within(t, p, []provider{primary, openai("secondary", answers)}, func(l *lab) {
		ctx, cancel := context.WithTimeout(l.t.Context(), time.Hour)
		defer cancel()
		req := failover.Request{
			Stream: !row.whole, Restarts: true, ContextTokens: row.tokens, ContextWindow: row.window,
		}
		if row.turn > 0 {
			req.TurnBegan = time.Now().Add(-row.turn)
		}
		l.slow = row.slow
		r := l.ask(ctx, req)
		took := r.took.String()
		if r.took > 2*time.Second && r.took < 3*time.Second {
			took = "2s and more"
		}
		story = fmt.Sprintf("%d × primary, %s, %s", l.count("primary"), took, r.story())
	})
	return story
}

func (r result) story() string {
	switch {
	case errors.Is(r.err, context.DeadlineExceeded):
		return "caller"
	case errors.Is(r.err, failover.ErrDeadline):
		return "deadline"
	case errors.Is(r.err, failover.ErrInterrupted):
		return "interrupted"
	case errors.Is(r.err, failover.ErrRefused):
		return "refused"
	case r.err != nil:
		return r.err.Error()
	case r.text == "hello from primary" && r.restarts == 0:
		return "primary"
	case r.text == "hello from secondary" && r.restarts == 0:
		return "fallback"
	case r.text == "hello from secondary":
		return "restart, fallback"
	case r.raw == "hello ":
		return "a part"
	case r.isWarning():
		return "a warning"
	}
	return r.raw
}

// repeatCalls is a policy whose inner loop asks three times.
func repeatCalls(stream string) string {
	return `{retry: {inner: {retries: 2, on: [remote_protocol_error]}}, stream: {` + stream + `}}`
}

// answersAndStays gives the whole answer and keeps the stream open.
func answersAndStays(x *exchange) {
	x.text("hello from " + x.provider)
	x.send(`data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n")
	x.hang()
}

// halfACall ends in good order, behind a tool call that does not.
func halfACall(x *exchange) {
	x.send(
		`data: {"id":"1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":"}}]}}]}` +
			"\n\n")
	x.finish()
}

func openRouter(name string, scripts ...script) provider {
	return provider{name: name, protocol: failover.OpenRouter, scripts: scripts}
}

func gemini(name string, scripts ...script) provider {
	return provider{name: name, protocol: failover.Gemini, scripts: scripts}
}

// answersBehindComments answers as Google does, through something that keeps the connection open.
func answersBehindComments(x *exchange) {
	x.heartbeat()
	x.send(`data: {"candidates": [{"content": {"parts": [{"text": "hello "}],"role": "model"}}]}` + "\r\n\r\n")
	x.heartbeat()
	x.send(`data: {"candidates": [{"content": {"parts": [{"text": "from ` + x.provider +
		`"}],"role": "model"},"finishReason": "STOP"}]}` + "\r\n\r\n")
}

// dataHeartbeats are events that carry nothing.
func dataHeartbeats(x *exchange) {
	for d := 3 * time.Millisecond; x.wait(d); d = 10 * time.Second {
		x.send(`data: {"id":"1","choices":[{"index":0,"delta":{"content":""}}]}` + "\n\n")
	}
}

func resetsLate(x *exchange) {
	x.wait(2 * time.Second)
	resets(x)
}

// continues breaks off, and goes on where it stopped when it is given what it has said.
func continues(x *exchange) {
	if messages, _ := x.body["messages"].([]any); len(messages) == 1 {
		x.text("hello ")
		x.wait(0)
		panic(http.ErrAbortHandler)
	}
	x.text("from " + x.provider)
	x.finish()
}
