// Package suite runs the whole catalogue against the built-in engine, with Ginkgo. It has
// tests only.
//
//	every scenario × every shipped policy   passes, or fails as the policy declares
//	every scenario × one wrong knob         fails: the scenario detects it
//	the flagship by hand                    specs to copy
//
// It imports package failover and the vendors' SDKs, which package scenarios must not.
package suite
