// Package serve keeps fake providers standing for clients outside the process, for minutes or for days.
//
//	         ┌─ provider ─┐
//	client ─▶│ its own    │─▶ timeline (a ring) ─┐
//	         │ listener   │─▶ journal (a ring)  ─┼─▶ admin API, on a listener of its own
//	         └────────────┘─▶ counters ──────────┘
//	               ▲ the next requests' script, a reset
//	               └──────────────────────────────── admin API
//
// Start takes listeners, in memory or not, so a Set also stands in virtual time. A single request may choose what it gets:
// the header X-Chaosrun-Fault and a model that ends in @FAULT both name a fault. `chaosrun serve` is this package behind a
// command line; docs/SERVE.md describes both.
package serve
