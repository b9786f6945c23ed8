// Package memnet provides a network in memory whose connections behave like TCP sockets. They have
// buffers, deadlines, half-close and resets that read as ECONNRESET, and they can stall.
//
//	Network ── Listen("primary.test:80") ──▶ Listener ──▶ *Conn ┐
//	        └─ DialContext(…) ──────────────────────────▶ *Conn ┘ two ends of two buffered pipes
//
// Blocking operations block durably in the sense of testing/synctest, so a bubble's clock goes on
// while a reader waits. Connections and listeners of a [Network] belong to the bubble that it was
// made in; only [Network.Activity] may be called from outside.
//
// No maintained package has reset, half-close and stall. net.Pipe has no buffer: a server's write
// would wait for its client's read, and timings would be wrong.
package memnet
