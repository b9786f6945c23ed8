// Package harness runs one scenario against one engine and judges what was seen.
//
//	scenario ─▶ Run ─▶ ┌ world (virtual, wall or accelerated) ┐ ─▶ Trial{Timeline, Findings, Verdict}
//	factory  ─▶        │ fake providers ◀── engine under test │
//	                   └──────────────────────────────────────┘
//
// Only data leaves the world: the engine is built inside it, and judged outside.
package harness
