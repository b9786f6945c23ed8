// Command chaosrun proves that LLM failover works: it plays scenarios of failing providers against
// a retry and fallback engine and judges what the caller got.
//
//	chaosrun run                     the whole catalogue against the built-in engine
//	chaosrun reproduce 22277         a reported bug beside its fixes
//	chaosrun exec healthy -- pytest  your tests against a scenario's providers
//	chaosrun serve heartbeat-only    its providers, for an engine in another process
//	chaosrun list scenarios          what there is
//	chaosrun explain heartbeat-only  what one of them is, and why
//	chaosrun check my.yaml           is my file right?
//
// Exit codes: 0 passed, 1 failed, 3 unknown or nothing ran, 4 passed but a report could not be
// written, 64 bad usage, 65 a file is wrong, 70 the harness itself failed, 130 interrupted.
package main
