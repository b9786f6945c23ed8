// Package suite runs the whole catalogue against the built-in engine, in Ginkgo. It holds tests
// alone.
//
//	every scenario × every shipped policy   passes, or fails as the policy declares
//	every scenario × one wrong knob         fails: the scenario has teeth
//	the flagship by hand                    the specs to copy
//
// It knows package failover and the vendors' SDKs, which scenarios must not.
package suite
