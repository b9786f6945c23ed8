// Package failover provides a retry-and-fallback engine for streaming LLM calls. The scenarios run
// against it unless another target is named.
//
//	Call ─▶ chain ─▶ outer loop ─▶ inner loop ─▶ attempt ─▶ vendor's SDK ─▶ provider
//	          ▲         attempts,     streams        │ ▲
//	          │         backoff,      repeated       │ └─ watchdog: connect, headers, content,
//	          │         recovery      at once        ▼              bytes, progress, attempt
//	          └────────────── classify ◀────────── failure
//
// An [Engine] calls providers through the vendors' official SDKs, watches their streams, retries,
// and goes through a chain of fallbacks, whatever protocols they speak:
//
//	policy, err := failover.FindPolicy("recommended")
//	…
//	chain := []failover.Provider{primary, secondary}
//	engine, err := failover.New(failover.Config{Policy: policy, Chain: chain})
//	…
//	defer engine.Close()
//	answer, err := engine.Call(ctx, failover.Request{Prompt: "Hello", Stream: true}, emit)
//
// A conversation and its tools ([Message], [Tool]) are independent of any protocol until a provider
// is asked. Every behaviour is a knob of [Policy]. So a reported bug, the fix that landed and the
// fix that was proposed are three policies of one engine. A wrong engine differs from a right one
// in a single knob.
//
// The commit point is the first delta that the caller receives. Before it a switch of providers is
// invisible. After it the caller is told to start over, or the call ends with [ErrInterrupted]. An
// incomplete answer is a success only under policies that say so.
//
// A [Hedge] asks the next provider beside one that stalls; the first with content answers the call.
// All calls share what one of them learns about a provider: whether it rests ([Cooldown]), whether
// it is asked at all ([Breaker]), and which of its keys is used. They also share the retry
// [Budget].
//
// A new protocol is a file vendor_NAME.go and a line in clients. A new knob is a field of Policy,
// its use, and a row in the knobs' test, which fails without it. A new policy is a file in
// policies. A file's prefix names its topic: speech_ reads and writes messages and errors, vendor_
// asks one vendor through its SDK, policy_ holds knobs, and classify_ gives failures their reasons.
//
// The package imports nothing of this project except internal/strictyaml, so that it is tested as
// any third-party engine is.
package failover
