// Package target puts the engine of package failover under test. Like any other engine it gets only
// URLs, keys and an HTTP client.
//
//	failover.Policy ─┬─▶ Factory  ─▶ harness.Run    one scenario
//	                 ├─▶ Variants ─▶ campaign.Plan  many scenarios under many policies
//	shipped policies ─┴▶ Target   ─▶ cli.Main       the whole command
//
// In a test:
//
//	policy, err := failover.FindPolicy("recommended")
//	...
//	harness.Run(t, "heartbeat-only", target.Factory(policy)).Check(t)
package target
