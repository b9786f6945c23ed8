// Package archtest checks the dependencies between the packages of this repository.
//
//	timeline ◀─ fakeprovider ◀─┐                     failover ─▶ internal/strictyaml
//	    ▲            ▲          scenarios ◀─ harness ─▶ internal/memnet, internal/bubble
//	    └─ assertions ◀─────────┘   ▲          ▲
//	         ▲                    serve ◀─┐    │
//	         └─ reports ◀── campaign ◀── cli   │
//	                            └──────────────┘
//	failover/target ─▶ failover, campaign, harness
//	cmd ─▶ cli, campaign, targets, failover/target
//	targets ─▶ campaign, harness, harness/caller, internal/process        cli ─▶ targets
//
// A room is a folder with the packages below it. Each room lists the rooms that it may import, so
// that a new dependency is a decision and not an accident. External packages are banned one by one,
// each with a reason. The package has tests only.
package archtest
