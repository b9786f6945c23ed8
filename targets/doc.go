// Package targets runs engines in other processes: gateways, workers and commands.
//
//	target file ─▶ Load ─▶ Target ─▶ Variants ─▶ campaign
//	                          │          └─ Factory: start, wait until ready, Call … , kill
//	                          └─ Install
//
// A target file says in YAML how an engine is installed, started and called. The folders beside
// this file are the engines that ship: one each, with its target file, its worker if it is a
// library, and a lock.
package targets
