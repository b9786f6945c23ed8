// Package failover is a retry-and-fallback engine for streaming LLM calls: the engine that the scenarios drive
// unless another target is named.
//
//	Call ─▶ chain ─▶ outer loop ─▶ inner loop ─▶ attempt ─▶ vendor's SDK ─▶ provider
//	          ▲         attempts,     streams        │ ▲
//	          │         backoff,      repeated       │ └─ watchdog: connect, headers, first content,
//	          │         recovery      at once        ▼              bytes, progress, attempt
//	          └────────────── classify ◀────────── failure
//
// It calls providers through the vendors' official SDKs, watches their streams, retries, and walks a chain of
// fallbacks, whatever protocols its links speak: a conversation and its tools are in nobody's protocol (Message, Tool) until a
// provider is asked. Every behaviour is a knob of Policy, so that a reported bug, the fix that landed and the fix that was
// asked for are three policies of one engine, and a wrong engine is one knob away.
//
// The commit point is the first delta that the caller was given. Before it a switch of providers is invisible; after it
// the caller is told to start over, or the call ends with ErrInterrupted. A part is an answer only to policies that
// say so.
//
// Beside a provider that stalls the next one may be asked (Hedge); whoever gives content first has the call. What one
// call learns of a provider, all know: whether it rests (Cooldown), whether it is asked at all (Breaker), which of its keys
// is used, and how much repeating is still affordable (Budget).
//
// A new protocol is a file provider_NAME.go and a line in clients; a new knob is a field of Policy, its use, and a row in
// the knobs' test, which misses it otherwise; a new policy is a file in policies.
//
// The package imports nothing else of this project but internal/strictyaml, because it has to be tested the way a
// stranger's engine is.
package failover
