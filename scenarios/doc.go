// Package scenarios defines the scenario format, and ships a catalogue of provider failures.
//
//	catalog/*.yaml ─▶ Load ─▶ Scenario{Providers, Calls, Limits, Expect} ─▶ harness
//	Go literals ────────────▶      │
//	                               └─ Validate: the same for both
//
// A scenario describes what the providers do (faults and scripts of package fakeprovider), which
// calls the caller makes, and what must hold (expectations of package assertions). The format is
// strict. A mistyped key, unit or name is an error with line, column, caret and suggestion. [Load]
// reports all errors of a file at once.
//
// scenario.schema.json describes the format to editors. It is generated from the structs of this
// package.
package scenarios

//go:generate go test -run TestSchema -update .
