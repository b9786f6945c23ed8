// Package gateway puts a gateway written in Go under test through its HTTP face, in virtual time:
// an http.Handler that asks the run's providers, called as its vendor's SDK would call it.
//
//	caller ──HTTP──▶ net/http.Server{your handler} ──HTTP──▶ fake providers
//	 (harness/caller)      the gateway under test
//	 └──────────────────── the run's own network and clock ────────────┘
//
// New makes a [harness.Factory] of a function that builds the handler:
//
//	newGateway := gateway.New(func(lab harness.Lab) http.Handler {
//		return myproxy.New(lab.Upstreams(), lab.HTTPClient())
//	}, gateway.Options{})
//	harness.Run(t, "heartbeat-only", newGateway).Check(t)
//
// The server is net/http's, the connections are those of the run: in memory in virtual time,
// loopback TCP on a clock of real time. Callers that hang up close their connection, and callers
// at once have a connection each. All of it is closed after the last call, so that no_leaks judges
// what is the gateway's own.
package gateway
