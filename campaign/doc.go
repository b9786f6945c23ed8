// Package campaign runs many scenarios against many engines, and keeps the account.
//
//	Options, Variants ─▶ Plan ─▶ jobs, one by one ─▶ harness ─▶ runs, in order ─┬─▶ reports, as streams
//	names, globs, files          some side by side                             └─▶ Result: totals, failures, slowest
//	tags, limits, shards
//
// [Run] is the whole catalogue as one Go test:
//
//	func TestCatalogue(t *testing.T) {
//		campaign.Run(t, newTarget, campaign.Options{Tags: "stall", Known: "testdata/known.txt"})
//	}
//
// The command uses the same parts: [Select], [FilterTags], [NewPlan], [Plan.Execute], [Trials],
// [Patience] and [Compare]. A campaign knows no engine and no policy: it takes a [Variant] with a
// factory. It holds the runs that failed and totals of the rest, so that a million runs take no
// more memory than a thousand.
package campaign
