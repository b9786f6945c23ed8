// Package reports writes what came of the runs: pure writers over one Report.
//
//	Report{Summary, Runs} ─┬─▶ Text   for the person at the terminal or in a CI log
//	                       ├─▶ JSON   chaosrun.report/v1, for scripts, and enough to judge again
//	                       └─▶ JUnit  for the CI server
//
// The same Report always gives the same bytes.
package reports
