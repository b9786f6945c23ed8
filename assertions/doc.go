// Package assertions judges a timeline: one expectation per file, each of which is a Gomega matcher as well.
//
//	Timeline ──▶ premises ──▶ expectations ──▶ Findings ──▶ Verdict
//
// A finding is passed, failed or unknown; unknown means that nobody could look, and is never
// passed. The worst finding is the verdict: failed > unknown > passed.
//
// Expectations read the timeline only, so a stored run can be judged again, with another limit.
package assertions
