// Package campaign runs many scenarios against many engines, and counts the results.
//
//	Options, Variants ─▶ Plan ─▶ jobs ─▶ harness ─▶ runs, in order ─┬─▶ reports, as streams
//	names, globs, files          some side by side                  └─▶ Result: totals, failures
//	tags, limits, shards
//
// [Run] runs the catalogue as a Go test:
//
//	func TestCatalogue(t *testing.T) {
//		campaign.Run(t, newTarget, campaign.Options{Tags: "stall", Baseline: "baseline.txt"})
//	}
//
// Engines in other processes ([Variant.Outside]) run on the wall clock, many side by side.
// [Plan.Estimate] bounds how long that takes, and [Options.Resume] goes on after an interrupt. A
// plan first finds the shortest idle timer of each engine that meets heartbeats; see [Cadence].
//
// The command uses the other functions: [Select], [FilterTags], [NewPlan], [Plan.Execute],
// [Trials], [Patience] and [Compare]. The package knows no engine and no policy: a [Variant] brings
// a factory. It keeps failed runs in memory, and only totals of the others. A million runs
// therefore need no more memory than a thousand.
package campaign
