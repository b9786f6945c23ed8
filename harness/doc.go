// Package harness runs a scenario against an engine and judges what happened.
//
//	scenario ─▶ Run ─▶ ┌ world (virtual, wall or accelerated) ┐ ─▶ Trial{Timeline, Judgement}
//	factory  ─▶        │ fake providers ◀── engine under test │
//	                   └──────────────────────────────────────┘
//
// The engine is built inside the world, by a [Factory], and reaches the fake providers through the
// [Lab]'s HTTP client. Only data leaves the world: the [Trial] is judged outside.
//
//	func TestFallsBack(t *testing.T) {
//		harness.Run(t, "heartbeat-only", newTarget).Check(t)
//	}
//
// An engine in another process is a Target too: see [WithOutside]. Its run is on the wall clock,
// and may begin with healthy calls. [WithContext] interrupts a run.
//
// Package [github.com/chaosrun/chaosrun/harness/harnesstest] has an engine to start from, and
// checks that a [Target] keeps what this package expects of it. docs/WRITING_A_TARGET.md shows a
// whole target.
package harness
