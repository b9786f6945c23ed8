// Package timeline holds what was seen during one run, and nothing else.
//
// Everything left of the timeline acts (providers, the engine under test). Everything right of it
// is a pure function of it (assertions, reports):
//
//	fake providers ─┐
//	                ├──▶ Recorder ──▶ Timeline ──▶ queries, measures, JSON
//	the caller ─────┘
//
// A stored timeline can be judged and rendered again years later. So it also carries the few
// facts of the run that a judge needs: the chain of providers, the calls and the deadline.
//
// Order is meaningful within a lane only. Two lanes may have events at one instant, in either
// order.
package timeline
