// Package reports writes the results of runs in several forms.
//
//	Report{Summary, Runs} ─┬─▶ Text   for people, at a terminal or in a CI log
//	                       ├─▶ JSON   chaosrun.report/v1, for scripts, and enough to judge again
//	                       ├─▶ JUnit  for the CI server
//	                       └─▶ SVG    a picture of the lanes
//
// The writers are deterministic: the same [Report] gives the same bytes. A [Stream] writes a report
// run by run, so that a campaign need not keep its runs in memory.
package reports
