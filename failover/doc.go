// Package failover is a retry-and-fallback engine for streaming LLM calls: the engine that the scenarios drive
// unless another target is named.
//
// It calls providers through the vendors' official SDKs, watches their streams, retries, and walks a chain of
// fallbacks. Every behaviour is a knob of Policy, so that a reported bug, the fix that landed and the fix that was
// asked for are three policies of one engine.
//
// It imports nothing else of this project but internal/strictyaml, because it has to be tested the way a
// stranger's engine is.
package failover
