// Package fakeprovider serves LLM providers that misbehave on purpose, for tests of the engines
// that call them.
//
// A [Provider] is an http.Handler. [Start] serves one on 127.0.0.1, [Serve] on any listener, memory
// included. Its nth request gets the nth [Fault] of [Options]. A Fault is data; its [Script] is a
// list of Steps; a [Step] acts on an [Exchange], which speaks the provider's [Protocol] and records
// everything in a timeline:
//
//	 request ──▶ Protocol.Parse ──▶ Fault ──▶ Script ──▶ Step … ┐  connection ──▶ Dialer, Accepter
//	                                                            ▼  (faults before a request)
//	               ┌──────────────────────────── Exchange ──────────────────────────────┐
//	response ◀──── │ Wire, Framing, Damage ◀── Filters ◀── Encoder ◀── Head, Send, Fail │
//	               └──────┬─────────────────────────────────────────────────────────────┘
//	                      ▼
//	              timeline.Recorder
//
// The packages around it:
//
//	fakeprovider                the stage: Provider, Exchange, the steps, Filters, Wire
//	├── fault                   named faults, one file each; built of steps and filters
//	├── protocol                the vendors' protocols, one each; they know no fault
//	└── internal/sse            lines, events, JSON edits and headers; shared by all three
//
// The stage imports neither fault nor protocol, so a program adds its own of both without a fork. A
// step works in every protocol, streamed or not, and a fault damages whatever a script sends.
// Faults that fit together are combined by [Together], limited to some requests by [Limited], and
// delayed by [Later].
//
// An Exchange has eight methods, so that a program can play steps on one of its own, in a unit test
// of a fault for instance; see the example of Exchange.
//
// See the example of [Start] for a complete test. docs/WRITING_A_FAULT.md, which also says how a
// step is written, and docs/WRITING_A_PROTOCOL.md say how to add to it.
package fakeprovider
