// Package assertions judges a timeline. Each file holds one expectation, which is a Gomega
// matcher as well.
//
//	Timeline ──▶ premises ──▶ expectations ──▶ Findings ──▶ Verdict
//
// A finding is passed, failed, unknown or skipped. Unknown means that the harness could not look,
// and never counts as passed. Skipped means that nobody can look: the goroutines of another process
// for instance. A failed expectation that is only advisory is partial, which counts as passed. The
// worst finding is the verdict: failed > unknown > partial > passed > skipped.
//
// Expectations read the timeline only, so a stored run can be judged again, with another limit
// for instance.
package assertions
