// Package failover is a retry-and-fallback engine for streaming LLM calls. It is the engine that
// the scenarios drive unless another target is named.
//
//	Call ─▶ chain ─▶ outer loop ─▶ inner loop ─▶ attempt ─▶ vendor's SDK ─▶ provider
//	          ▲         attempts,     streams        │ ▲
//	          │         backoff,      repeated       │ └─ watchdog: connect, headers, first content,
//	          │         recovery      at once        ▼              bytes, progress, attempt
//	          └────────────── classify ◀────────── failure
//
// An [Engine] calls providers through the vendors' official SDKs, watches their streams, retries,
// and goes through a chain of fallbacks, whatever protocols they speak:
//
//	policy, err := failover.FindPolicy("recommended")
//	…
//	engine, err := failover.New(failover.Config{Policy: policy, Chain: []failover.Provider{primary, secondary}})
//	…
//	defer engine.Close()
//	answer, err := engine.Call(ctx, failover.Request{Prompt: "Hello", Stream: true, Restarts: true}, emit)
//
// A conversation and its tools ([Message], [Tool]) are independent of any protocol until a provider
// is asked. Every behaviour is a knob of [Policy]. So a reported bug, the fix that landed and the
// fix that was asked for are three policies of one engine, and a wrong engine is one knob away.
//
// The commit point is the first delta that the caller receives. Before it a switch of providers is
// invisible. After it the caller is told to start over, or the call ends with [ErrInterrupted]. A
// part is an answer only to policies that say so.
//
// Beside a provider that stalls the next one may be asked ([Hedge]); the first with content has the
// call. All calls share what one of them learns of a provider: whether it rests ([Cooldown]),
// whether it is asked at all ([Breaker]), which of its keys is used, and how much is left of a
// [Budget].
//
// A new protocol is a file vendor_NAME.go and a line in clients. A new knob is a field of Policy,
// its use, and a row in the knobs' test, which fails without it. A new policy is a file in
// policies. Files begin with what they are about: speech_ reads and writes what vendors say,
// vendor_ asks one through its SDK, policy_ holds knobs, and classify_ gives failures their
// reasons.
//
// The package imports nothing else of this project but internal/strictyaml, because it is tested
// the way a stranger's engine is.
package failover
