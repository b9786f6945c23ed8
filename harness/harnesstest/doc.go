// Package harnesstest holds what tests of the harness, and of engines, start from.
//
//	Plain, NewPlain   the honest plain engine: net/http, no SDK; package caller reads its answers
//	Accept            what every harness.Target must keep, as one call in a test
//	wrong             engines that are wrong in one thing each, and what finds them
//
// Plain asks one provider after the other. It watches content rather than bytes, takes a stream
// without its terminal mark for a part, tells its caller when another provider starts over, and
// passes nearly the whole catalogue:
//
//	harness.Run(t, "heartbeat-only", harnesstest.Plain).Check(t)
//
// Somebody who writes a Target calls Accept first:
//
//	func TestTarget(t *testing.T) { harnesstest.Accept(t, newTarget) }
package harnesstest
