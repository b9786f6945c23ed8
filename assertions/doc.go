// Package assertions judges a timeline. Each file holds one expectation, which is a Gomega
// matcher as well.
//
//	Timeline ──▶ premises ──▶ expectations ──▶ Findings ──▶ Verdict
//
// A finding is passed, failed or unknown. Unknown means that the harness could not look, and
// never counts as passed. The worst finding is the verdict: failed > unknown > passed.
//
// Expectations read the timeline only, so a stored run can be judged again, with another limit
// for instance.
package assertions
