// Package memnet is a network in memory whose connections behave like TCP sockets: they have
// buffers, deadlines, half-close, resets that read as ECONNRESET, and they can stall.
//
//	Network ── Listen("primary.test:80") ──▶ Listener ──▶ *Conn ┐
//	        └─ DialContext(…) ──────────────────────────▶ *Conn ┘ two ends of two buffered pipes
//
// Everything that blocks here blocks durably in the sense of testing/synctest, so a bubble's clock
// goes on while a reader waits. What a Network hands out belongs to the bubble that it was made in;
// only Activity may be asked from outside.
//
// It is written here because nothing maintained has reset, half-close and stall: net.Pipe has no
// buffer, so a server's write would wait for its client's read and timings would come out wrong.
package memnet
