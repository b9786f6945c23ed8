// Package archtest holds the walls between the rooms: which package may import which, and why.
//
//	timeline ◀─ fakeprovider ◀─┐                     failover ─▶ internal/strictyaml
//	    ▲            ▲          scenarios ◀─ harness ─▶ internal/memnet, internal/bubble
//	    └─ assertions ◀─────────┘   ▲          ▲
//	         ▲                    serve ◀─┐    │
//	         └─ reports ◀── campaign ◀── cli   │
//	                            └──────────────┘
//	failover/target ─▶ failover, campaign, harness        cmd ─▶ everything
//
// Each room lists what of ours it may import, so that a new arrow is a decision and not an
// accident. Packages of others are banned one by one, each with its reason. There is no code here
// outside the test.
package archtest
