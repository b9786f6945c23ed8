// Package serve runs fake providers for clients outside the process, for minutes or for days.
//
//	         ┌─ provider ─┐
//	client ─▶│ its own    │─▶ timeline (a ring) ─┐
//	         │ listener   │─▶ journal (a ring)  ─┼─▶ admin API, on a listener of its own
//	         └────────────┘─▶ counters ──────────┘
//	               ▲ the script of the next requests, a reset
//	               └──────────────────────────────── admin API
//
// Start takes listeners, in memory or not, so a [Set] also runs in virtual time. A single request
// may choose its fault: the header X-Chaosrun-Fault names one, and so does a model that ends in
// @FAULT. `chaosrun serve` is this package with a command line; docs/SERVE.md describes both. See
// the example of [Start].
package serve
